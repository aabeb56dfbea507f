// How fast is it, compared with what? `npm run bench [-- append,copy,...] [--json FILE]`
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { Incorrect, type BenchRow } from './result.ts';
import { leaveNothing } from './scratch.ts';
import { tableOf } from './table.ts';

/** In the order of a full run; what needs the whole platform comes last. */
const benches: Readonly<Record<string, () => Promise<{ bench(): Promise<readonly BenchRow[]> }>>> = {
  append: () => import('./append.bench.ts'),
  copy: () => import('./copy.bench.ts'),
  s3: () => import('./s3.bench.ts'),
  's3-minio': async () => ({ bench: (await import('./s3.bench.ts')).benchOnMinio }),
  api: () => import('./api.bench.ts'),
  kafka: () => import('./kafka.bench.ts'),
  list: () => import('./list.bench.ts'),
  logs: () => import('./logs.bench.ts'),
  search: () => import('./search.bench.ts'),
  start: () => import('./start.bench.ts'),
  kubernetes: () => import('./kubernetes.bench.ts'),
  'pod-logs': () => import('./pod-logs.bench.ts'),
  page: () => import('./page.bench.ts'),
  memory: () => import('./memory.bench.ts'),
  install: () => import('./install.bench.ts'),
};

interface Report {
  readonly machine: string;
  readonly commit: string;
  readonly command: string;
  readonly rows: readonly BenchRow[];
}

const tell = (line: string) => void process.stderr.write(`${line}\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void leaveNothing().finally(() => process.exit(130)));

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
const asked = positionals.flatMap((list) => list.split(',')).filter(Boolean);
const unknown = asked.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  tell(`there is no benchmark called ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}

const names = asked.length > 0 ? asked : Object.keys(benches);
const built = await commit();
const rows: BenchRow[] = [];
const mistakes: string[] = [];
for (const name of names) {
  tell(`${name} ...`);
  try {
    rows.push(...(await ((await benches[name]?.())?.bench() ?? [])));
  } catch (error) {
    // A part that can't be measured here takes no other with it; one that gave a wrong result decides the exit code.
    if (error instanceof Incorrect) mistakes.push(`${name}: ${error.message}`);
    rows.push({ name, notRun: error instanceof Error ? error.message : String(error) });
  }
}

const report: Report = { machine: machine(), commit: built, command: ['npm run bench', ...(asked.length > 0 ? ['--', asked.join(',')] : [])].join(' '), rows };
process.stdout.write(`${report.machine}\ncommit ${report.commit}: ${report.command}\n\n${tableOf(rows)}\n`);
for (const mistake of mistakes) tell(mistake);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
process.exit(mistakes.length === 0 ? 0 : 1);

function machine(): string {
  const processors = cpus();
  const gib = Math.round(totalmem() / 1024 ** 3);
  const load = loadavg().map((average) => average.toFixed(1)).join(' ');
  return `${processors.length} x ${processors[0]?.model.trim() || 'processor'}, ${gib} GiB, ${type()} ${release()} ${arch()}, Node ${process.versions.node}, load at the end ${load}`;
}

async function commit(): Promise<string> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', args)).stdout.trim();
  try {
    return `${await git('rev-parse', '--short', 'HEAD')}${(await git('status', '--porcelain', '--untracked-files=no')) ? ' with changes' : ''}`;
  } catch {
    return 'unknown';
  }
}
