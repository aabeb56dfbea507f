// How is a Docker engine of a test's own started, used and taken away again?
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CannotProvide, run, type Tell } from '../program.ts';

export interface Engine {
  /** With it `docker` and `docker-compose` speak to this engine. */
  readonly environment: NodeJS.ProcessEnv;
  docker(...args: string[]): Promise<string>;
  /** Ends its containers, and takes away all it had. */
  stop(): Promise<void>;
}

const answersWithinMs = 60_000;
const stopsWithinMs = 60_000;
const waitsForTheOtherMs = 900_000;

/** Two engines on one machine would take away each other's rules of the network: the second one waits. */
export async function startEngine(tell: Tell): Promise<Engine> {
  const turn = await takeTurn(tell);
  const folder = await mkdtemp(join(tmpdir(), 'polyaxon-docker-')); // short: sockets below it have at most 108 characters
  const path = (name: string): string => join(folder, name);
  const rules = withoutClusters(await run('iptables-save', []).catch(() => ''));
  await writeFile(path('daemon.json'), '{}');
  const log = openSync(path('log'), 'w');
  const options = ['--config-file', path('daemon.json'), '--data-root', path('data'), '--exec-root', path('exec'), '--pidfile', path('pid'), '--host', `unix://${path('socket')}`];
  // The kernel asks it to leave when whoever started it is gone, so that nothing is left behind by a `kill -9`.
  const daemon = spawn('setpriv', ['--pdeathsig', 'TERM', 'dockerd', ...options, '--bridge', 'none', '--log-level', 'warn'], { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const exited = new Promise<void>((done) => daemon.once('exit', () => done()).once('error', () => done()));
  const environment = { ...process.env, DOCKER_HOST: `unix://${path('socket')}`, DOCKER_BUILDKIT: '0', COMPOSE_DOCKER_CLI_BUILD: '0', DOCKER_CONFIG: path('config') };
  const docker = (...args: string[]): Promise<string> => run('docker', args, { env: environment });
  const stop = async (): Promise<void> => {
    await end(daemon, exited);
    await run('umount', [path('exec/netns/default')]).catch(() => ''); // it had none
    await rm(folder, { recursive: true, force: true });
    if (rules) await restore(rules);
    await new Promise((done) => turn.close(done));
  };
  try {
    await answering(daemon, docker, path('log'));
  } catch (error) {
    await stop();
    throw error;
  }
  return { environment, docker, stop };
}

/** A test cluster that is there now may be gone when these are restored; one that isn't lays its own anew. */
const withoutClusters = (rules: string): string => rules.split('\n').filter((line) => !/KUBE-|PXK\d+-SERVICES| pxk\d+ /.test(line)).join('\n');

/** A name in the kernel, free the moment its process is gone. */
async function takeTurn(tell: Tell): Promise<Server> {
  for (const deadline = performance.now() + waitsForTheOtherMs; ; await pause(500)) {
    const server = createServer((connection) => connection.destroy());
    const error = await new Promise<NodeJS.ErrnoException | undefined>((done) => server.once('error', done).listen('\0polyaxon-docker-engine', () => done(undefined)));
    if (!error) return server.unref();
    if (error.code !== 'EADDRINUSE') throw error;
    if (performance.now() > deadline) throw new CannotProvide('another Docker engine of the tests has been running for 15 minutes: end that one');
    tell('waiting for another Docker engine of the tests to end ...');
    await pause(10_000);
  }
}

async function answering(daemon: ChildProcess, docker: Engine['docker'], log: string): Promise<void> {
  let failure: Error | undefined;
  daemon.once('error', (error) => (failure = error));
  for (const deadline = performance.now() + answersWithinMs; ; await pause(100)) {
    const error = await docker('version').then(() => undefined, (reason: Error) => reason);
    if (!error) return;
    const isGone = failure !== undefined || daemon.exitCode !== null || daemon.signalCode !== null;
    if (isGone || performance.now() > deadline) throw new CannotProvide(`the Docker engine did not start: ${failure?.message ?? readFileSync(log, 'utf8').trim().split('\n').slice(-5).join(' | ')}`);
  }
}

async function end(daemon: ChildProcess, exited: Promise<void>): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  daemon.kill('SIGTERM');
  const timer = setTimeout(() => daemon.kill('SIGKILL'), stopsWithinMs);
  await exited;
  clearTimeout(timer);
}

/** As they were found: an engine closes the machine to what it would pass on, and leaves it so. */
async function restore(rules: string): Promise<void> {
  const child = spawn('iptables-restore', [], { stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end(rules);
  await new Promise((done) => child.once('exit', done).once('error', done));
}
