// How do the code and the Dockerfile of an image get into the pod that builds it?
import { mkdir, readdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodeUnusable, type BuildOrder } from '#storage';
import { bringCode } from './bring.ts';

const largestBytes = 1024 * 1024;

/** Throws `CodeUnusable` for what is wrong with the code itself: it fails whoever is to be built of it. */
export async function bringBuild(order: BuildOrder): Promise<void> {
  process.umask(0); // the builder is another user
  await mkdir(order.run, { recursive: true });
  await mkdir(order.notes, { recursive: true });
  await bringCode(order);
  const code = await realpath(join(order.run, 'code'));
  await inCode(code, 'build.context', order.context, 'isDirectory');
  const docker = join(order.run, 'docker');
  await mkdir(docker, { recursive: true });
  for (const [name, text] of Object.entries(order.files)) await put(join(docker, name), text);
  await put(join(docker, 'Dockerfile'), [await beginning(code, order), ...order.lines, ''].join('\n'));
}

async function beginning(code: string, { base }: BuildOrder): Promise<string> {
  if ('image' in base) return `FROM ${base.image}`;
  const file = await inCode(code, 'build.dockerfile', base.dockerfile, 'isFile');
  if ((await stat(file)).size > largestBytes) throw new CodeUnusable(`build.dockerfile: ${base.dockerfile} is larger than 1 MiB`);
  return readFile(file, 'utf8');
}

/** Links may lead to another place of the code, and nowhere else. */
async function inCode(code: string, section: string, path: string, is: 'isFile' | 'isDirectory'): Promise<string> {
  const what = is === 'isFile' ? 'file' : 'folder';
  const place = await realpath(join(code, path)).catch(() => undefined);
  if (place === undefined || !(await stat(place))[is]()) {
    const there = (await readdir(code)).sort();
    const told = there.length === 0 ? 'there is nothing in it' : `at its top are ${there.slice(0, 20).join(', ')}${there.length > 20 ? ' ...' : ''}`;
    throw new CodeUnusable(`${section}: there is no ${what} ${path} in the code; ${told}; name it from there, or send the code that has it (restart -u)`);
  }
  if (place !== code && !place.startsWith(`${code}/`)) throw new CodeUnusable(`${section}: ${path} is a link that leads out of the code`);
  return place;
}

async function put(file: string, text: string): Promise<void> {
  await writeFile(`${file}.part`, text);
  await rename(`${file}.part`, file);
}
