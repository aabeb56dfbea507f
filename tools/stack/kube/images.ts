// Which images do the nodes of a test cluster have, where nothing can be pulled?
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs';
import { copyFile, cp, link, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { componentFolder, provideOnce } from '../cache.ts';
import { run } from '../program.ts';
import { programOf, rootFile } from './provide.ts';

export const pauseImage = 'polyaxon.test/pause:test';
/** Python 3 and a shell, for programs of experiments. */
export const pythonImage = 'polyaxon.test/python:test';
/** Node and the compiled platform, below /opt/platform. */
export const platformImage = 'polyaxon.test/platform:test';

interface Image {
  readonly name: string;
  /** Tars of what is laid over each other. */
  readonly layers: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A tar of all three, as `ctr image import` takes it; `platform` is a clone that was built. */
export async function makeImages(folder: string, platform: string): Promise<string> {
  const made = join(folder, 'images');
  await mkdir(made, { recursive: true });
  const [pause, programs] = [join(made, 'pause.tar'), join(made, 'platform.tar')];
  await run('tar', ['--create', '--owner=0', '--group=0', '--file', pause, '--directory', join(programOf('pause'), '..'), 'pause']);
  await makePlatformLayer(programs, platform);
  const images: Image[] = [
    { name: pauseImage, layers: [pause], config: { Entrypoint: ['/pause'], User: '65535:65535' } },
    { name: pythonImage, layers: [rootFile()], config: { Cmd: ['python3'], Env: [path] } },
    { name: platformImage, layers: [rootFile(), await modulesLayer(platform), programs], config: { Cmd: ['node'], Env: [path, 'NODE_ENV=production'], WorkingDir: '/opt/platform', User: '1000:1000' } },
  ];
  return archiveOf(images, made);
}

/** What changes with every line that is written. */
async function makePlatformLayer(file: string, platform: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'polyaxon-layer-'));
  try {
    const into = join(scratch, 'opt/platform');
    await mkdir(into, { recursive: true });
    for (const name of ['package.json', 'polyaxon', 'deploy', 'clients', 'dist/apps', 'dist/libs', 'apps/scheduler/src/executors', 'apps/carrier']) {
      if (existsSync(join(platform, name))) await cp(join(platform, name), join(into, name), { recursive: true });
    }
    await run('tar', ['--create', '--owner=0', '--group=0', '--file', file, '--directory', scratch, '.']);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Imported by what runs in the pods of experiments, and by nothing that a service needs beyond. */
const imported = ['minio', 'tar', 'undici'] as const;

/** Node of this machine, and the packages that pods need; kept, since it changes with the lock file only. */
async function modulesLayer(platform: string): Promise<string> {
  const packages = packagesIn(platform, imported);
  const version = createHash('sha256').update(process.version).update(JSON.stringify(packages)).digest('hex').slice(0, 8);
  const folder = componentFolder('kube-modules', version);
  await provideOnce(folder, async (into, scratch) => {
    const root = join(scratch, 'layer');
    await mkdir(join(root, 'usr/local/bin'), { recursive: true });
    await copyFile(process.execPath, join(root, 'usr/local/bin/node'));
    for (const { place } of packages) await cp(join(platform, place), join(root, 'opt/platform', place), { recursive: true });
    await run('tar', ['--create', '--owner=0', '--group=0', '--file', join(into, 'layer.tar'), '--directory', root, '.']);
  });
  return join(folder, 'layer.tar');
}

interface Package {
  readonly place: string;
  readonly version: string;
}

/** With all that they need, by the lock file. */
function packagesIn(platform: string, roots: readonly string[]): Package[] {
  const { packages } = JSON.parse(readFileSync(join(platform, 'package-lock.json'), 'utf8')) as { packages: Record<string, { version: string; dependencies?: Record<string, string> }> };
  const found = new Map<string, Package>();
  const add = (from: string, name: string): void => {
    const above = from.split('/node_modules/').map((_, n, parts) => `${parts.slice(0, parts.length - n).join('/node_modules/')}/node_modules/${name}`);
    const place = [...above, `node_modules/${name}`].find((one) => packages[one] !== undefined);
    if (place === undefined || found.has(place)) return;
    const { version, dependencies = {} } = packages[place]!;
    found.set(place, { place, version });
    for (const dependency of Object.keys(dependencies)) add(place, dependency);
  };
  for (const name of roots) add('', name);
  return [...found.values()].sort((one, other) => (one.place < other.place ? -1 : 1));
}

/** As `docker save` writes it; a layer is linked where the disk can do that. */
async function archiveOf(images: readonly Image[], folder: string): Promise<string> {
  const scratch = join(folder, 'archive');
  await mkdir(scratch, { recursive: true });
  const manifest: object[] = [];
  for (const { name, layers, config } of images) {
    const ids = await Promise.all(layers.map((layer) => digestOf(layer)));
    for (const [n, id] of ids.entries()) await place(layers[n]!, join(scratch, `${id}.tar`));
    const text = JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      config,
      rootfs: { type: 'layers', diff_ids: ids.map((id) => `sha256:${id}`) },
    });
    const configFile = `${createHash('sha256').update(text).digest('hex')}.json`;
    await writeFile(join(scratch, configFile), text);
    manifest.push({ Config: configFile, RepoTags: [name], Layers: ids.map((id) => `${id}.tar`) });
  }
  await writeFile(join(scratch, 'manifest.json'), JSON.stringify(manifest));
  const file = join(folder, 'images.tar');
  await run('tar', ['--create', '--file', `${file}.part`, '--directory', scratch, '.']);
  await rename(`${file}.part`, file);
  await rm(scratch, { recursive: true });
  return file;
}

/** Written down beside a layer that is kept: it is hundreds of megabytes. */
async function digestOf(layer: string): Promise<string> {
  const note = `${layer}.sha256`;
  const isNoteTrue = existsSync(note) && (await stat(note)).mtimeMs >= (await stat(layer)).mtimeMs;
  if (isNoteTrue) return readFileSync(note, 'utf8');
  const hash = createHash('sha256');
  await pipeline(createReadStream(layer), hash);
  const digest = hash.digest('hex');
  await writeFile(note, digest);
  return digest;
}

async function place(from: string, to: string): Promise<void> {
  if (existsSync(to)) return;
  await link(from, to).catch(() => pipeline(createReadStream(from), createWriteStream(to)));
}
