// Is everything installed and built? If not, it is made so, in a bare clone too, with nothing but Node.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const dist = join(root, 'dist');
/** What is made, of which files, and where it is written down that it was. */
const program = { stamp: join(dist, '.prepared'), digest: () => digestOf(['apps', 'libs', 'tools', 'bench'], /(?<!\.spec)\.ts$/, ['tsconfig.base.json', 'tsconfig.build.json', 'package-lock.json']) };
const page = { stamp: join(dist, 'apps/dashboard/.prepared'), digest: () => digestOf(['apps/dashboard', 'libs/contracts/src'], /(?<!\.spec\.ts)$/, ['tsconfig.base.json', 'package-lock.json']) };
const oldestNode = [20, 19];
/** Of a program that fails: the reason comes first, and its usage after that. */
const linesShown = 30;

/** Quick when nothing is to be done (about 100 ms), and then writes nothing either. Of two at once one works and the other waits. */
export async function prepare() {
  try {
    checkNode();
    if (isInstalled() && isBuilt()) return;
    const release = await takeLock();
    try {
      if (!isInstalled()) await install();
      if (!isBuilt()) await build();
    } finally {
      release();
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Unprepared ? error.message : error.stack}\n`);
    process.exit(1);
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = oldestNode;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new Unprepared(`this is Node ${process.versions.node}, and the platform needs ${oldestNode.join('.')} or newer: https://nodejs.org`);
}

/** What is installed is compared with the lock file package by package, so that copies and checkouts with any times of files are judged rightly. */
function isInstalled() {
  const installed = readJson(join(root, 'node_modules/.package-lock.json'))?.packages;
  if (!installed) return false;
  const wanted = Object.entries(readJson(join(root, 'package-lock.json')).packages);
  return wanted.every(([path, { version, optional, link }]) => path === '' || link || (installed[path] ? installed[path].version === version : optional));
}

async function install() {
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  await step('installing packages', [...npm, 'ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']);
}

const isBuilt = () => isMade(program) && isMade(page);

function isMade({ stamp, digest }) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest();
}

async function build() {
  if (!isMade(program)) {
    const digest = program.digest();
    // Without a stamp nobody knows what is in dist, and an incremental build would trust it.
    if (!existsSync(program.stamp)) rmSync(join(dist, '.tsbuildinfo'), { force: true });
    await step('building', [process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']);
    writeFileSync(program.stamp, digest);
  }
  if (isMade(page)) return;
  const digest = page.digest();
  await step('building the page', [process.execPath, join(root, 'node_modules/vite/bin/vite.js'), 'build', 'apps/dashboard']);
  writeFileSync(page.stamp, digest);
}

/** By content: the same sources are never compiled twice, whatever the times of their files. */
function digestOf(folders, wanted, more) {
  const hash = createHash('sha256');
  const files = folders.flatMap((folder) => sourcesIn(folder, wanted)).concat(more).sort();
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(root, file))).update('\0');
  return hash.digest('hex');
}

/** The page is made by itself: its folder is looked into only when it is asked for. */
function sourcesIn(folder, wanted) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' || path === 'tools/canaries' || path === 'apps/dashboard' ? [] : sourcesIn(path, wanted);
    return wanted.test(entry.name) ? [path] : [];
  });
}

/** One line when it begins, one now and then, one when it ends; what the program says only when it fails. On stderr: stdout belongs to whatever is started afterwards. */
async function step(what, [program, ...args]) {
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(0)} s`;
  process.stderr.write(`${what} ...\n`);
  const progress = setInterval(() => process.stderr.write(`${what} ... ${seconds()}\n`), 10_000);
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const end = await new Promise((done) => child.once('error', (error) => done(error.message)).once('close', (code, signal) => done(signal ?? code)));
  clearInterval(progress);
  if (end !== 0) throw new Unprepared(`${said.split('\n').slice(0, linesShown).join('\n')}\n${what} failed (${program} ended with ${end})`);
  process.stderr.write(`${what}: done in ${seconds()}\n`);
}

/** A link whose target is a process: made, with what it says, in a single step. Whose process is gone loses it. */
async function takeLock() {
  const lock = join(dist, '.preparing');
  for (let said = false; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
    const holder = holderOf(lock);
    if (holder !== undefined && isAlive(holder)) {
      if (!said) process.stderr.write(`process ${holder} is preparing this clone: waiting for it ...\n`);
      said = true;
      continue;
    }
    try {
      if (holder !== undefined) rmSync(lock, { force: true });
      mkdirSync(dist, { recursive: true });
      symlinkSync(String(process.pid), lock);
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if (error.code === 'EEXIST') continue;
      if (isInstalled() && isBuilt()) return () => undefined; // its owner has just done it
      throw new Unprepared(`this clone is not built, and can't be here (${error.message}): run \`npm run build\` in it as its owner`);
    }
  }
}

function holderOf(lock) {
  try {
    return Number(readlinkSync(lock));
  } catch {
    return undefined; // nobody
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

class Unprepared extends Error {}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await prepare();
