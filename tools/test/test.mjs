// Does everything hold? `npm test`, or `npm test -- --only unit,int`; the last line says N passed, N failed, N skipped.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from '../prepare.mjs';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'polyaxon-platform');
const scratch = mkdtempSync(join(tmpdir(), 'polyaxon-test-'));
const totals = { passed: 0, failed: 0, skipped: 0 };
const skips = [];
const unsteady = [];
const broken = [];
const reference = resolve(root, '../shared');
const env = { ...process.env, NX_DAEMON: 'false', FORCE_COLOR: '0', ...(existsSync(reference) && { POLYAXON_REFERENCE: process.env.POLYAXON_REFERENCE ?? reference }) };

/** Runs a program with its output shown; resolves with its exit code and what it said. */
function run(program, args, more = {}) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { cwd: root, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += chunk;
        process.stdout.write(chunk);
      });
    child.once('error', failed).once('close', (code) => done({ code, said }));
  });
}

async function check(program, args, more) {
  const { code, said } = await run(program, args, more);
  totals[code === 0 ? 'passed' : 'failed'] += 1;
  if (code !== 0) broken.push(`${program} ${args.join(' ')}`);
  return said;
}

const node = process.execPath;
const bin = (name) => join(root, 'node_modules', ...name.split('/'));

async function lint() {
  // Without the project graph the boundary rule skips with a warning and exit 0; so it is made first, and the warning is a failure.
  execFileSync(node, [bin('nx/dist/bin/nx.js'), 'show', 'projects'], { cwd: root, env, stdio: 'ignore' });
  const said = await check(node, [bin('eslint/bin/eslint.js'), '--max-warnings', '60', 'apps', 'libs', 'tools', 'e2e', 'bench']);
  if (/No cached ProjectGraph/.test(said)) totals.failed += 1;
}

const boundaries = () => check(node, [bin('dependency-cruiser/bin/dependency-cruise.mjs'), 'libs', 'apps', '--output-type', 'err']);
async function types() {
  for (const project of ['tsconfig.json', 'apps/dashboard/tsconfig.json']) await check(node, [bin('typescript/bin/tsc'), '-p', project]);
}

async function jestReport(size, more, files, lane = '') {
  const report = join(scratch, `${size}${lane}.json`);
  rmSync(report, { force: true });
  const args = ['--experimental-vm-modules', '--no-warnings', bin('jest/bin/jest.js'), '--json', `--outputFile=${report}`, '--passWithNoTests', `--cacheDirectory=${join(cache, 'jest')}`];
  const workers = files.length === 0 && (size === 'unit' || size === 'int' || size === 'sim') ? ['--maxWorkers=2'] : ['--runInBand'];
  // A connection that some dependency left open must not hold up all that comes after; in pure tests it would be a defect, and is waited for.
  const leave = size === 'unit' || size === 'sim' ? [] : ['--forceExit'];
  const { code } = await run(node, [...args, ...workers, ...leave, ...jestArguments, ...files], { TEST_SIZE: size, ...more });
  const result = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null;
  const failed = result ? result.numFailedTests + result.numRuntimeErrorTestSuites : 1;
  return { result, failed: code !== 0 && failed === 0 ? 1 : failed };
}

const titlesOf = (result, status) => result.testResults.flatMap((file) => file.assertionResults.filter((test) => test.status === status).map((test) => `${file.name}: ${test.fullName}`));

/** As if it had been one; null: one of them has said nothing. */
function together(reports) {
  const results = reports.map(({ result }) => result);
  return { result: results.every(Boolean) ? { testResults: results.flatMap(({ testResults }) => testResults) } : null, failed: reports.reduce((sum, { failed }) => sum + failed, 0) };
}

/**
 * Specs with real processes in them that fail get one second try, alone, on machines nobody watches: what passes then is told as unsteady, by name, at the end. It is
 * a defect to mend, and no reason to throw away what the others have shown. Pure tests get none.
 */
async function jest(size, more = {}, lanes = [[]]) {
  const first = together(await Promise.all(lanes.map((files, lane) => jestReport(size, more, files, lane))));
  const { result } = first;
  if (!result) {
    totals.failed += 1;
    return;
  }
  let { failed } = first;
  const bad = result.testResults.filter((file) => file.status === 'failed').map((file) => file.name);
  if (failed > 0 && bad.length > 0 && process.env.CI && (size === 'int' || size === 'e2e' || size === 'chaos')) {
    console.log(`\n--- second try, alone: ${bad.join(', ')} ---`);
    const second = await jestReport(size, more, bad);
    if (second.result) {
      const passed = new Set(titlesOf(second.result, 'passed'));
      unsteady.push(...titlesOf(result, 'failed').filter((title) => passed.has(title)));
      result.testResults = [...result.testResults.filter((file) => !bad.includes(file.name)), ...second.result.testResults];
      failed = second.failed;
    }
  }
  totals.failed += failed;
  broken.push(...titlesOf(result, 'failed'), ...result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).map((file) => `${file.name}: ${file.message}`));
  totals.passed += titlesOf(result, 'passed').length;
  const skipped = [...titlesOf(result, 'pending'), ...titlesOf(result, 'todo')];
  totals.skipped += skipped.length;
  skips.push(...skipped.map((title) => `${size}: ${title}`));
}

/** Tests that need a component which isn't here are skipped, and say so; on machines nobody watches all of them are there. */
async function provide() {
  await provideS3();
  const { kafkaVersions, missingForKafka, provideKafka } = await import('../../dist/tools/stack/kafka/provide.js');
  for (const version of kafkaVersions) {
    if (process.env.CI) await provideKafka(version, console.log);
    const missing = missingForKafka(version);
    if (missing && process.env.CI) throw new Error(missing);
    if (missing) console.log(missing);
  }
  const { missingKafkaPython, provideKafkaPython } = await import('../../dist/tools/stack/kafka-python/provide.js');
  if (process.env.CI) await provideKafkaPython(console.log);
  else if (missingKafkaPython()) console.log(missingKafkaPython());
}

/** A compilation of minutes: on machines nobody watches it begins with the first step, behind the others, and is waited for here. */
let s3;
async function provideS3() {
  const { isProvided, provide } = await import('../../dist/tools/stack/go-program.js');
  const { versitygw } = await import('../../dist/tools/stack/s3/servers.js');
  if (process.env.CI) await (s3 ??= provide(versitygw, console.log));
  else if (!isProvided(versitygw)) console.log(`tests with an S3 store are skipped: ${versitygw.provideWith}`);
}

/** Real clusters, in the same way: the compilation is longer still. */
let kube;
async function provideCluster() {
  const { missingForKube, provideKube } = await import('../../dist/tools/stack/kube/provide.js');
  if (process.env.CI) await (kube ??= provideKube('node', console.log));
  else if (missingForKube('node')) console.log(`tests with a Kubernetes are skipped: ${missingForKube('node')}`);
}

/** Bad networks for the tests that kill and cut. */
async function provideToxiproxy() {
  const { isProvided, provide } = await import('../../dist/tools/stack/go-program.js');
  const { toxiproxy } = await import('../../dist/tools/stack/toxiproxy/toxiproxy.js');
  if (process.env.CI) await provide(toxiproxy, console.log);
  else if (!isProvided(toxiproxy)) console.log(`tests with a bad network are skipped: ${toxiproxy.provideWith}`);
}

async function chaos() {
  await provide();
  await provideCluster();
  await provideToxiproxy();
  await jest('chaos');
}

/** What the compose file is tried on. */
async function provideDocker() {
  const { missingForDocker, provideDocker: make } = await import('../../dist/tools/stack/docker/provide.js');
  if (process.env.CI) await make(console.log);
  else if (missingForDocker()) console.log(missingForDocker());
}

/** What the web page is tried in. */
async function provideBrowser() {
  const { missingChromium, provideChromium } = await import('../../dist/tools/stack/chromium/provide.js');
  if (process.env.CI) await provideChromium(console.log);
  else if (missingChromium()) console.log(missingChromium());
}

/** What alerts and dashboards are tried with. */
async function provideMetrics() {
  const { missingPrometheus, providePrometheus } = await import('../../dist/tools/stack/prometheus/provide.js');
  if (process.env.CI) await providePrometheus(console.log);
  else if (missingPrometheus()) console.log(missingPrometheus());
}

/** The training frameworks that end-to-end tests use, in the same way. */
async function endToEnd() {
  const { frameworkNames, missingFramework } = await import('../../dist/tools/stack/frameworks/frameworks.js');
  const { provideFramework } = await import('../../dist/tools/stack/frameworks/provide.js');
  for (const name of frameworkNames) {
    if (process.env.CI) await provideFramework(name, console.log);
    else if (missingFramework(name)) console.log(missingFramework(name));
  }
  await provide();
  await provideDocker();
  await provideBrowser();
  await provideMetrics();
  await provideCluster();
  // Those with a cluster wait for much and compute little: all of them, one after the other, run beside all others.
  const ignored = ['/node_modules/', '/dist/', 'e2e/kubernetes'].flatMap((path) => ['--testPathIgnorePatterns', path]);
  await jest('e2e', {}, jestArguments.length > 0 ? [[]] : [['e2e/kubernetes'], ignored]);
}

/** One Postgres for all; each test has a database of its own on it. */
async function integration() {
  await provide();
  await provideMetrics();
  await provideCluster();
  const { startEmbeddedPostgres } = await import('../../dist/libs/event-store/src/index.js');
  const postgres = await startEmbeddedPostgres({ folder: join(scratch, 'postgres') });
  try {
    await jest('int', { POLYAXON_TEST_DATABASE_URL: postgres.url });
  } finally {
    await postgres.stop();
  }
}

async function python() {
  for (const folder of ['clients/python', 'examples/iris']) {
    const { code, said } = await run('python3', ['-m', 'unittest', 'discover', '-s', `${folder}/tests`, '-t', folder]);
    const ran = Number(/Ran (\d+) tests?/.exec(said)?.[1] ?? 0);
    const count = (name) => Number(new RegExp(`${name}=(\\d+)`).exec(said)?.[1] ?? 0);
    const [bad, skipped] = [count('failures') + count('errors'), count('skipped')];
    totals.failed += bad || code === 0 ? bad : 1;
    totals.skipped += skipped;
    totals.passed += ran - bad - skipped;
    if (skipped) skips.push(`python: ${skipped} in ${folder}`);
  }
}

const steps = { lint, boundaries, types, unit: () => jest('unit'), sim: () => jest('sim'), int: integration, python, e2e: endToEnd, chaos };

const [, , ...args] = process.argv;
const only = args[0] === '--only' ? args[1].split(',') : Object.keys(steps);
const jestArguments = args.slice(args[0] === '--only' ? 2 : 0);
mkdirSync(cache, { recursive: true });
try {
  await prepare();
  if (process.env.CI && only.includes('int')) provideS3().then(provideCluster).catch(() => undefined); // told when it is waited for
  for (const name of only) {
    const started = Date.now();
    console.log(`\n=== ${name} ===`);
    await steps[name]();
    console.log(`=== ${name}: ${((Date.now() - started) / 1000).toFixed(0)} s ===`);
  }
} catch (error) {
  console.error(error);
  totals.failed += 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
for (const title of broken) console.log(`failed: ${title}`);
for (const title of unsteady) console.log(`unsteady, passed at the second try: ${title}`);
for (const skip of skips) console.log(`skipped: ${skip}`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 ? 0 : 1);
