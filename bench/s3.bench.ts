// Is a copy within an S3 store, verified and told, as fast as the usual clients, which do neither?
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createEventStore, EventStore, openPool, startEmbeddedPostgres } from '#event-store';
import { openStorage, type FileTree } from '#storage';
import { anOrder, copyRequested } from '#testing';
import { isProvided, programOf } from '../tools/stack/go-program.ts';
import { mc, minio, versitygw, type ServerKind } from '../tools/stack/s3/servers.ts';
import { startS3Server, type S3Server } from '../tools/stack/s3/start.ts';
import { correct, median, timed, type BenchRow } from './result.ts';
import { inMemory, inScratch, type Undo } from './scratch.ts';

const run = promisify(execFile);
const rounds = 5;
const kibibyte = 1024;
const cases = [
  { name: '1,000 objects of 64 KiB', files: 1000, sizeBytes: 64 * kibibyte, goal: 1 },
  { name: '5,000 objects of 10 KiB', files: 5000, sizeBytes: 10 * kibibyte, goal: 1 },
  { name: '2 objects of 1 GiB', files: 2, sizeBytes: 1024 ** 3, goal: 1.1 },
];
const memoryGoalMb = 64;
const pieceBytes = 1024 ** 2;
/** By this name the service knows a folder as a store. */
const otherStore = 'folder';
const givenUpAfterMs = 600_000;
/** As the supervisor starts it. */
const flags = ['--max-old-space-size=512', '--max-semi-space-size=8'];
const main = fileURLToPath(new URL('../apps/storage-manager/src/main.js', import.meta.url));

export const bench = (): Promise<BenchRow[]> => benchOn(versitygw);
export const benchOnMinio = (): Promise<BenchRow[]> => benchOn(minio);

/** Everything in memory, also what the store and the database keep. Our time is that from the event that asks for a copy to the event that tells that it is complete. */
function benchOn(kind: ServerKind): Promise<BenchRow[]> {
  return inScratch(inMemory, async (folder, later) => {
    if (!isProvided(kind)) return [{ name: `S3 on ${kind.name}`, notRun: `provide it: ${kind.provideWith}` }];
    const server = await startS3Server(kind, { data: join(folder, 'store') });
    later(() => server.stop());
    const tree = await openStorage({ kind: 's3', ...settingsOf(server) });
    const peers = await peersOf(server, folder);
    if (peers.length === 0) return [{ name: `S3 on ${kind.name}`, notRun: `there is neither rclone (Debian's package) nor mc (${mc.provideWith})` }];
    await peers[0]!.makeBucket();
    const manager = await startStorageManager(server, folder, later);
    const idleMb = await manager.memoryMb('VmRSS');
    const rows: BenchRow[] = [];
    for (const one of cases) rows.push(await compare(kind.name, one, tree, manager, peers, join(folder, 'store')));
    const memory = (what: string, ours: number): BenchRow => ({
      name: `memory of the storage-manager at most, above idle, ${what} ${kind.name}`,
      peer: null,
      ours,
      theirs: null,
      ratio: null,
      goal: memoryGoalMb,
      bound: 'at most',
      unit: 'MB',
    });
    rows.push(memory('on', (await manager.memoryMb('VmHWM')) - idleMb));
    const between = await startStorageManager(server, join(folder, 'between'), later);
    const betweenIdleMb = await between.memoryMb('VmRSS');
    await thereAndBack(tree, between);
    return [...rows, memory('between a folder and', (await between.memoryMb('VmHWM')) - betweenIdleMb)];
  });
}

type Case = (typeof cases)[number];

async function compare(server: string, { name, files, sizeBytes, goal }: Case, tree: FileTree, manager: Manager, peers: readonly Peer[], store: string): Promise<BenchRow> {
  const source = anOrder(23).outputsPath;
  await fill(tree, source, files, sizeBytes);
  const right = await contentsOf(tree, source);
  const times = new Map<string, number[]>(['ours', ...peers.map((peer) => peer.name)].map((side) => [side, []]));
  const turn = async (side: string, target: string, copy: () => Promise<unknown>, isWarm: boolean) => {
    const ms = await timed(copy);
    const { files: there, sizeBytes: bytes } = await tree.usage(target);
    correct(`${side} copied everything`, there === files && bytes === files * sizeBytes);
    if (side === 'ours' && sizeBytes < pieceBytes) correct('each object is the same', (await contentsOf(tree, target)) === right);
    await tree.remove(target);
    await emptyTrash(store);
    if (isWarm) times.get(side)?.push(ms);
  };
  for (let round = 0; round <= rounds; round += 1) {
    const isWarm = round > 0;
    const id = (manager.copies += 1) + 100;
    await turn('ours', anOrder(id).outputsPath, () => manager.copy(id, files * sizeBytes), isWarm);
    for (const peer of peers) await turn(peer.name, 'theirs', () => peer.copy(source, 'theirs'), isWarm);
  }
  await tree.remove(source);
  const medians = peers.map((peer) => ({ peer, ms: median(times.get(peer.name) ?? []) })).sort((one, other) => one.ms - other.ms);
  const [best] = medians;
  const ours = median(times.get('ours') ?? []);
  const told = medians.map(({ peer, ms }) => `${peer.name} (${peer.version}) ${Math.round(ms)} ms`).join(', ');
  return { name: `S3 copy of ${name} on ${server}`, peer: told, ours, theirs: best!.ms, ratio: ours / best!.ms, goal, bound: 'at most', unit: 'ms' };
}

/** MinIO empties its trash bit by bit, later: nobody's copy is to wait for that of the one before, and memory has an end. */
async function emptyTrash(store: string): Promise<void> {
  const trash = join(store, 'objects/.minio.sys/tmp/.trash');
  for (const name of await readdir(trash).catch(() => [])) await rm(join(trash, name), { recursive: true, force: true });
}

/** Out of the store into a folder, and from there into the store again: every byte passes through the service. */
async function thereAndBack(tree: FileTree, manager: Manager): Promise<void> {
  const source = anOrder(23).outputsPath;
  const [files, sizeBytes] = [2, 1024 ** 3];
  await fill(tree, source, files, sizeBytes);
  await manager.copy(201, files * sizeBytes, { outputsStore: otherStore });
  await tree.remove(source);
  await manager.copy(202, files * sizeBytes, { sourceOutputsPath: anOrder(201).outputsPath, sourceOutputsStore: otherStore });
  await tree.remove(anOrder(202).outputsPath);
}

async function fill(tree: FileTree, folder: string, files: number, sizeBytes: number): Promise<void> {
  const numbers = Array.from({ length: files }, (_, file) => file);
  const fillSome = async (): Promise<void> => {
    for (let file = numbers.pop(); file !== undefined; file = numbers.pop()) {
      const piece = Buffer.alloc(Math.min(sizeBytes, pieceBytes), `checkpoint ${file} `);
      const content = sizeBytes === piece.length ? piece : Readable.from(Array.from({ length: sizeBytes / piece.length }, () => piece));
      await tree.write(`${folder}/${sizeBytes > pieceBytes ? `model-${file}.ckpt` : `samples/${file}.npy`}`, content);
    }
  };
  await Promise.all(Array.from({ length: sizeBytes > pieceBytes ? 1 : 8 }, fillSome));
}

async function contentsOf(tree: FileTree, folder: string): Promise<string> {
  const found: string[] = [];
  for await (const { path, sizeBytes, version } of tree.list(folder)) found.push(`${path} ${sizeBytes} ${version}`);
  return found.join('\n');
}

interface Manager {
  copies: number;
  copy(experimentId: number, bytes: number, change?: Parameters<typeof copyRequested>[1]): Promise<void>;
  memoryMb(field: 'VmRSS' | 'VmHWM'): Promise<number>;
}

/** The service itself, which hears of its work from the event store and tells what came of it there. */
async function startStorageManager(server: S3Server, folder: string, later: (undo: Undo) => void): Promise<Manager> {
  await mkdir(join(folder, otherStore), { recursive: true });
  const stores = join(folder, 'stores.json');
  await writeFile(stores, JSON.stringify({ [otherStore]: { url: join(folder, otherStore) } }));
  const database = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
  later(() => database.stop());
  const pool = openPool(database.url, { name: 'bench' });
  later(() => pool.end());
  await createEventStore(pool);
  const store = new EventStore(pool);
  const { endpoint, bucket, prefix, credentials } = settingsOf(server);
  const env = {
    PATH: process.env.PATH, MALLOC_ARENA_MAX: '2', POLYAXON_DATABASE_URL: database.url, POLYAXON_INTERNAL_TOKEN: 'bench', POLYAXON_LOG_LEVEL: 'warn', POLYAXON_OUTPUTS_ROOT: folder, POLYAXON_STORES_FILE: stores,
    POLYAXON_OUTPUTS_STORE: `s3://${bucket}/${prefix}`, POLYAXON_S3_ENDPOINT: endpoint, POLYAXON_S3_ACCESS_KEY: credentials.accessKey, POLYAXON_S3_SECRET_KEY: credentials.secretKey,
  };
  const service = spawn(process.execPath, [...flags, main], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const gone = once(service, 'exit');
  later(async () => {
    service.kill('SIGTERM');
    await gone;
  });
  const manager: Manager = {
    copies: 0,
    async copy(experimentId, bytes, change) {
      await store.append(`experiment-${experimentId}`, -1, [copyRequested(experimentId, change)], { actor: 'bench' });
      for (const giveUpAt = performance.now() + givenUpAfterMs; ; await pause(5)) {
        const outcome = (await store.load(`outputs-${experimentId}`)).find(({ type }) => type !== 'OutputsCopyStarted');
        if (outcome !== undefined) return correct(`it is copied: ${JSON.stringify(outcome.data)}`, outcome.type === 'OutputsCopied' && (outcome.data as { sizeBytes?: number }).sizeBytes === bytes);
        correct('it is copied in time', performance.now() < giveUpAt);
      }
    },
    memoryMb: async (field) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(await readFile(`/proc/${service.pid}/status`, 'utf8'))?.[1]) / 1024,
  };
  const tree = await openStorage({ kind: 's3', ...settingsOf(server) });
  await tree.write(`${anOrder(23).outputsPath}/first`, Buffer.from('first'));
  await manager.copy(100, 5); // it runs
  for (const id of [23, 100]) await tree.remove(anOrder(id).outputsPath);
  return manager;
}

interface Peer {
  readonly name: string;
  readonly version: string;
  copy(source: string, target: string): Promise<unknown>;
  makeBucket(): Promise<unknown>;
}

/** Nothing of the user's own settings takes part. */
async function peersOf(server: S3Server, folder: string): Promise<Peer[]> {
  const { endpoint, bucket, prefix, credentials } = settingsOf(server);
  const { accessKey, secretKey } = credentials;
  const home = join(folder, 'peers');
  await mkdir(home);
  const about = new URL(endpoint);
  const env = {
    PATH: process.env.PATH, HOME: home, MC_CONFIG_DIR: home, MC_HOST_S: `${about.protocol}//${accessKey}:${secretKey}@${about.host}`,
    RCLONE_CONFIG: '/dev/null', RCLONE_CONFIG_S_TYPE: 's3', RCLONE_CONFIG_S_PROVIDER: 'Minio', RCLONE_CONFIG_S_ENDPOINT: endpoint,
    RCLONE_CONFIG_S_ACCESS_KEY_ID: accessKey, RCLONE_CONFIG_S_SECRET_ACCESS_KEY: secretKey, RCLONE_CONFIG_S_REGION: 'us-east-1',
  };
  const call = (program: string, args: readonly string[]) => run(program, args, { env, maxBuffer: 1e9 });
  const peer = (name: string, version: string, program: string, args: (from: string, to: string) => string[], bucketArgs: string[]): Peer => {
    const place = (path: string): string => `${program === 'rclone' ? 'S:' : 'S/'}${bucket}/${prefix}/${path}`;
    return { name, version, copy: (source, target) => call(program, args(place(source), place(target))), makeBucket: () => call(program, bucketArgs) };
  };
  const peers: Peer[] = [];
  if (isProvided(mc)) {
    const program = programOf(mc);
    const make = ['mb', '--quiet', `S/${bucket}`];
    peers.push(peer('mc mirror', mc.version, program, (from, to) => ['mirror', '--quiet', from, to], make));
    peers.push(peer('mc cp -r', mc.version, program, (from, to) => ['cp', '-r', '--quiet', `${from}/`, `${to}/`], make));
  }
  const rclone = await call('rclone', ['version']).then(({ stdout }) => /v[\w.-]+/.exec(stdout)?.[0], () => undefined);
  if (rclone === undefined) return peers;
  for (const transfers of ['32', '64']) {
    peers.push(peer(`rclone copy --transfers ${transfers}`, rclone, 'rclone', (from, to) => ['copy', '--transfers', transfers, from, to], ['mkdir', `S:${bucket}`]));
  }
  return peers;
}

function settingsOf({ endpoint, accessKey, secretKey }: S3Server) {
  return { endpoint, bucket: 'runs', prefix: 'outputs', region: 'us-east-1', pathStyle: true, credentials: { accessKey, secretKey } };
}
