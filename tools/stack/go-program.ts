// How does a program get onto this machine, once, with nothing but Go?
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { componentFolder, provideOnce } from './cache.ts';
import { CannotProvide, run, type Tell } from './program.ts';

/** What `go install` can build. */
export interface GoProgram {
  readonly name: string;
  readonly version: string;
  readonly module: string;
  readonly provideWith: string;
}

/** One package at a time. */
const goFlags = '-buildvcs=false -p=1 -modcacherw';

export function programOf({ name, version }: GoProgram): string {
  return join(componentFolder(name, version), name);
}

export function isProvided(program: GoProgram): boolean {
  return existsSync(programOf(program));
}

/** Quick when it is there. What Go downloads and compiles on the way (up to 4 GB) is deleted at the end. */
export async function provide({ name, version, module }: GoProgram, tell: Tell): Promise<void> {
  await provideOnce(componentFolder(name, version), async (into, scratch) => {
    tell(`building ${name} ${version}; this takes some minutes, once ...`);
    const folder = (part: string): string => join(scratch, part);
    await mkdir(folder('tmp'));
    await go(['install', '-trimpath', '-ldflags', '-s -w', `${module}@${version}`], {
      CGO_ENABLED: '0', GOBIN: folder('bin'), GOFLAGS: goFlags, GOTOOLCHAIN: 'local', GOMODCACHE: folder('modules'), GOCACHE: folder('compiled'), GOTMPDIR: folder('tmp'),
    });
    await rename(join(folder('bin'), basename(module)), join(into, name));
    tell(`${name} ${version} is there`);
  });
}

/** Behind everybody else: the machine may be busy with tests. */
async function go(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<void> {
  if (spawnSync('go', ['version']).status !== 0) throw new CannotProvide('Go is not installed: install Go 1.24 or newer (go.dev/dl)');
  await run('nice', ['-n', '10', 'go', ...args], { env: { ...process.env, ...environment } });
}
