// What does this machine need to try docker-compose.yml on a Docker engine of its own, and how does it get there?
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { componentFolder, provideOnce } from '../cache.ts';
import { installPackages, makeDebian } from '../debian.ts';
import { provide } from '../go-program.ts';
import { kafkaVersions, missingForKafka, provideKafka } from '../kafka/provide.ts';
import type { Tell } from '../program.ts';
import { versitygw } from '../s3/servers.ts';
import { startEngine } from './engine.ts';
import { buildStandIns, standInNames, standInsVersion } from './stand-ins.ts';

/** Of Debian; each stands for the package it is in. */
const programs = { dockerd: 'docker.io', docker: 'docker.io', 'docker-compose': 'docker-compose', iptables: 'iptables', debootstrap: 'debootstrap' } as const;
const packages = [...new Set(Object.values(programs))].join(' ');
const [kafkaVersion] = kafkaVersions;

const baseFolder = componentFolder('debian-base', 'bookworm-1');
const standInsFolder = (): string => componentFolder('docker-images', standInsVersion());
/** As `docker load` takes them. */
export const standInsFile = (): string => join(standInsFolder(), 'images.tar');

/** What keeps a test from using an engine of its own here; undefined: nothing. */
export function missingForDocker(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'a Docker engine of its own needs Linux, and root';
  if (missingPrograms().length > 0) return `a Docker engine needs programs of Debian's: apt-get install --no-install-recommends ${packages}`;
  return missingForKafka(kafkaVersion) ?? (existsSync(standInsFile()) ? undefined : 'the images of Docker are not here: npm run stack -- docker');
}

/** Minutes, once. Nothing is pulled: what the compose file names is made from Debian's packages, from this machine's Node, from Kafka's jars and from the source of versitygw. */
export async function provideDocker(tell: Tell): Promise<void> {
  if (missingPrograms().length > 0) await installPackages(packages.split(' '), missingForDocker() ?? '', tell);
  await provideKafka(kafkaVersion, tell);
  if (existsSync(standInsFile())) return;
  await provide(versitygw, tell);
  await provideOnce(baseFolder, (into, scratch) => makeDebian(join(into, 'root.tar'), scratch, ['ca-certificates', 'libstdc++6'], tell));
  await provideOnce(standInsFolder(), async (into, scratch) => {
    tell('making images of Node, Postgres, Kafka and versitygw; this takes some minutes, once ...');
    const engine = await startEngine(tell);
    try {
      await engine.docker('import', join(baseFolder, 'root.tar'), 'debian:bookworm-slim');
      await buildStandIns(engine, scratch, tell);
      await engine.docker('save', '--output', join(into, 'images.tar'), ...standInNames);
    } finally {
      await engine.stop();
    }
    tell('the images are there');
  });
}

const missingPrograms = (): string[] => Object.keys(programs).filter((name) => spawnSync('sh', ['-c', 'command -v "$0"', name]).status !== 0);
