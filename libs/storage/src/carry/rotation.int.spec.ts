// Does the store ever show a state that wasn't whole on the machine, while a program rotates its checkpoints as fast as it can, and what does carrying them cost?
// All of it, with the cost compared: TMPDIR=/dev/shm ROTATION_SECONDS=60 ROTATION_MEGABYTES=100 npm test -- --only int rotation
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { until, withS3, type S3Store } from '#testing';
import type { FileTree } from '../storage.ts';
import { S3Tree } from '../s3/s3-tree.ts';
import { CarryNotes, carryOrderVariable, type CarryOrder } from './notes.ts';

const seconds = Number(process.env.ROTATION_SECONDS ?? 8);
const megabytes = Number(process.env.ROTATION_MEGABYTES ?? 20);
const kept = 5;
const bytes = megabytes * 1024 * 1024;
const costMax = 1.5;
const isFull = seconds >= 60;

/** Each checkpoint says in every line which one it is. */
const program = `
  import { renameSync, rmSync, writeFileSync } from 'node:fs';
  const [folder, bytes, kept, seconds] = [process.argv[1], ...process.argv.slice(2).map(Number)];
  const write = (name, content) => { writeFileSync(folder + '/' + name + '.part', content); renameSync(folder + '/' + name + '.part', folder + '/' + name); };
  const names = [];
  for (let step = 1; step <= seconds; step += 1) {
    const next = new Promise((resolve) => setTimeout(resolve, 1000));
    const name = 'model-' + step;
    write(name, Buffer.alloc(bytes, String(step).padStart(15) + '\\n'));
    names.push(name);
    write('checkpoint', names.slice(-kept).join('\\n'));
    if (names.length > kept) rmSync(folder + '/' + names.shift());
    await next;
  }
`;

withS3('a rotation of checkpoints', (open) => {
  let store: S3Store;
  let tree: FileTree;
  let root: string;
  let carrier: ChildProcess | undefined;

  beforeAll(async () => {
    store = await open();
    tree = new S3Tree(store.settings);
    root = mkdtempSync(join(tmpdir(), 'rotation-'));
  });
  afterAll(async () => {
    carrier?.kill('SIGKILL');
    await store.stop();
    rmSync(root, { recursive: true, force: true });
  });

  /** Of what it started, as the shell counts it. */
  const measured = (command: readonly string[], env: NodeJS.ProcessEnv): { child: ChildProcess; cpuSeconds: Promise<number> } => {
    const child = spawn('bash', ['-c', '"$@"; code=$?; times; exit $code', 'measured', ...command], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const said = text(child.stdout);
    const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
    const cpuSeconds = Promise.all([said, ended]).then(([output, code]) => {
      if (code !== 0) throw new Error(`${command[0]} ended with ${code}: ${output}`);
      const [user, system] = (output.trim().split('\n').at(-1) ?? '').split(' ').map((time) => /^(\d+)m([\d.]+)s$/.exec(time)).map((found) => 60 * Number(found?.[1]) + Number(found?.[2]));
      return (user ?? NaN) + (system ?? NaN);
    });
    return { child, cpuSeconds };
  };

  const shownPointer = (): Promise<string> => tree.read('run/checkpoint').then(text, () => '');

  /** Null: the state changed while it was looked at. */
  const look = async (): Promise<{ names: readonly string[]; problems: readonly string[] } | null> => {
    const before = await shownPointer();
    if (before === '') return null;
    const names = before.split('\n');
    const sizes = new Map<string, number>();
    for await (const { path, sizeBytes } of tree.list('run')) sizes.set(path, sizeBytes);
    const problems: string[] = [];
    for (const name of names) {
      if (sizes.get(name) !== bytes) problems.push(`${name} has ${sizes.get(name)} bytes`);
      else for (const start of [0, bytes - 16]) {
        const line = await tree.read(`run/${name}`, { start, end: start + 15 }).then(text, () => 'it is gone');
        if (line !== `${name.slice('model-'.length).padStart(15)}\n`) problems.push(`${name} says ${line} at ${start}`);
      }
    }
    return (await shownPointer()) === before ? { names, problems } : null;
  };

  it(`of ${kept} with ${megabytes} MB each, for ${seconds} s`, async () => {
    const [folder, notes] = [join(root, 'run'), new CarryNotes(join(root, 'notes'))];
    await notes.begin();
    const order: CarryOrder = { store: store.settings, path: 'run', folder, references: [], epoch: [1, 1], lagSeconds: isFull ? 10 : 1, notes: notes.folder };
    const carrying = measured([process.execPath, 'dist/apps/carrier/src/main.js'], { ...process.env, [carryOrderVariable]: JSON.stringify(order) });
    carrier = carrying.child;
    await until('the carrier is there', () => notes.brought(), 30_000);

    const writer = spawn(process.execPath, ['--input-type=module', '-e', program, folder, String(bytes), String(kept), String(seconds)], { stdio: 'inherit' });
    let isOver = false;
    writer.once('exit', () => (isOver = true));
    let [looks, lagMax] = [0, 0];
    const states = new Set<string>();
    while (!isOver) {
      const seen = await look();
      lagMax = Math.max(lagMax, (await notes.status())?.lagSeconds ?? 0);
      if (seen === null) continue;
      expect(seen.problems).toEqual([]);
      looks += 1;
      states.add(seen.names.join());
    }
    await notes.say('ended', { isClean: true, diedAtMs: null, saidAtMs: Date.now() });
    expect(await until('all is carried', () => notes.done(), 120_000)).toEqual({ isOk: true, message: null, warnings: [] });
    expect(existsSync(folder)).toBe(false);
    const last = await look();
    const wanted = Array.from({ length: Math.min(kept, seconds) }, (_, index) => `model-${Math.max(0, seconds - kept) + index + 1}`);
    expect(last).toEqual({ names: wanted, problems: [] });
    expect((await tree.children('run')).files.map(({ name }) => name).sort()).toEqual(['checkpoint', ...wanted].sort());
    expect(states.size).toBeGreaterThan(0); // while it ran

    const cpuSeconds = await carrying.cpuSeconds;
    const carriedBytes = (await notes.status())!.sizeBytes;
    process.stderr.write(`rotation: ${looks} looks at ${states.size} states, ${(carriedBytes / 1e9).toFixed(2)} GB carried, ${cpuSeconds.toFixed(2)} s of CPU, ${lagMax.toFixed(1)} s behind at most\n`);
    if (isFull) await compare(cpuSeconds / carriedBytes);
  }, (seconds + 300) * 1000);

  /** Once over a gigabyte: what is compared is the cost of a byte. */
  async function compare(costOfByte: number): Promise<void> {
    const version = spawnSync('rclone', ['version'], { encoding: 'utf8' }).stdout as string | null;
    if (version === null) return void process.stderr.write('rotation: not compared, rclone is not installed (apt-get install rclone)\n');
    const source = join(root, 'same');
    mkdirSync(source);
    const files = 10;
    for (let file = 0; file < files; file += 1) writeFileSync(join(source, `model-${file}`), Buffer.alloc(bytes, `${file} `));
    const { endpoint, credentials } = store.settings;
    const { AWS_CA_BUNDLE: _, ...environment } = process.env; // Debian's dies of it
    const remote = {
      RCLONE_CONFIG_S_TYPE: 's3', RCLONE_CONFIG_S_PROVIDER: 'Other', RCLONE_CONFIG_S_ENDPOINT: endpoint, RCLONE_CONFIG_S_ACCESS_KEY_ID: credentials.accessKey,
      RCLONE_CONFIG_S_SECRET_ACCESS_KEY: credentials.secretKey, RCLONE_CONFIG_S_REGION: 'us-east-1', RCLONE_CONFIG: '/dev/null',
    };
    const theirs = (await measured(['rclone', 'sync', source, 's:runs/theirs', '--s3-no-check-bucket'], { ...environment, ...remote }).cpuSeconds) / (files * bytes);
    process.stderr.write(`rotation: ${version.split('\n')[0]}: ${(theirs * 1e9).toFixed(2)} s of CPU for a gigabyte, the carrier ${(costOfByte * 1e9).toFixed(2)} s: ${(costOfByte / theirs).toFixed(2)} times\n`);
    expect(costOfByte / theirs).toBeLessThanOrEqual(costMax);
  }
}, ['versitygw']);
