// How does an S3 server get onto this machine, once, with nothing but Go?
import { spawn } from 'node:child_process';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { componentFolder, provideOnce } from '../cache.ts';
import type { GoProgram } from './servers.ts';

/** One package at a time and behind everybody else: the machine may be busy with tests. */
const goFlags = '-buildvcs=false -p=1 -modcacherw';

export class CannotProvide extends Error {
  override readonly name = 'CannotProvide';
}

/** Quick when it is there. What Go downloads and compiles on the way (up to 4 GB) is deleted at the end. */
export async function provide(kind: GoProgram, tell: (line: string) => void): Promise<void> {
  await provideOnce(componentFolder(kind.name, kind.version), async (into, scratch) => {
    tell(`building ${kind.name} ${kind.version}; this takes some minutes, once ...`);
    const folder = (name: string): string => join(scratch, name);
    await mkdir(folder('tmp'));
    await go(['install', '-trimpath', '-ldflags', '-s -w', `${kind.module}@${kind.version}`], {
      CGO_ENABLED: '0', GOBIN: folder('bin'), GOFLAGS: goFlags, GOTOOLCHAIN: 'local', GOMODCACHE: folder('modules'), GOCACHE: folder('compiled'), GOTMPDIR: folder('tmp'),
    });
    await rename(join(folder('bin'), kind.name), join(into, kind.name));
    tell(`${kind.name} ${kind.version} is there`);
  });
}

async function go(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn('nice', ['-n', '10', 'go', ...args], { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const stop = (): void => void child.kill();
  process.once('exit', stop);
  const end = await new Promise<number | string | null>((done) => child.once('error', ({ message }) => done(message)).once('close', (code, signal) => done(code ?? signal)));
  process.removeListener('exit', stop);
  if (end === 127) throw new CannotProvide('Go is not installed: install Go 1.24 or newer (go.dev/dl)');
  if (end !== 0) throw new CannotProvide(`go ${args[0]} failed (${end}):\n${said}`);
}
