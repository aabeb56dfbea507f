// Are the views a function of the events, and do rebuilds disturb nobody?
import type { DataSource } from 'typeorm';
import type { Event, OutputsSummary, PendingCause, RunEvent, StreamName } from '#contracts';
import type { Recorded } from '#event-store';
import { anOrder, aTime, openTestStore, until, type TestStore } from '#testing';
import { PostgresBus, type Consumption } from '#messaging';
import { foldAll } from '../experiment/as-of.ts';
import { AttemptLosses } from '../experiment/attempt-losses.ts';
import { Endings } from '../experiment/endings.ts';
import { Experiments } from '../experiment/experiments.ts';
import type { Compiled } from '../experiment/specification.ts';
import { Projects } from '../project/projects.ts';
import { topology } from '../topology.ts';
import { openViews } from './data-source.ts';
import { ExperimentsView } from './experiments.view.ts';
import { History } from './history.ts';
import { Metrics } from './metrics.ts';
import { ProjectsView, type ProjectView } from './projects.view.ts';
import { rebuildViews } from './rebuild.ts';

let test: TestStore;
let source: DataSource;
let views: ExperimentsView;
let projectsView: ProjectsView;
let experiments: Experiments;
let projects: Projects;
let consumption: Consumption;
let outputs: OutputsSummary;
let letters: string[];

const compiled = (content: string, overrides: readonly string[]): Compiled => {
  const merged = Object.assign({}, ...[content, ...overrides].map((text) => JSON.parse(text) as object)) as { lr: number };
  const rendered = (lr: number) => ({ rendered: { content: JSON.stringify({ lr }), params: { lr }, command: `train --lr=${lr}`, environment: {} }, name: null, description: null, tags: [] });
  return { before: rendered((JSON.parse(content) as { lr: number }).lr), after: rendered(merged.lr), differences: [] };
};

beforeEach(async () => {
  letters = [];
  test = await openTestStore();
  source = await openViews(test.url);
  views = new ExperimentsView(source, test.store.pool);
  projectsView = new ProjectsView(source, test.store.pool);
  outputs = { exists: true, files: 2, sizeBytes: 10, checkpoints: [], choice: { offered: null, setAside: [], problem: null, alternatives: [] } };
  const now = () => new Date();
  const compiler = { compile: (content: string, overrides: readonly string[]) => Promise.resolve(compiled(content, overrides)) };
  const references = { resolved: <Rendered>(rendered: Rendered) => Promise.resolve(rendered) };
  experiments = new Experiments(test.store, views, projectsView, () => Promise.resolve(outputs), compiler, references, { refuseUnusable: async () => undefined }, now);
  projects = new Projects(test.store, projectsView, now);
  consumption = new PostgresBus(test.store).consume(topology(new Endings(test.store), new AttemptLosses(test.store)), { deadLetter: (letter) => letters.push(letter.reason) });
});
afterEach(async () => {
  await consumption.stop();
  expect(letters).toEqual([]);
  await source.destroy();
  await test.close();
});

async function aProject(): Promise<ProjectView> {
  await projects.create({ user: 'mona', name: 'mnist', description: null, tags: [], isPublic: false }, 'mona');
  return (await projectsView.find('mona', 'mnist')) as ProjectView;
}
const create = (project: ProjectView, name: string | null = null) =>
  experiments.create(project, { content: '{"lr": 1}', name, description: null, tags: [], ttl: null, isManaged: true }, 'mona');

/** As the other services would tell it. */
async function tell(stream: StreamName, ...events: Event[]): Promise<readonly Recorded[]> {
  const history = await test.store.load(stream);
  return test.store.append(stream, history.length - 1, events, { actor: 'test' });
}
const end = { exitCode: 0, message: null, endedAt: aTime, wasStarted: true, attempt: 1 };
const run = (experimentId: number, ...rest: RunEvent[]): RunEvent[] => [
  { type: 'RunQueued', data: { experimentId, order: anOrder(experimentId), cloningStrategy: null, sourceExperimentId: null, queuedAt: aTime } },
  { type: 'RunScheduled', data: { experimentId, attempt: 1, scheduledAt: aTime } },
  { type: 'RunStarted', data: { experimentId, attempt: 1, console: 'file:///x', logsPath: 'x', startedAt: aTime } },
  ...rest,
];
const archived = (experimentId: number): Event => ({ type: 'LogsArchived', data: { experimentId, attempt: 1, sizeBytes: 1, lines: 1, lostBytes: 0, archivedAt: aTime } });
const runsToTheEnd = async (id: number) => {
  await tell(`run-${id}`, ...run(id, { type: 'RunSucceeded', data: { experimentId: id, ...end } }));
  await tell(`logs-${id}`, archived(id));
  await until(`${id} is done`, async () => (await views.find(id))?.isDone);
};

describe('what users read', () => {
  it('follows an experiment from created to succeeded', async () => {
    const { id } = await create(await aProject());
    expect((await views.find(id))?.body).toMatchObject({ id, last_status: 'created', project: 'mona.mnist', unique_name: `mona.mnist.${id}`, command: 'train --lr=1', outputs_path: `mona/mnist/experiments/${id}` });
    await runsToTheEnd(id);
    const statuses = await views.statuses(id, { limit: 20, offset: 0 });
    expect(statuses.results.map(({ status }) => status).sort()).toEqual(['created', 'running', 'scheduled', 'succeeded']);
    expect((await views.find(id))?.body).toMatchObject({ last_status: 'succeeded', exit_code: 0, started_at: aTime, finished_at: aTime });
  });

  it('is done only when its console output is archived too, in whichever order the two are heard', async () => {
    const project = await aProject();
    const [one, other] = [await create(project), await create(project)];
    await tell(`run-${one.id}`, ...run(one.id, { type: 'RunFailed', data: { experimentId: one.id, ...end, exitCode: 3, reason: 'program' } }));
    await tell(`logs-${other.id}`, archived(other.id));
    await consumption.caughtUp();
    expect([(await views.find(one.id))?.isDone, (await views.find(other.id))?.isDone]).toEqual([false, false]);
    await tell(`logs-${one.id}`, archived(one.id));
    await tell(`run-${other.id}`, ...run(other.id, { type: 'RunStopped', data: { experimentId: other.id, ...end } }));
    await until('both are done', async () => (await views.find(one.id))?.isDone && (await views.find(other.id))?.isDone);
    expect([(await views.find(one.id))?.body.last_status, (await views.find(other.id))?.body.last_status]).toEqual(['failed', 'stopped']);
  });

  it('is done at once when no process was ever started', async () => {
    const { id } = await create(await aProject());
    await tell(`run-${id}`, { type: 'RunFailed', data: { experimentId: id, ...end, attempt: 0, wasStarted: false, exitCode: null, message: 'disk full', reason: 'outputs' } });
    await until('it is done', async () => (await views.find(id))?.isDone);
    expect((await views.find(id))?.body).toMatchObject({ last_status: 'upstream_failed', last_status_message: 'disk full' });
  });

  it('finds experiments by a search, and refuses one it can’t read', async () => {
    const project = await aProject();
    const [first, second] = [await create(project, 'alpha'), await create(project, 'beta')];
    await new Metrics(test.store.pool).add(second.id, [{ values: { loss: 0.5 }, createdAt: aTime }, { values: { accuracy: 0.9 }, createdAt: aTime }]);
    const search = async (query: string, sort = '') => (await views.list(project.id, { query, sort, limit: 20, offset: 0 })).results.map(({ id }) => id);
    expect(await search('')).toEqual([second.id, first.id]);
    expect(await search('name: alpha')).toEqual([first.id]);
    expect(await search('~name: alpha')).toEqual([second.id]);
    expect(await search('metrics.loss: <=0.5')).toEqual([second.id]);
    expect(await search('params.lr: 1, status: created|running')).toEqual([second.id, first.id]);
    expect(await search('name: %ph%')).toEqual([first.id]);
    expect(await search('', 'name')).toEqual([first.id, second.id]);
    expect(await search('', '-metric.loss')).toEqual([second.id, first.id]);
    expect((await views.find(second.id))?.body.last_metric).toEqual({ loss: 0.5, accuracy: 0.9 });
    await expect(search('colour: red')).rejects.toThrow('there is no field "colour"');
  });

  it('refuses a second experiment or project of the same name', async () => {
    const project = await aProject();
    await create(project, 'alpha');
    await expect(aProject()).rejects.toMatchObject({ code: 'project-exists' });
    const { id } = await create(project);
    await expect(experiments.describe(id, { name: 'alpha' }, 'mona')).rejects.toMatchObject({ code: 'experiment-name-taken' });
  });

  it('tells the history and the lineage of a clone', async () => {
    const { id } = await create(await aProject());
    await runsToTheEnd(id);
    const clone = await experiments.copy(id, { content: '{"lr": 2}' }, 'mona');
    expect(clone).toMatchObject({ cloning_strategy: 'copy', source_id: id, command: 'train --lr=2', last_status: 'created' });
    const history = await new History(test.store.pool).of(id, id);
    expect(history.map(({ type }) => type)).toEqual(['ExperimentCreated', 'RunQueued', 'RunScheduled', 'RunStarted', 'RunSucceeded', 'LogsArchived', 'ExperimentDone']);
    expect((await views.lineage(clone.id)).nodes.map((node) => [node.id, node.source_id])).toEqual([[id, null], [clone.id, id]]);
  });
});

it('what is rebuilt of one experiment from its history is what users read of it', async () => {
  const project = await aProject();
  const { id } = await create(project, 'alpha');
  await experiments.describe(id, { tags: ['a'], params: { lr: 3 } }, 'mona');
  await tell(`run-${id}`, ...run(id, { type: 'RunAttemptFailed', data: { experimentId: id, ...end, exitCode: 1, reason: 'program', attemptsAllowed: 2, nextAttemptAt: aTime } }));
  const tracked = await experiments.create(project, { content: '', name: null, description: null, tags: [], ttl: null, isManaged: false }, 'mona');
  await experiments.reportStatus(tracked.id, { status: 'running', message: 'so it says', traceback: null }, 'mona');
  const short = await experiments.create(project, { content: '', name: null, description: null, tags: [], ttl: null, isManaged: false }, 'mona');
  await experiments.reportStatus(short.id, { status: 'failed', message: 'at once', traceback: null }, 'mona');
  const ended = await create(project);
  await runsToTheEnd(ended.id);
  const resumed = await experiments.resume(ended.id, {}, 'mona');
  await consumption.caughtUp();
  for (const one of [id, tracked.id, short.id, ended.id, resumed.id]) {
    const { body, originalId } = (await views.find(one)) as NonNullable<Awaited<ReturnType<typeof views.find>>>;
    const folded = foldAll(await new History(test.store.pool).of(one, originalId));
    expect(folded).toEqual(Object.fromEntries(Object.keys(folded ?? {}).map((key) => [key, body[key as keyof typeof body]])));
  }
});

describe('what the machine takes away', () => {
  const at = (seconds: number) => new Date(Date.parse(aTime) + 1000 * seconds).toISOString();
  const scheduled = (experimentId: number): RunEvent[] => run(experimentId).slice(0, 2);
  const pending = (experimentId: number, cause: PendingCause, reason: string | null): RunEvent => ({ type: 'RunPending', data: { experimentId, attempt: 1, cause, reason, pendingAt: at(1) } });
  const shown = async (id: number) => {
    await consumption.caughtUp();
    const { last_status: status, last_status_message: message } = (await views.find(id))?.body ?? {};
    return [status, message];
  };

  it('shows why it can not start, and that it can again', async () => {
    const { id } = await create(await aProject());
    await tell(`run-${id}`, ...scheduled(id), pending(id, 'unschedulable', 'no node has a GPU'));
    expect(await shown(id)).toEqual(['unschedulable', 'no node has a GPU']);
    await tell(`run-${id}`, pending(id, 'image', 'no such image'));
    expect(await shown(id)).toEqual(['warning', 'no such image']);
    await tell(`run-${id}`, pending(id, 'cluster', 'the cluster does not answer'));
    expect(await shown(id)).toEqual(['starting', 'the cluster does not answer']);
    await tell(`run-${id}`, pending(id, 'starting', null), run(id)[2] as RunEvent);
    expect(await shown(id)).toEqual(['running', null]);
  });

  const taken = (experimentId: number): RunEvent => ({
    type: 'RunPreempted',
    data: {
      experimentId, attempt: 1, wasStarted: true, exitCode: null, message: 'its node is gone', endedAt: at(100), cause: 'node-lost', preemptions: 1, preemptionsAllowed: 50, nextAttemptAt: at(110),
      outputs: { originalExperimentId: experimentId, outputsPath: 'x', forced: false },
    },
  });
  const prepared = (experimentId: number, step: number | null, savedAt: number | null): Event => ({
    type: 'OutputsPrepared',
    data: {
      experimentId, originalExperimentId: experimentId, outputsPath: 'x', attempt: 2, preparedAt: at(101),
      checkpoint: { offered: savedAt === null ? null : { path: 'step.pt', framework: 'pytorch', step, sizeBytes: 1, modifiedAt: at(savedAt), complete: true, problem: null }, parts: [], setAside: [] },
    },
  });
  const lost = async (id: number) => (await new History(test.store.pool).of(id, id)).filter(({ type }) => type === 'ExperimentWorkLost').map(({ data }) => data);
  const report = (id: number, from: number, to: number) =>
    new Metrics(test.store.pool).add(id, Array.from({ length: to - from + 1 }, (_, index) => ({ values: { step: (from + index) * 10, loss: 1 }, createdAt: at(from + index) })), 1);

  it('says that it goes on by itself, and records what is lost of it', async () => {
    const { id } = await create(await aProject());
    await report(id, 1, 99);
    await tell(`run-${id}`, ...run(id, taken(id)));
    expect(await shown(id)).toEqual(['warning', 'attempt 1 is gone with its node: its node is gone; it goes on by itself from its last whole checkpoint, in 10 s (1 of 50 times that this may happen)']);
    await tell(`outputs-${id}`, prepared(id, 600, 60));
    await consumption.caughtUp();
    expect(await lost(id)).toEqual([{ experimentId: id, attempt: 1, cause: 'node-lost', seconds: 40, steps: 390, checkpointPath: 'step.pt', recordedAt: at(101) }]);
    const { results } = await views.statuses(id, { limit: 20, offset: 0 });
    expect(results.map(({ message }) => message)).toContain('40 s and 390 steps of attempt 1 are done again: it goes on from step.pt');
    await tell(`outputs-${id}`, prepared(id, 600, 60)); // said again
    await consumption.caughtUp();
    expect(await lost(id)).toHaveLength(1);
  });

  it('counts steps as they were reported where the checkpoint counts in another way, and none where nothing is known', async () => {
    const project = await aProject();
    const [epochs, bare, silent] = [await create(project), await create(project), await create(project)];
    for (const { id } of [epochs, bare, silent]) await tell(`run-${id}`, ...run(id, taken(id)));
    await report(epochs.id, 1, 99);
    await report(bare.id, 1, 99);
    await tell(`outputs-${epochs.id}`, prepared(epochs.id, 3, 60));
    await tell(`outputs-${bare.id}`, prepared(bare.id, null, null));
    await tell(`outputs-${silent.id}`, prepared(silent.id, 600, 60));
    await consumption.caughtUp();
    expect(await lost(epochs.id)).toMatchObject([{ seconds: 40, steps: 390 }]);
    expect(await lost(bare.id)).toMatchObject([{ seconds: 100, steps: null, checkpointPath: null }]);
    expect(await lost(silent.id)).toMatchObject([{ seconds: 40, steps: null, checkpointPath: 'step.pt' }]);
  });
});

describe('two at once', () => {
  it('resumes of one source: exactly one wins, and the other is told who did', async () => {
    const { id } = await create(await aProject());
    await runsToTheEnd(id);
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => experiments.resume(id, {}, 'mona')));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'experiment-not-done' });
  });

  it('what a user sees as done can be resumed at once', async () => {
    const { id } = await create(await aProject());
    await runsToTheEnd(id);
    await expect(experiments.resume(id, {}, 'mona')).resolves.toMatchObject({ cloning_strategy: 'resume', outputs_owner_id: id });
  });

  it('the same reserved id is the same experiment', async () => {
    const project = await aProject();
    const known = await experiments.reserveId();
    const reserved = { known, take: () => Promise.resolve(known) };
    const wanted = { content: '{"lr": 1}', name: null, description: null, tags: [], ttl: null, isManaged: true };
    const bodies = await Promise.all(Array.from({ length: 5 }, () => experiments.create(project, wanted, 'mona', reserved)));
    expect(new Set(bodies.map(({ id }) => id))).toEqual(new Set([known]));
    expect((await views.list(project.id, { limit: 20, offset: 0 })).count).toBe(1);
  });

  it('a plan says what would be refused, and does nothing', async () => {
    const { id } = await create(await aProject());
    const plan = await experiments.plan('resume', id, { content: '{"lr": 3}' }, 'mona');
    expect(plan).toMatchObject({ command: { before: 'train --lr=1', after: 'train --lr=3' }, refusal: { code: 'experiment-not-done' } });
    expect(await test.store.load(`experiment-${id}`)).toHaveLength(1);
  });
});

describe('a rebuild', () => {
  const rows = async () => {
    const all: unknown[] = [];
    for (const table of ['projects', 'experiments', 'experiment_params', 'experiment_statuses']) all.push((await test.store.pool.query(`SELECT * FROM api_gateway.${table} ORDER BY 1, 2`)).rows);
    return all;
  };

  it('gives row by row what was there, though everybody writes meanwhile', async () => {
    const project = await aProject();
    let writing = true;
    const writers = Array.from({ length: 4 }, async () => {
      while (writing) {
        const { id } = await create(project);
        await experiments.describe(id, { tags: [`t${id}`] }, 'mona');
        await experiments.stop(id, 'mona');
        await runsToTheEnd(id);
      }
    });
    try {
      for (let time = 0; time < 20; time += 1) await rebuildViews(test.store, Date.now);
    } finally {
      writing = false;
      await Promise.all(writers);
    }
    await consumption.caughtUp();
    const live = await rows();
    const { events } = await rebuildViews(test.store, Date.now);
    expect(await rows()).toEqual(live);
    expect(events).toBeGreaterThan(20);
    expect((await views.list(project.id, { limit: 1, offset: 0 })).count).toBe((await projectsView.body(project)).num_experiments);
  });
});

it('a metric that is committed after a later one is still news', async () => {
  const { pool } = test.store;
  const metrics = new Metrics(pool);
  const slow = await pool.connect();
  await slow.query('BEGIN');
  await slow.query(`INSERT INTO api_gateway.metrics (experiment_id, values, created_at) VALUES (1, '{"loss": 0.05}', now())`);
  await metrics.add(2, [{ values: { loss: 0.5 }, createdAt: aTime }]);
  const before = await metrics.latest([1, 2]);
  await slow.query('COMMIT');
  slow.release();
  expect(await metrics.latest([1, 2])).not.toBe(before);
});
