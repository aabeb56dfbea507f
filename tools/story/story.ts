// What happened to one experiment, or to one group and its members, in order, over all services?
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { openPool } from '#event-store';

interface Line {
  time: Date;
  stream_name: string;
  position: string;
  type: string;
  data: Record<string, unknown>;
  actor: string;
}

const [, ofGroup, number] = /^(group-?)?(\d+)$/.exec(process.argv.slice(2).join('')) ?? [];
const id = Number(number);
if (!Number.isInteger(id) || id < 1) {
  process.stderr.write('which experiment, or group? npm run story -- 23, or npm run story -- group 7\n');
  process.exit(2);
}

const toldOfGroups = ['iteration', 'searchAlgorithm', 'concurrency', 'pendingOnly'];
/** A member's order names its group. */
const memberOrGroup = `stream_name = 'group-' || $1 OR (data ->> 'experimentId')::bigint IN
  (SELECT (data ->> 'experimentId')::bigint FROM event_store.messages WHERE category = 'experiment' AND (data ->> 'groupId')::bigint = $1::bigint)`;

const home = process.env.POLYAXON_HOME || join(homedir(), '.polyaxon-platform');
const pool = openPool(process.env.POLYAXON_DATABASE_URL || databaseUrlIn(home), { max: 1, name: 'story' });
const { rows } = await pool.query<Line>(
  `SELECT time, stream_name, position, type, data, metadata ->> 'actor' AS actor FROM event_store.messages
   WHERE ${ofGroup ? memberOrGroup : `(data ->> 'experimentId')::bigint = $1 OR (data ->> 'sourceExperimentId')::bigint = $1`} ORDER BY messages.transaction_id, global_position`,
  [id],
);
await pool.end();
if (rows.length === 0) {
  process.stderr.write(`nothing is known of ${ofGroup ? 'group' : 'experiment'} ${id}\n`);
  process.exit(3);
}
const first = (rows[0] as Line).time.getTime();
for (const { time, stream_name: stream, position, type, data, actor } of rows)
  process.stdout.write(`${time.toISOString()} ${`+${time.getTime() - first} ms`.padStart(11)}  ${`${stream}@${position}`.padEnd(20)} ${type.padEnd(26)} ${actor.padEnd(16)} ${essence(id, data)}\n`);

/** What a reader looks for first; the rest is in the event. */
function essence(experimentId: number, data: Record<string, unknown>): string {
  const told = ['sourceExperimentId', 'cloningStrategy', 'outputsPath', 'attempt', 'status', 'exitCode', 'reason', 'message', 'files', 'sizeBytes', 'lines', 'command', 'codeRevision', ...toldOfGroups];
  const other = data.experimentId === undefined || (!ofGroup && data.experimentId === experimentId) ? [] : [`experiment ${String(data.experimentId)}`];
  return [...other, ...told.filter((key) => data[key] !== undefined && data[key] !== null && data[key] !== '').map((key) => `${key}=${String(data[key]).slice(0, 60)}`)].join(' ');
}

function databaseUrlIn(folder: string): string {
  try {
    return (JSON.parse(readFileSync(join(folder, 'platform.json'), 'utf8')) as { databaseUrl: string }).databaseUrl;
  } catch {
    process.stderr.write(`no platform has run in ${folder}: start one with npm start, or name its home with POLYAXON_HOME\n`);
    process.exit(1);
  }
}
