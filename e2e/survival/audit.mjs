// Was anything lost, doubled, or shown by halves? A program of its own that shares nothing with the platform: it reads what users were told (their journal), the tables, the
// topics, the processes that were seen, and the files, and holds them against each other. `node audit.mjs '{"journal": ..., "database": ..., "brokers": ..., "home": ..., "processes": ...}'`
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import pg from 'pg';

const { journal, database, brokers = '', home, processes, terminalWithinMs = 60_000 } = JSON.parse(process.argv[2]);
const problems = [];
const numbers = {};
const wrong = (what) => problems.push(what);
const linesOf = (file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []);
const parsed = (file) => linesOf(file).map((line) => JSON.parse(line));
const count = (items, keyOf) => items.reduce((counts, item) => counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1), new Map());

const openings = { ExperimentCreated: 'create', ExperimentResumeRequested: 'resume', ExperimentRestartRequested: 'restart', ExperimentCopyRequested: 'copy' };
const runEnds = ['RunSucceeded', 'RunFailed', 'RunStopped'];
const onceForExperiment = ['RunQueued', 'RunOutputsReady', 'OutputsPrepared', 'OutputsCopyStarted', 'OutputsCopied', 'ExperimentDone', 'RunStopRequested'];
const onceForAttempt = ['RunScheduled', 'RunStarting', 'RunStarted', 'LogsArchived'];

const client = new pg.Client({ connectionString: database });
await client.connect();
const sql = async (text) => (await client.query(text)).rows;
const events = await sql('SELECT id, stream_name AS stream, position::int, category, type, data, time, global_position::text AS at FROM event_store.messages ORDER BY global_position');
const entries = parsed(journal);

users();
streams();
await views();
writers();
await topics();
await client.end();
process.stdout.write(`${JSON.stringify({ numbers, problems }, null, 1)}\n`);
process.exit(problems.length === 0 ? 0 : 1);

/** Every yes has its event and nothing else has one; every question was answered; all ended in time. */
function users() {
  const asked = entries.filter((entry) => entry.asked);
  const answers = entries.filter((entry) => entry.answered);
  const answeredKeys = new Set(answers.map(({ key }) => key));
  for (const { asked: verb, key, of } of asked) if (!answeredKeys.has(key)) wrong(`${verb} of ${of} was never answered`);
  const made = answers.filter(({ id }) => id !== null);
  const opened = events.filter(({ type }) => type in openings);
  const openedBy = new Map(opened.map((event) => [event.data.experimentId, event]));
  for (const [id, times] of count(made, ({ id: one }) => one)) if (times > 1) wrong(`experiment ${id} was given to ${times} commands`);
  for (const [id, times] of count(opened, ({ data }) => data.experimentId)) if (times > 1) wrong(`experiment ${id} was opened ${times} times`);
  for (const { id, answered: verb } of made) {
    if (!openedBy.has(id)) wrong(`lost: ${verb} was acknowledged as experiment ${id}, and there is no such event`);
    else if (openings[openedBy.get(id).type] !== verb) wrong(`experiment ${id} was asked for by ${verb} and is ${openedBy.get(id).type}`);
  }
  const ids = new Set(made.map(({ id }) => id));
  for (const { data } of opened) if (!ids.has(data.experimentId)) wrong(`doubled: experiment ${data.experimentId} is there and nobody was told of it`);
  const faults = entries.filter((entry) => entry.fault);
  const done = events.filter(({ type }) => type === 'ExperimentDone');
  const doneIds = new Set(done.map(({ data }) => data.experimentId));
  for (const id of ids) if (!doneIds.has(id)) wrong(`experiment ${id} has not ended`);
  const quietFrom = Math.max(0, ...[...faults, ...answers].map(({ at }) => Date.parse(at)));
  const lastDone = Math.max(0, ...done.map(({ time }) => time.getTime()));
  numbers.lastEndAfterLastFaultSeconds = Math.max(0, (lastDone - Math.max(0, ...faults.map(({ at }) => Date.parse(at)))) / 1000);
  if (lastDone - quietFrom > terminalWithinMs) wrong(`the last experiment ended ${(lastDone - quietFrom) / 1000} s after the last fault and command`);
  Object.assign(numbers, { commands: asked.length, answers: answers.length, experiments: made.length, refusals: answers.filter(({ code }) => code).length });
  numbers.verbs = Object.fromEntries(count(answers, ({ answered }) => answered));
  numbers.faults = Object.fromEntries(count(faults, ({ fault, part }) => `${fault} ${part}`));
  numbers.faultCount = faults.length;
}

/** No gap, no event twice, one end for each run, and never two runs on one outputs path. */
function streams() {
  numbers.events = events.length;
  const next = new Map();
  for (const { stream, position } of events) {
    if (position !== (next.get(stream) ?? 0)) wrong(`${stream} has position ${position} where ${next.get(stream) ?? 0} was due`);
    next.set(stream, position + 1);
  }
  const doubled = (types, keyOf) => {
    for (const [key, times] of count(events.filter(({ type }) => types.includes(type)), keyOf)) if (times > 1) wrong(`doubled: ${key} ${times} times`);
  };
  doubled(onceForExperiment, ({ type, data }) => `${type} of ${data.experimentId}`);
  doubled(onceForAttempt, ({ type, data }) => `${type} of attempt ${data.experimentId}.${data.attempt}`);
  doubled(runEnds, ({ data }) => `the end of run ${data.experimentId}`);
  const originalOf = new Map(events.filter(({ type }) => type in openings).map(({ data }) => [data.experimentId, data.originalExperimentId]));
  const live = new Map();
  for (const { type, data } of events) {
    const path = originalOf.get(data.experimentId);
    if (type === 'RunScheduled') {
      if (live.has(path) && live.get(path) !== data.experimentId) wrong(`runs ${live.get(path)} and ${data.experimentId} were live on the outputs of ${path} at once`);
      live.set(path, data.experimentId);
    } else if (runEnds.includes(type) && live.get(path) === data.experimentId) live.delete(path);
  }
}

/** What users see is what happened, and nothing was given up. */
async function views() {
  const statusOf = new Map(events.filter(({ type }) => type === 'ExperimentDone').map(({ data }) => [data.experimentId, data.status]));
  for (const { id, last_status: shown } of await sql('SELECT id, last_status FROM api_gateway.experiments'))
    if (statusOf.get(id) !== shown) wrong(`experiment ${id} shows ${shown} and has ended as ${statusOf.get(id)}`);
  numbers.statuses = Object.fromEntries(count([...statusOf.values()], (status) => status));
  for (const { consumer_group: group, type, reason } of await sql('SELECT * FROM event_store.dead_letters')) wrong(`${group} has given up ${type}: ${reason}`);
  for (const { kind, experiment_id: id } of await sql('SELECT kind, experiment_id FROM storage_manager.work')) wrong(`the ${kind} of ${id} is still to be done`);
  for (const { experiment_id: id } of await sql('SELECT experiment_id FROM scheduler.runs')) wrong(`run ${id} is still live`);
  for (const { experiment_id: id } of await sql(`SELECT experiment_id FROM log_collector.archives WHERE state IN ('following', 'ending')`)) wrong(`the logs of ${id} are still open`);
  const perGroup = await sql('SELECT consumer_group, count(*)::int AS reactions FROM event_store.inbox GROUP BY 1');
  numbers.reactions = Object.fromEntries(perGroup.map(({ consumer_group: group, reactions }) => [group, reactions]));
}

/** One process for each attempt, alone on its outputs; all that it printed in its log, once. */
function writers() {
  const seen = parsed(processes);
  numbers.processesSeen = seen.length;
  const byAttempt = new Map();
  for (const { pid, startedAt, experiment, attempt } of seen) {
    const key = `${experiment}.${attempt}`;
    byAttempt.set(key, (byAttempt.get(key) ?? new Set()).add(`${pid}@${startedAt}`));
  }
  for (const [key, pids] of byAttempt) if (pids.size > 1) wrong(`doubled: attempt ${key} was ${pids.size} processes: ${[...pids].join(', ')}`);
  const started = new Set(events.filter(({ type }) => type === 'RunStarted').map(({ data }) => `${data.experimentId}.${data.attempt}`));
  for (const key of byAttempt.keys()) if (!started.has(key)) wrong(`attempt ${key} was a process, and nobody was told that it was started`);
  let lines = 0;
  for (const { type, data } of events.filter((event) => event.type in openings)) {
    const { experimentId: id, outputsPath, logsPath } = data;
    const said = linesOf(join(home, 'outputs', outputsPath, 'writers.log'));
    for (const line of said.filter((one) => one.startsWith('overlap'))) wrong(`${outputsPath}: ${line}`);
    for (const [line, times] of count(said.filter((one) => one.startsWith('start')), (one) => one)) if (times > 1) wrong(`${outputsPath}: ${times} times ${line}`);
    const end = events.find((event) => runEnds.includes(event.type) && event.data.experimentId === id);
    if (end?.type !== 'RunSucceeded') continue;
    if (!said.includes(`end ${id} ${end.data.attempt}`)) wrong(`experiment ${id} has succeeded and its program has not said so`);
    const log = linesOf(join(home, 'logs', logsPath, 'run.log'));
    lines += log.length;
    const last = Number(/^last of (\d+)$/.exec(log.at(-1) ?? '')?.[1]);
    const wanted = [...Array.from({ length: last || 0 }, (_, n) => `line ${n}`), `last of ${last}`];
    if (JSON.stringify(log) !== JSON.stringify(wanted)) wrong(`the log of ${id} is not what it printed: ${JSON.stringify(log.slice(0, 50))}`);
    if (type === 'ExperimentCopyRequested' && said.filter((one) => one.startsWith('start')).length < 2) wrong(`${id} is a copy and holds nothing of its source`);
  }
  numbers.logLines = lines;
  const outputs = join(home, 'outputs');
  for (const name of existsSync(outputs) ? readdirSync(outputs, { recursive: true }) : []) if (/\.polyaxon\.(\d+\.)?tmp/.test(name)) wrong(`half visible: ${name} is left among the outputs`);
}

/** Every event is there, in the order of its stream; repeats are allowed and counted. */
async function topics() {
  if (!brokers) return;
  const kafka = new kafkajs.Kafka({ clientId: 'audit', brokers: brokers.split(','), logLevel: 0, retry: { retries: 20 } });
  const admin = kafka.admin();
  await admin.connect();
  const names = (await admin.listTopics()).filter((name) => name.endsWith('.events'));
  const ends = new Map();
  for (const topic of names) for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) if (BigInt(high) > BigInt(low)) ends.set(`${topic}/${partition}`, BigInt(high));
  const consumer = kafka.consumer({ groupId: `audit-${Date.now()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: names, fromBeginning: true });
  const position = new Map();
  const found = new Map();
  let records = 0;
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the topics could not be read within 120 s')), 120_000);
    const isRead = () => [...ends].every(([key, end]) => (position.get(key) ?? 0n) >= end);
    if (isRead()) resolve(clearTimeout(timer));
    void consumer.run({
      autoCommit: false,
      async eachMessage({ topic, partition, message }) {
        records += 1;
        const header = (name) => message.headers[name]?.toString();
        const [id, stream, sequence] = [header('ce_id'), header('ce_subject'), Number(header('ce_sequence'))];
        if (!found.has(id)) {
          const before = found.get(stream) ?? -1;
          if (sequence !== before + 1) wrong(`${topic}: ${stream} ${sequence} comes after ${before}`);
          found.set(stream, sequence).set(id, topic);
        }
        position.set(`${topic}/${partition}`, BigInt(message.offset) + 1n);
        if (isRead()) resolve(clearTimeout(timer));
      },
    });
  });
  for (const { id, category, stream, type } of events) if (found.get(id) !== `${category}.events`) wrong(`lost on Kafka: ${type} of ${stream}`);
  numbers.records = records;
  numbers.repeatedRecords = records - events.length;
  await consumer.disconnect().catch(() => undefined);
  await admin.disconnect().catch(() => undefined);
}
