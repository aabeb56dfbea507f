// Which ports may the platform listen on, and who has the one it wants?
import { randomInt } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { CannotStart } from './cannot-start.ts';

/** Below the range from which systems give ports to outgoing connections: one of those must not sit on the port of a service that is just starting again. */
const chosenFrom = { min: 20_000, max: 32_000 };

/** Free ports of 127.0.0.1, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries += 1) {
    if (tries > 1000) throw new CannotStart(`there are no free ports from ${chosenFrom.min} to ${chosenFrom.max}`, 'end some programs that listen there');
    const port = randomInt(chosenFrom.min, chosenFrom.max);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

/** Refused before anything is started when somebody else has it. */
export async function portOfGateway(wanted: number): Promise<number> {
  if (wanted === 0) return (await freePorts(1))[0] as number;
  try {
    await listen(wanted);
    return wanted;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new CannotStart(`port ${wanted} is taken by ${await whoHas(wanted)}`, `choose another: POLYAXON_PORT=${await nextFree(wanted)} npm start`);
    if (code === 'EACCES') throw new CannotStart(`this user may not listen on port ${wanted}`, 'choose one from 1024: POLYAXON_PORT=8000 npm start');
    throw error;
  }
}

export function isFree(port: number): Promise<boolean> {
  return listen(port).then(() => true, () => false);
}

function listen(port: number): Promise<void> {
  return new Promise((done, failed) => {
    const server = createServer().once('error', failed);
    server.listen(port, '127.0.0.1', () => server.close(() => done()));
  });
}

async function nextFree(taken: number): Promise<number> {
  let port = taken < 65_000 ? taken + 1 : 8000;
  while (!(await isFree(port))) port += 1;
  return port;
}

/** By what Linux tells of processes that this user may look at; elsewhere, and of others, it stays unknown. */
async function whoHas(port: number): Promise<string> {
  const sockets = await listeners(port);
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => ''))?.[1];
      if (inode && sockets.has(inode)) return `${(await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a program')).trim()} (pid ${pid})`;
    }
  }
  return 'another program';
}

/** Inodes of the sockets that listen on `port`: state 0A in the kernel's table, local address `hex:hex port`. */
async function listeners(port: number): Promise<ReadonlySet<string>> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')));
  const rows = tables.flatMap((table) => table.split('\n').slice(1)).map((line) => line.trim().split(/\s+/));
  return new Set(rows.filter(([, local, , state]) => state === '0A' && local?.endsWith(suffix)).map((row) => row[9] as string));
}
