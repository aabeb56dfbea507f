// With which images is docker-compose.yml tried where nothing can be pulled?
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { copyFile, cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { programOf } from '../go-program.ts';
import { inClone } from '../in-clone.ts';
import { kafkaFolder, kafkaVersions } from '../kafka/provide.ts';
import { CannotProvide, run, type Tell } from '../program.ts';
import { versitygw } from '../s3/servers.ts';
import type { Engine } from './engine.ts';

const [kafkaVersion] = kafkaVersions;
const images = { node: 'node:20-bookworm-slim', postgres: 'postgres:17-bookworm', kafka: `apache/kafka:${kafkaVersion}`, store: `ghcr.io/versity/versitygw:${versitygw.version}` } as const;
type ImageName = keyof typeof images;

/** Under the names of the official ones, whose settings they honour as far as our compose file uses them. */
export const standInNames: readonly string[] = Object.values(images);

/** Changes when what they are made from does. */
export function standInsVersion(): string {
  const hash = createHash('sha256').update(`${process.version} ${kafkaVersion} ${versitygw.version}`);
  for (const name of Object.keys(images)) {
    const folder = join(inClone('tools/stack/docker/images'), name);
    for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  }
  return hash.digest('hex').slice(0, 8);
}

export async function buildStandIns(engine: Engine, scratch: string, tell: Tell): Promise<void> {
  for (const [name, tag] of Object.entries(images) as [ImageName, string][]) {
    const context = join(scratch, name);
    await cp(join(inClone('tools/stack/docker/images'), name), context, { recursive: true });
    await more[name](context);
    await run('docker', ['build', '--network', 'host', '--tag', tag, context], { env: engine.environment, tell, what: `making ${tag}` });
  }
}

/** What a recipe copies that isn't beside it. */
const more: Readonly<Record<ImageName, (context: string) => Promise<void>>> = {
  async node(context) {
    await mkdir(join(context, 'bin'));
    await copyFile(process.execPath, join(context, 'bin/node'));
    await run('cp', ['-r', npmFolder(), join(context, 'npm')]);
    await copyFile('/etc/ssl/certs/ca-certificates.crt', join(context, 'ca-certificates.crt'));
  },
  async postgres() {
    // Debian has all of it
  },
  async kafka(context) {
    await run('cp', ['-r', kafkaFolder(kafkaVersion), join(context, 'libs')]);
  },
  async store(context) {
    await mkdir(join(context, 'bin'));
    await copyFile(programOf(versitygw), join(context, 'bin/versitygw'));
  },
};

/** Beside the Node that runs this. */
function npmFolder(): string {
  const places = [join(dirname(realpathSync(process.execPath)), '../lib/node_modules/npm'), '/usr/share/nodejs/npm'];
  const found = places.find((place) => existsSync(join(place, 'bin/npm-cli.js')));
  if (!found) throw new CannotProvide(`there is no npm beside ${process.execPath}`);
  return found;
}
