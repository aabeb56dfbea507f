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
  /** What else is taken along of the sources, before they are deleted; `modules` is where Go has put them. */
  readonly keep?: (modules: string, into: string) => Promise<void>;
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
export async function provide({ name, version, module, keep }: GoProgram, tell: Tell): Promise<void> {
  await provideOnce(componentFolder(name, version), async (into, scratch) => {
    tell(`building ${name} ${version}; this takes some minutes, once ...`);
    await go(['install', '-trimpath', '-ldflags', '-s -w', `${module}@${version}`], await goEnvironment(scratch));
    await rename(join(scratch, 'bin', basename(module)), join(into, name));
    await keep?.(join(scratch, 'modules'), into);
    tell(`${name} ${version} is there`);
  });
}

/** All that Go downloads and compiles goes below `scratch`, and its programs to `bin` there. */
export async function goEnvironment(scratch: string): Promise<Readonly<Record<string, string>>> {
  const folder = (part: string): string => join(scratch, part);
  await mkdir(folder('tmp'));
  return { CGO_ENABLED: '0', GOBIN: folder('bin'), GOFLAGS: goFlags, GOTOOLCHAIN: 'local', GOMODCACHE: folder('modules'), GOCACHE: folder('compiled'), GOTMPDIR: folder('tmp') };
}

/** Behind everybody else: the machine may be busy with tests. */
export async function go(args: readonly string[], environment: Readonly<Record<string, string>>, options: { readonly cwd?: string; readonly tell?: Tell; readonly what?: string } = {}): Promise<void> {
  if (spawnSync('go', ['version']).status !== 0) throw new CannotProvide('Go is not installed: install Go 1.24 or newer (go.dev/dl)');
  await run('nice', ['-n', '10', 'go', ...args], { ...options, env: { ...process.env, ...environment } });
}
