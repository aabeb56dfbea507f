// Which programs of experiments were there, and when? Written down by looking at all processes again and again: `node watch-processes.mjs HOME FILE`.
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';

const [, , home, file] = process.argv;
const everyMs = 40;
const known = new Map();

function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function look() {
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || known.has(pid)) continue;
    const command = read(`/proc/${pid}/cmdline`).split('\0');
    if (!/python3?$/.test(command[0]) || command[1] !== 'program.py') continue;
    const environment = Object.fromEntries(read(`/proc/${pid}/environ`).split('\0').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
    const outputs = environment.POLYAXON_RUN_OUTPUTS_PATH ?? '';
    if (!outputs.startsWith(`${home}/`)) continue;
    const info = JSON.parse(environment.POLYAXON_EXPERIMENT_INFO);
    known.set(pid, true);
    const stat = read(`/proc/${pid}/stat`);
    const startedAt = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    appendFileSync(file, `${JSON.stringify({ pid: Number(pid), startedAt, experiment: Number(info.experiment_name.split('.').at(-1)), attempt: info.attempt, outputs: outputs.slice(home.length) })}\n`);
  }
  for (const pid of known.keys()) if (!read(`/proc/${pid}/cmdline`)) known.delete(pid);
}

setInterval(look, everyMs);
process.on('disconnect', () => process.exit(0));
