// How is a real Kafka started and stopped as a plain process?
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { makeCertificates, type Certificates } from './certificates.ts';
import { kafkaFolder, KafkaUnavailable, type KafkaVersion } from './provide.ts';

export interface Broker {
  /** `host:port` for clients. */
  readonly address: string;
  readonly pid: number;
  /** Of a secured one: who may come in, and whom clients trust. */
  readonly credentials?: Credentials;
  /** Resolves when the process is gone, asked for or not. */
  readonly exited: Promise<void>;
  /** Flushes and exits; bounded to 20 s. */
  stop(): Promise<void>;
}

export interface Credentials extends Certificates {
  readonly username: string;
  readonly password: string;
}

export interface BrokerOptions {
  /** Of its data and its log, made when it isn't there. Whoever starts one here ends the former one. */
  readonly folder: string;
  readonly version: KafkaVersion;
  /** 0: any free one. */
  readonly port?: number;
  /** `host:port` that clients are sent to, when the way to it is another. */
  readonly advertised?: string;
  /** Clients must come with TLS and name and password (PLAIN or SCRAM-SHA-512); `mutual`: with TLS and a certificate of their own. */
  readonly security?: 'sasl' | 'mutual';
  /** With `sasl`: more names with their passwords, by PLAIN. They may do what they are given rights to; the one in `credentials` may do everything. */
  readonly principals?: Readonly<Record<string, string>>;
}

const answersWithinMs = 90_000;
const stopsWithinMs = 20_000;
const logFile = 'kafka.log';
const credentialsOf = (certificates: Certificates): Credentials => ({ ...certificates, username: 'polyaxon', password: 'polyaxon-secret' });

/** KRaft: broker and controller in one process, which dies with whoever started it where the system can do that. Data survive it. */
export async function startKafka({ folder, version, port = 0, advertised, security, principals }: BrokerOptions): Promise<Broker> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await endFormer(folder);
  const [client, controller, internal] = await freePorts(port);
  const credentials = security && credentialsOf(await makeCertificates(join(folder, 'certificates')));
  const properties = join(folder, 'server.properties');
  const elsewhere = advertised && { 'advertised.listeners': `PLAINTEXT://${advertised}` };
  await writeFile(properties, lines({ ...settings(folder, client, controller), ...elsewhere, ...(credentials && secured(credentials, [client, internal, controller], security, principals)) }), { mode: 0o600 });
  if (!existsSync(join(folder, 'data/meta.properties'))) await format(folder, version, properties, credentials);

  const log = openSync(join(folder, logFile), 'w', 0o600);
  const [program = 'java', ...args] = [...untilParentDies(), 'java', ...javaOptions, '-Xmx512m', '-cp', classPath(version), 'kafka.Kafka', properties];
  const server = spawn(program, args, { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()).once('error', () => resolve()));
  await answering(server, client, folder);
  await writeFile(join(folder, 'kafka.pid'), String(server.pid), { mode: 0o600 });
  const address = `${security ? 'localhost' : '127.0.0.1'}:${client}`;
  return { address, pid: server.pid as number, exited, stop: () => stop(server, exited), ...(credentials && { credentials }) };
}

/** Small and quick to start rather than fast under load. */
const javaOptions = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
const classPath = (version: KafkaVersion) => join(kafkaFolder(version), '*');

function settings(folder: string, client: number, controller: number): Record<string, string | number> {
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${client}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 10,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'min.insync.replicas': 1,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': 'false',
    'log.cleaner.dedupe.buffer.size': 4 * 1024 * 1024,
    // One machine without a second copy: what was acknowledged is on the disk within a second of a power cut; a killed process loses nothing anyway.
    'log.flush.scheduler.interval.ms': 1000,
  };
}

type Ports = readonly [client: number, internal: number, controller: number];

function secured({ bundleFile, caFile, username, password }: Credentials, [client, internal, controller]: Ports, security: 'sasl' | 'mutual', principals: BrokerOptions['principals']): Record<string, string> {
  const protocol = security === 'sasl' ? 'SASL_SSL' : 'SSL';
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required ${Object.entries({ ...principals, [username]: password }).map(([name, secret]) => `user_${name}="${secret}"`).join(' ')};`;
  return {
    listeners: `CLIENT://127.0.0.1:${client},INTERNAL://127.0.0.1:${internal},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `CLIENT://localhost:${client},INTERNAL://127.0.0.1:${internal}`,
    'inter.broker.listener.name': 'INTERNAL',
    'listener.security.protocol.map': `CLIENT:${protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': bundleFile,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': caFile,
    'ssl.client.auth': security === 'mutual' ? 'required' : 'none',
    ...(security === 'sasl' && {
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
      'listener.name.client.plain.sasl.jaas.config': plain,
      'listener.name.client.scram-sha-512.sasl.jaas.config': scram,
    }),
    ...(principals && {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // Who comes by the listeners of broker and controller, which are on this machine alone, has no name.
      'super.users': `User:ANONYMOUS;User:${username}`,
      'allow.everyone.if.no.acl.found': 'false',
    }),
  };
}

const lines = (values: Record<string, string | number>) => Object.entries(values).map(([name, value]) => `${name}=${value}\n`).join('');

/** Formatted beside its place: an interrupted first start leaves nothing that looks like data. */
async function format(folder: string, version: KafkaVersion, properties: string, credentials: Credentials | undefined): Promise<void> {
  const [data, fresh] = [join(folder, 'data'), join(folder, 'data.new')];
  await rm(fresh, { recursive: true, force: true });
  await rm(data, { recursive: true, force: true });
  const target = join(folder, 'format.properties');
  await writeFile(target, (await readFile(properties, 'utf8')).replace(`log.dirs=${data}`, `log.dirs=${fresh}`), { mode: 0o600 });
  const scram = credentials ? ['--add-scram', `SCRAM-SHA-512=[name=${credentials.username},password=${credentials.password}]`] : [];
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const done = await run('java', [...javaOptions, '-cp', classPath(version), 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', target, ...scram]);
  if (done.code !== 0) throw new KafkaUnavailable(`Kafka could not lay out its data in ${folder}: ${lastLines(done.said)}`, 'look at the reason above');
  await rm(target);
  await rename(fresh, data);
}

/** The kernel ends it with the process that started it, so that nothing is left behind by a `kill -9`. */
function untilParentDies(): string[] {
  return process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0 ? ['setpriv', '--pdeathsig', 'KILL'] : [];
}

/** The one that was here is asked to leave, then made to: two on one folder would refuse each other. */
async function endFormer(folder: string): Promise<void> {
  const pid = Number(await readFile(join(folder, 'kafka.pid'), 'utf8').catch(() => ''));
  const isHere = () => Boolean(pid) && readCommand(pid).includes(join(folder, 'server.properties'));
  for (let waitedMs = 0; isHere(); waitedMs += 50) {
    if (waitedMs === 0 || waitedMs === stopsWithinMs) signal(pid, waitedMs === 0 ? 'SIGTERM' : 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await rm(join(folder, 'kafka.pid'), { force: true });
}

function readCommand(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it is gone already
  }
}

async function answering(server: ChildProcess, port: number, folder: string): Promise<void> {
  const said = () => lastLines(readFileSync(join(folder, logFile), 'utf8'));
  let failure: Error | undefined;
  server.once('error', (error) => (failure = error));
  for (const deadline = Date.now() + answersWithinMs; Date.now() < deadline; ) {
    if (failure || server.exitCode !== null || server.signalCode !== null) throw new KafkaUnavailable(`Kafka did not start: ${failure?.message ?? said()}`, `look into ${join(folder, logFile)}`);
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  server.kill('SIGKILL');
  throw new KafkaUnavailable(`Kafka did not answer within ${answersWithinMs / 1000} s: ${said()}`, `look into ${join(folder, logFile)}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => done(socket.destroy() !== undefined)).once('error', () => done(false));
  });
}

async function stop(server: ChildProcess, exited: Promise<void>): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGTERM');
  const timer = setTimeout(() => server.kill('SIGKILL'), stopsWithinMs);
  await exited;
  clearTimeout(timer);
}

/** Three of them; the first as wished. Taken at once, so that they differ. */
async function freePorts(first: number): Promise<[number, number, number]> {
  const servers = await Promise.all([first, 0, 0].map((port) => new Promise<Server>((done, failed) => {
    const server = createServer().once('error', failed).listen(port, '127.0.0.1', () => done(server));
  })));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports as [number, number, number];
}

function run(program: string, args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((done, failed) => child.once('error', failed).once('close', (code) => done({ code, said })));
}

const lastLines = (text: string) => text.trim().split('\n').slice(-4).join(' | ').slice(0, 1000);
