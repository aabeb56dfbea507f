// Does a group run its whole search, and can it be stopped, resumed, and made of copies of one experiment?
import { existsSync } from 'node:fs';
import type { ExperimentBody, GroupBody } from '#contracts';
import { until } from '#testing';
import { clone, created, project, run, saveAndEnd } from './asking.ts';
import { Platform, upload, type Answer } from './platform.ts';

let platform: Platform;

beforeAll(async () => {
  platform = await Platform.start({ POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '8', POLYAXON_GROUP_MEMBERS_LIMIT: '50' });
  await platform.api('POST', 'projects', { name: 'verbs' });
}, 90_000);
afterAll(() => platform.remove(), 60_000);

const out = '$POLYAXON_RUN_OUTPUTS_PATH';
/** Each start of a member adds a line to its outputs. */
const tell = `echo "lr={{ lr }} steps={{ steps }}" >> ${out}/starts`;
const polyaxonfile = (cmd: string, hptuning: object, more: object = {}) => JSON.stringify({ version: 1, kind: 'group', params: { steps: 1 }, hptuning, ...more, run: { cmd } });

const ask = (content: string): Promise<Answer> => platform.api('POST', `${project}/groups`, { content });
const make = async (content: string): Promise<GroupBody> => (await created(ask(content))) as unknown as GroupBody;
const membersOf = async (id: number): Promise<ExperimentBody[]> =>
  ((await platform.api('GET', `${project}/experiments?group=${id}&limit=200`)).body.results as ExperimentBody[]).sort((a, b) => a.id - b.id);
const starts = ({ outputs_path: path }: ExperimentBody): string[] => platform.output(`${path}/starts`)?.trimEnd().split('\n') ?? [];

async function groupIs(id: number, ...wanted: string[]): Promise<GroupBody> {
  return until(`group ${id} is ${wanted.join(' or ')}`, async () => {
    const { body } = await platform.api('GET', `${project}/groups/${id}`);
    return wanted.includes((body as GroupBody).last_status) ? (body as GroupBody) : null;
  }, 120_000);
}

async function membersAre(id: number, what: string, are: (members: readonly ExperimentBody[]) => boolean): Promise<ExperimentBody[]> {
  return until(`members of group ${id} are ${what}`, async () => {
    const members = await membersOf(id);
    return are(members) ? members : null;
  }, 120_000);
}

/** From the events: the most members of the group that were scheduled or started at the same time. */
async function mostAtOnce(id: number): Promise<number> {
  const members = (await membersOf(id)).map((member) => member.id);
  const events = await platform.rows<{ type: string }>(
    `SELECT type FROM event_store.messages WHERE category = 'run' AND (data ->> 'experimentId')::int = ANY ($1) AND type IN ('RunScheduled', 'RunSucceeded', 'RunFailed', 'RunStopped', 'RunPreempted')
       AND (data -> 'attempt')::int > 0 ORDER BY transaction_id, global_position`,
    [members],
  );
  let [now, most] = [0, 0];
  for (const { type } of events) most = Math.max(most, (now += type === 'RunScheduled' ? 1 : -1));
  return most;
}

describe('grid search', () => {
  it('runs every combination once, each in a path of its own below the group, never more at once than it says', async () => {
    const { id } = await make(polyaxonfile(tell, { concurrency: 2, matrix: { lr: { values: [0.1, 0.2] }, steps: { values: [5, 6, 7] } } }));
    const done = await groupIs(id, 'done', 'failed');
    expect(done).toMatchObject({ last_status: 'done', search_algorithm: 'grid_search', concurrency: 2, num_experiments: 6, num_succeeded_experiments: 6, unique_name: `root.verbs.${id}` });
    const members = await membersOf(id);
    expect(members.map(starts)).toEqual([0.1, 0.2].flatMap((lr) => [5, 6, 7].map((steps) => [`lr=${lr} steps=${steps}`])));
    for (const member of members) {
      expect(member).toMatchObject({ outputs_path: `root/verbs/groups/${id}/${member.id}`, logs_path: `root/verbs/groups/${id}/${member.id}`, experiment_group: `root.verbs.${id}` });
      expect(existsSync(platform.outputs(`root/verbs/experiments/${member.id}`))).toBe(false);
    }
    const statuses = (await platform.api('GET', `${project}/groups/${id}/statuses`)).body.results as { status: string; experiment_group: number }[];
    expect(statuses.map(({ status, experiment_group: of }) => [status, of])).toEqual([['created', id], ['running', id], ['done', id]]);
    expect(await mostAtOnce(id)).toBe(2);
  }, 180_000);
});

describe('a member', () => {
  it('is resumed, restarted and copied within its group, also when that is done, with -f rendered again and -u', async () => {
    await upload(platform, project, { 'code.txt': 'first\n' });
    const { id } = await make(polyaxonfile(`${tell}; cat code.txt >> ${out}/code`, { concurrency: 1, matrix: { lr: { values: [0.1] } } }));
    await groupIs(id, 'done');
    const [member] = (await membersOf(id)) as [ExperimentBody];
    await upload(platform, project, { 'code.txt': 'second\n' });
    const resumed = await platform.done((await clone(platform, 'resume', member.id, { params: { steps: 9 } }, { update_code: true })).id);
    expect(resumed).toMatchObject({ last_status: 'succeeded', experiment_group: `root.verbs.${id}`, outputs_path: member.outputs_path });
    expect([starts(member), platform.output(`${member.outputs_path}/code`)]).toEqual([['lr=0.1 steps=1', 'lr=0.1 steps=9'], 'first\nsecond\n']);
    const [restarted, copied] = [await clone(platform, 'restart', member.id, { params: { lr: 0.7 } }), await clone(platform, 'copy', member.id)];
    for (const one of [restarted, copied]) expect(await platform.done(one.id)).toMatchObject({ last_status: 'succeeded', outputs_path: `root/verbs/groups/${id}/${one.id}` });
    expect(starts(restarted)).toEqual(['lr=0.7 steps=1']);
    expect(starts(copied)).toEqual(['lr=0.1 steps=1', 'lr=0.1 steps=9', 'lr=0.1 steps=1']);
    expect(await mostAtOnce(id)).toBe(1);
  }, 180_000);
});

describe('a group that is stopped', () => {
  /** The first member succeeds at once, the others when they are told to by an override. */
  const patient = `${tell}; if [ {{ n }} = 1 ] || [ {{ steps }} = 8 ]; then exit 0; fi; exec sleep 600`;
  const matrix = { lr: { values: [0.5] }, n: { values: [1, 2, 3, 4, 5] } };

  it('stops what waits only, with pending; and is resumed as a whole: the finished stay, the stopped go on, what never ran runs', async () => {
    const { id } = await make(polyaxonfile(patient, { concurrency: 2, matrix }));
    const isThere = (path: string) => platform.output(`${path}/starts`) !== null;
    await membersAre(id, 'running', (members) => members.filter(({ last_status: status, outputs_path: path }) => status === 'running' && isThere(path)).length === 2 && members[0]?.last_status === 'succeeded');

    expect(await platform.api('POST', `${project}/groups/${id}/stop`, { pending: true })).toMatchObject({ status: 200 });
    const before = await membersAre(id, 'stopped where they waited', (members) => members.slice(3).every((one) => one.last_status === 'stopped'));
    expect(before.map((one) => one.last_status)).toEqual(['succeeded', 'running', 'running', 'stopped', 'stopped']);
    expect(await platform.api('POST', `${project}/groups/${id}/resume`)).toMatchObject({ status: 409, body: { code: 'group-not-done', fix: `polyaxon group -g ${id} stop` } });

    expect(await platform.api('POST', `${project}/groups/${id}/stop`)).toMatchObject({ status: 200 });
    expect(await groupIs(id, 'stopped', 'done')).toMatchObject({ last_status: 'stopped', num_stopped_experiments: 4, num_succeeded_experiments: 1 });
    expect(await platform.api('POST', `${project}/groups/${id}/stop`)).toMatchObject({ status: 409, body: { code: 'group-already-done' } });
    const kind = await platform.api('POST', `${project}/groups/${id}/resume`, { content: '{"kind": "experiment"}' });
    const search = await platform.api('POST', `${project}/groups/${id}/resume`, { content: '{"hptuning": {"matrix": {"lr": {"values": [1]}}}}' });
    for (const refused of [kind, search]) expect(refused).toMatchObject({ status: 400, body: { code: 'override-invalid' } });

    expect(await platform.api('POST', `${project}/groups/${id}/resume`, { content: "{'params': {'steps': 8}, 'hptuning': {'concurrency': 1}}" })).toMatchObject({ status: 201, body: { concurrency: 1 } });
    expect(await groupIs(id, 'done', 'failed', 'stopped')).toMatchObject({ last_status: 'done', last_status_message: null, num_experiments: 9, num_succeeded_experiments: 5 });
    const after = (await membersOf(id)).slice(5);
    expect(after.map((one) => [one.source_id, one.cloning_strategy, one.last_status])).toEqual([
      [before[1]?.id, 'resume', 'succeeded'], [before[2]?.id, 'resume', 'succeeded'], [before[3]?.id, 'restart', 'succeeded'], [before[4]?.id, 'restart', 'succeeded'],
    ]);
    expect(after.map(starts)).toEqual([...Array<string[]>(2).fill(['lr=0.5 steps=1', 'lr=0.5 steps=8']), ...Array<string[]>(2).fill(['lr=0.5 steps=8'])]);
    expect(before[0] && starts(before[0])).toEqual(['lr=0.5 steps=1']);
    expect(await mostAtOnce(id)).toBe(2);
    const statuses = (await platform.api('GET', `${project}/groups/${id}/statuses`)).body.results as { status: string }[];
    expect(statuses.map(({ status }) => status)).toEqual(['created', 'running', 'stopping', 'stopping', 'stopped', 'resuming', 'running', 'done']);
    expect(await platform.api('POST', `${project}/groups/${id}/resume`)).toMatchObject({ status: 409, body: { code: 'group-succeeded' } });
  }, 240_000);
});

describe('restart --copy into many', () => {
  it('makes a group whose members all start from a copy of the source', async () => {
    const source = await platform.done((await run(platform, saveAndEnd, { params: { lr: 0.1, steps: 1 } })).id);
    const change = { hptuning: { matrix: { lr: { values: [0.1, 0.2, 0.3] } } }, run: { cmd: `${tell}; cat ${out}/model` } };
    const refused = await platform.api('POST', `${project}/experiments/${source.id}/resume`, { content: JSON.stringify(change) });
    expect(refused).toMatchObject({ status: 400, body: { code: 'override-invalid', fix: `polyaxon experiment -xp ${source.id} restart --copy -f override.yml` } });
    const plan = await platform.api('POST', `${project}/experiments/${source.id}/copy/plan`, { content: JSON.stringify(change) });
    expect(plan).toMatchObject({ status: 400, body: { code: 'request-invalid', detail: expect.stringContaining('a plan is of one experiment') } });
    const group = (await clone(platform, 'copy', source.id, change)) as unknown as GroupBody;
    expect(group).toMatchObject({ source_id: source.id, cloning_strategy: 'copy', search_algorithm: 'grid_search' });
    expect(await groupIs(group.id, 'done', 'failed')).toMatchObject({ last_status: 'done', num_succeeded_experiments: 3 });
    for (const [index, member] of (await membersOf(group.id)).entries()) {
      expect(member).toMatchObject({ source_id: source.id, cloning_strategy: 'copy', outputs_path: `root/verbs/groups/${group.id}/${member.id}` });
      expect(platform.output(`${member.outputs_path}/model`)).toBe('trained\n');
      expect(starts(member)).toEqual([`lr=${[0.1, 0.2, 0.3][index]} steps=1`]);
    }
    expect(existsSync(platform.outputs(`${source.outputs_path}/starts`))).toBe(false);
  }, 180_000);
});

describe('Hyperband with resume: true', () => {
  it('goes on with the trials it keeps, in their outputs, with the bigger resource and a command rendered again', async () => {
    const measure = `python3 -c "from polyaxon_client.tracking import Experiment; Experiment().log_metrics(loss={{ lr }})"`;
    const hyperband = { max_iter: 4, eta: 2, resource: { name: 'steps', type: 'int' }, metric: { name: 'loss', optimization: 'minimize' }, resume: true };
    const { id } = await make(polyaxonfile(`${tell} && ${measure}`, { seed: 3, concurrency: 4, hyperband, matrix: { lr: { uniform: '0:1' } } }));
    const done = await groupIs(id, 'done', 'failed');
    expect(done).toMatchObject({ last_status: 'done', search_algorithm: 'hyperband', num_failed_experiments: 0 });
    const members = await membersOf(id);
    const first = members.filter((member) => member.cloning_strategy === null && member.params.steps === 1);
    const kept = members.filter((member) => member.cloning_strategy === 'resume' && member.params.steps === 2);
    const best = members.filter((member) => member.cloning_strategy === 'resume' && member.params.steps === 4);
    expect([first.length, kept.length]).toEqual([4, 2]);
    const losses = first.map(({ last_metric: metric }) => metric.loss as number).sort((a, b) => a - b);
    expect(kept.map(({ last_metric: metric }) => metric.loss as number).sort((a, b) => a - b)).toEqual(losses.slice(0, 2));
    const [winner] = best.filter(({ outputs_owner_id: owner }) => first.some((one) => one.id === owner)) as [ExperimentBody];
    const lr = winner.params.lr as number;
    expect(winner.last_metric.loss).toBe(losses[0]);
    expect(starts(winner)).toEqual([`lr=${lr} steps=1`, `lr=${lr} steps=2`, `lr=${lr} steps=4`]);
  }, 240_000);
});

describe('Bayesian optimisation', () => {
  it('goes on one by one after its first trials, each chosen by all results so far', async () => {
    const measure = 'python3 -c "from polyaxon_client.tracking import Experiment; Experiment().log_metrics(loss=({{ lr }} - 0.3) ** 2)"';
    const bo = { n_initial_trials: 2, n_iterations: 2, metric: { name: 'loss', optimization: 'minimize' } };
    const { id } = await make(polyaxonfile(measure, { seed: 1, bo, matrix: { lr: { uniform: '0:1' } } }));
    const done = await groupIs(id, 'done', 'failed', 'stopped');
    expect((await membersOf(id)).map((one) => [one.last_status, one.last_status_message])).toEqual(Array(4).fill(['succeeded', null]));
    expect(done).toMatchObject({ last_status: 'done', search_algorithm: 'bo', iteration: 3, num_succeeded_experiments: 4 });
    const results = `SELECT data -> 'results' AS results FROM event_store.messages WHERE stream_name = $1 AND type = 'GroupIterationEnded' ORDER BY position`;
    const ended = await platform.rows<{ results: { metric: number }[] }>(results, [`group-${id}`]);
    const measured = (await membersOf(id)).map(({ last_metric: metric }) => metric.loss);
    expect(ended.map((one) => one.results.map(({ metric }) => metric))).toEqual([measured.slice(0, 2), [measured[2]], [measured[3]]]);
  }, 180_000);
});

describe('early stopping', () => {
  const report = 'from polyaxon_client.tracking import Experiment; import time; x = Experiment(); x.log_metrics(loss={{ loss }}); time.sleep({{ seconds }})';
  const cmd = `python3 -c "${report}"`;

  it('ends the whole group when a member gets there, and says so', async () => {
    const early = [{ metric: 'loss', value: 0.1, optimization: 'minimize' }];
    const { id } = await make(polyaxonfile(cmd, { concurrency: 2, early_stopping: early, matrix: { loss: { values: [0.5, 0.05, 0.4] }, seconds: { values: [600] } } }));
    const done = await groupIs(id, 'done', 'failed', 'stopped');
    const members = await membersOf(id);
    expect(done).toMatchObject({ last_status: 'done', last_status_message: `loss of experiment ${members[1]?.id} is 0.05 and has reached 0.1`, num_stopped_experiments: 3 });
    expect(members.map((one) => [one.last_status, one.last_status_message])).toEqual(Array(3).fill(['stopped', done.last_status_message]));
  }, 180_000);

  it('stops members that are worse than most', async () => {
    const early = [{ metric: 'loss', optimization: 'minimize', policy: { kind: 'median', evaluation_interval: 1 } }];
    const told = cmd.replace('{{ loss }}', '{{ 9 if n == 5 else 0.1 }}').replace('{{ seconds }}', '{{ 600 if n == 5 else 0 }}');
    const { id } = await make(polyaxonfile(told, { early_stopping: early, matrix: { n: { values: [1, 2, 3, 4, 5] } } }));
    expect(await groupIs(id, 'done', 'failed', 'stopped')).toMatchObject({ last_status: 'done', num_succeeded_experiments: 4, num_stopped_experiments: 1 });
    expect((await membersOf(id)).at(-1)).toMatchObject({ last_status: 'stopped', last_status_message: expect.stringContaining('loss is 9') });
  }, 180_000);
});

describe('a group that is only tracked', () => {
  it('is what its program says, with experiments that are tracked too', async () => {
    const made = await platform.api('POST', `${project}/groups`, { is_managed: false, name: 'notebook' });
    const { id } = made.body as GroupBody;
    expect(made).toMatchObject({ status: 201, body: { is_managed: false, search_algorithm: null, last_status: 'created' } });
    expect(await platform.api('POST', `${project}/groups/${id}/statuses`, { status: 'running' })).toMatchObject({ status: 201 });
    const member = await created(platform.api('POST', `${project}/experiments`, { is_managed: false, experiment_group: id }));
    expect(member).toMatchObject({ experiment_group: `root.verbs.${id}`, unique_name: `root.verbs.${id}.${member.id}` });
    expect((await platform.api('GET', `${project}/groups/${id}`)).body).toMatchObject({ last_status: 'running', num_experiments: 1 });
    expect(await platform.api('POST', `${project}/experiments`, { is_managed: false, experiment_group: 999 })).toMatchObject({ status: 404, body: { code: 'group-not-found' } });
    await platform.api('POST', `${project}/groups/${id}/statuses`, { status: 'done' });
    expect(await groupIs(id, 'done')).toMatchObject({ last_status: 'done' });
    expect((await platform.api('GET', `${project}/groups?query=${encodeURIComponent('name: note%, status: done')}`)).body.results.map((one: GroupBody) => one.id)).toEqual([id]);
  });
});

describe('the views of groups', () => {
  it('are made again from the events', async () => {
    const read = async () => ({ groups: (await platform.api('GET', `${project}/groups?limit=100`)).body.results as unknown, statuses: await platform.rows('SELECT * FROM api_gateway.group_statuses ORDER BY id') });
    const before = await read();
    expect(await platform.cli(platform.folder, 'admin', 'rebuild-views')).toMatchObject({ code: 0 });
    expect(await read()).toEqual(before);
  }, 60_000);
});

describe('what is refused', () => {
  const count = async () => (await platform.rows<{ n: number }>(`SELECT count(*)::int AS n FROM event_store.messages WHERE category = 'group'`))[0]?.n;
  const lr = { values: [0.1, 0.2] };

  it.each([
    ['more members than are allowed', polyaxonfile('true', { matrix: { n: { range: '0:51:1' } } }), 'group-too-large', 'up to 51 members, more than the 50'],
    ['a distribution under grid search', polyaxonfile('true', { matrix: { lr: { uniform: '0:1' } } }), 'polyaxonfile-invalid', 'matrix.lr'],
    ['an empty matrix', polyaxonfile('true', { matrix: {} }), 'polyaxonfile-invalid', 'matrix'],
    ['a command that can not be rendered', polyaxonfile('train {{ rate }}', { matrix: { lr } }), 'polyaxonfile-invalid', 'rate'],
    ['an experiment', JSON.stringify({ version: 1, kind: 'experiment', run: { cmd: 'true' } }), 'polyaxonfile-invalid', 'expected group'],
  ])('%s, and nothing is made', async (_, content, code, why) => {
    const before = await count();
    const { status, body } = await ask(content);
    expect([status, body.code, body.detail]).toEqual([400, code, expect.stringContaining(why)]);
    expect(await count()).toBe(before);
  });
});

describe('the command line', () => {
  it('makes, shows, waits for, stops and resumes groups', async () => {
    const folder = platform.workspace('sweep', {
      'polyaxonfile.yml': 
        'version: 1\nkind: group\nhptuning:\n  concurrency: 1\n  matrix:\n    n: {values: [1, 2]}\nparams: {steps: 1}\nrun:\n' +
        '  cmd: if [ {{ n }} = 1 ] || [ {{ steps }} = 8 ]; then exit 0; fi; sleep 600\n',
      'more.yml': 'params:\n  steps: 8\n',
      'matrix.yml': 'hptuning:\n  matrix:\n    n: {values: [1, 1]}\n',
    });
    const polyaxon = (...args: string[]) => platform.cli(folder, ...args);
    expect(await polyaxon('init', project)).toMatchObject({ code: 0 });
    const made = await polyaxon('run', '-p', project);
    expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^Experiment group \d+ was created\n$/)]);
    const id = Number(/\d+/.exec(made.out)?.[0]);
    await membersAre(id, 'one done, one running', ([one, other]) => one?.last_status === 'succeeded' && other?.last_status === 'running');

    expect(JSON.parse((await polyaxon('group', 'get', '-o', 'json')).out)).toMatchObject({ id, last_status: 'running', num_succeeded_experiments: 1, num_running_experiments: 1 });
    expect((await polyaxon('project', 'groups', '-p', project)).out).toMatch(new RegExp(`${id} +running +grid_search +2: 1 running, 1 succeeded`));
    expect((await polyaxon('group', '-g', String(id), 'experiments', '-p')).out).toMatch(/STATUS[^]+ n [^]+running[^]+succeeded/);
    expect(await polyaxon('group', '-g', String(id), 'wait', '--timeout', '0')).toMatchObject({ code: 7, err: expect.stringContaining('1 running, 1 succeeded') });
    expect(await polyaxon('group', '-g', String(id), 'stop', '-y')).toMatchObject({ code: 0, out: 'Experiments in group are being stopped.\n' });
    expect(await polyaxon('group', 'wait')).toMatchObject({ code: 1, err: expect.stringContaining(`polyaxon group -g ${id} resume`) });

    expect(await polyaxon('group', '-g', String(id), 'resume', '-f', 'more.yml', '-u', '--wait')).toMatchObject({ code: 0, out: expect.stringContaining(`Group ${id} was resumed`) });
    expect((await polyaxon('group', '-g', String(id), 'statuses', '-o', 'name')).out.trim().split('\n')).toEqual(['created', 'running', 'stopping', 'stopped', 'resuming', 'running', 'done']);
    expect(await polyaxon('group', '-g', String(id), 'resume')).toMatchObject({ code: 4, err: expect.stringContaining('nothing to resume') });

    const [source, , resumed] = (await membersOf(id)) as [ExperimentBody, ExperimentBody, ExperimentBody];
    expect(resumed.code_revision).toMatch(/^[0-9a-f]{64}$/);
    expect(resumed.code_revision).not.toBe(source.code_revision);
    const copies = await polyaxon('experiment', '-xp', String(source.id), 'restart', '-f', 'matrix.yml', '--wait');
    expect(copies).toMatchObject({ code: 0, out: expect.stringMatching(/^Experiment group \d+ was created; its members start from experiment \d+\n/) });
    expect(await polyaxon('group', '-g', String(id), 'delete', '-y')).toMatchObject({ code: 0, out: `Experiment group ${id} was delete successfully\n` });
    await membersAre(id, 'gone', (members) => members.length === 0);
    await until('their outputs are gone', () => !existsSync(platform.outputs(source.outputs_path)), 30_000);
    expect(await polyaxon('group', '-g', String(id), 'get')).toMatchObject({ code: 3 });
  }, 240_000);
});
