// Do resume and restart mean what the table of the three verbs says?
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { list } from 'tar';
import { ask, clone, created, eventCount, polyaxonfile, project, run, saveAndEnd, stop, untilStopped, written } from './asking.ts';
import { until } from '#testing';
import { Platform, upload } from './platform.ts';
import { contentsOf } from './training.ts';

let platform: Platform;

beforeAll(async () => {
  platform = await Platform.start({ POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '8' });
  await platform.api('POST', 'projects', { name: 'verbs' });
}, 60_000);
afterAll(() => platform.remove(), 60_000);

const params = { a: 1, b: 'one', c: [1, 2, 3] };
const tell = 'echo a={{ a }} b={{ b | default("none") }} c={{ c }}; cat code.txt; echo $POLYAXON_PARAMS; ';
const uploadCode = (text: string) => upload(platform, project, { 'code.txt': `${text}\n` });
/** What it printed: the rendered parameters, its code, and the parameters as the program gets them. */
async function told(id: number): Promise<{ rendered: string; code: string; params: unknown }> {
  const [rendered = '', code = '', given = ''] = platform.log(await platform.done(id)).split('\n');
  return { rendered, code, params: JSON.parse(given) };
}

describe('spec, params and code are those of the experiment named, then -f, then -u', () => {
  it('also when that is itself a resume', async () => {
    await uploadCode('first');
    const root = await run(platform, tell + saveAndEnd, { params });
    expect(await told(root.id)).toEqual({ rendered: 'a=1 b=one c=[1, 2, 3]', code: 'first', params });

    await uploadCode('second');
    const resumed = await clone(platform, 'resume', root.id, { params: { a: 2 } }, { update_code: true });
    const ofResume = { rendered: 'a=2 b=one c=[1, 2, 3]', code: 'second', params: { ...params, a: 2 } };
    expect(await told(resumed.id)).toEqual(ofResume);

    await uploadCode('third');
    const again = await clone(platform, 'resume', resumed.id);
    expect(await told(again.id)).toEqual(ofResume);
    expect(again).toMatchObject({ outputs_path: root.outputs_path, outputs_owner_id: root.id, source_id: resumed.id, code_revision: resumed.code_revision });

    expect(await told((await clone(platform, 'restart', resumed.id)).id)).toEqual(ofResume);
    expect(await told((await clone(platform, 'resume', root.id)).id)).toEqual({ rendered: 'a=1 b=one c=[1, 2, 3]', code: 'first', params });
    expect((await told((await clone(platform, 'restart', root.id, undefined, { update_code: true })).id)).code).toBe('third');
  });

  it('-f: mappings merge, lists and scalars replace, null removes, and run.cmd is rendered again', async () => {
    const environment = { labels: { team: 'vision', tier: 'low' }, resources: { cpu: { requests: 0.1 } } };
    const source = await run(platform, tell + saveAndEnd, { params, environment, tags: ['x', 'y'] });
    await platform.done(source.id);
    const change = { params: { a: 3, b: null, c: [9] }, environment: { labels: { tier: null, gpu: 'no' }, resources: { memory: { requests: 64 } } }, tags: ['z'] };
    const restarted = await clone(platform, 'restart', source.id, change);
    expect(await told(restarted.id)).toEqual({ rendered: 'a=3 b=none c=[9]', code: 'third', params: { a: 3, c: [9] } });
    expect(JSON.parse(restarted.content)).toMatchObject({
      params: { a: 3, c: [9] },
      environment: { labels: { team: 'vision', gpu: 'no' }, resources: { cpu: { requests: 0.1 }, memory: { requests: 64 } } },
      tags: ['z'],
    });
    expect(restarted.command.startsWith('echo a=3 b=none c=[9]; ')).toBe(true);
  });

  it('-f is repeatable: later ones win', async () => {
    const source = await run(platform, tell + saveAndEnd, { params });
    await platform.done(source.id);
    const folder = platform.workspace('overrides', { 'a.yml': 'params: {a: 5, b: five}\n', 'b.yml': 'params: {a: 6}\n' });
    expect((await platform.cli(folder, 'init', 'verbs')).code).toBe(0);
    const said = await platform.cli(folder, 'experiment', '-xp', String(source.id), 'restart', '-f', 'a.yml', '-f', 'b.yml', '--wait', '-o', 'json');
    expect([said.code, said.err]).toEqual([0, expect.any(String)]);
    const { body } = await platform.api('GET', `${project}/experiments?limit=1`);
    expect((await told(body.results[0].id)).rendered).toBe('a=6 b=five c=[1, 2, 3]');
  });

  it('a bad override is refused before anything is written down', async () => {
    const source = await run(platform, saveAndEnd);
    await platform.done(source.id);
    const before = await eventCount(platform);
    for (const content of ['- a list', 'run: {cmd: "{{ nobody }}"}', 'surprise: 1', 'params: 3']) {
      const answer = await ask(platform, 'restart', source.id, { content });
      expect([content, answer.status]).toEqual([content, 400]);
    }
    expect(await eventCount(platform)).toBe(before);
  });
});

describe('a resume', () => {
  it('goes on in the outputs of the root original, which nothing empties at start', async () => {
    const fill = 'cd $POLYAXON_RUN_OUTPUTS_PATH && mkdir -p .hidden/empty deep/er && echo 1 > .hidden/file && : > deep/er/nothing && echo model > model';
    const root = await run(platform, fill);
    await platform.done(root.id);
    const before = contentsOf(platform.outputs(root.outputs_path));
    expect(Object.keys(before)).toEqual(['.hidden', '.hidden/empty', '.hidden/file', 'deep', 'deep/er', 'deep/er/nothing', 'model']);
    const resumed = await clone(platform, 'resume', root.id, { run: { cmd: 'ls -A $POLYAXON_RUN_OUTPUTS_PATH' } });
    expect(platform.log(await platform.done(resumed.id))).toBe('.hidden\ndeep\nmodel\n');
    expect(contentsOf(platform.outputs(root.outputs_path))).toEqual(before);
    expect(existsSync(platform.outputs(`${project}/experiments/${resumed.id}`))).toBe(false);
  });

  it('has outputs by its own id too: those of its root, as a tree, a file, a download', async () => {
    const root = await run(platform, 'mkdir $POLYAXON_RUN_OUTPUTS_PATH/folder; echo model > $POLYAXON_RUN_OUTPUTS_PATH/folder/model');
    await platform.done(root.id);
    const resumed = await clone(platform, 'resume', root.id, { run: { cmd: 'echo more > $POLYAXON_RUN_OUTPUTS_PATH/more' } });
    await platform.done(resumed.id);
    for (const { id } of [root, resumed]) {
      const of = (path: string) => platform.api('GET', `${project}/experiments/${id}/outputs/${path}`);
      expect((await of('tree')).body).toEqual({ files: [['more', 5]], dirs: ['folder'] });
      expect((await of('files?path=folder/model')).text).toBe('model\n');
      expect((await platform.cli(platform.folder, 'experiment', '-xp', `root.verbs.${id}`, 'outputs')).code).toBe(0);
      const names: string[] = [];
      await list({ file: join(platform.folder, `root.verbs.${id}.tar.gz`), onReadEntry: ({ path }) => names.push(path.replace(/^\.\//, '')) });
      expect(names.filter((name) => !name.endsWith('/')).sort()).toEqual(['folder/model', 'more']);
    }
  });

  it('has logs of its own, readable apart and joined along the chain', async () => {
    const root = await run(platform, `echo first; ${saveAndEnd}`);
    await platform.done(root.id);
    const second = await clone(platform, 'resume', root.id, { run: { cmd: 'echo second' } });
    await platform.done(second.id);
    const third = await clone(platform, 'resume', second.id, { run: { cmd: 'printf third' } });
    await platform.done(third.id);
    const logs = async (id: number, query = '') => (await platform.api('GET', `${project}/experiments/${id}/logs${query}`)).text;
    expect([await logs(root.id), await logs(second.id), await logs(third.id)]).toEqual(['first\n', 'second\n', 'third\n']);
    expect(await logs(third.id, '?attempt=all')).toBe('first\nsecond\nthird\n');
    expect(await logs(second.id, '?attempt=all')).toBe('first\nsecond\n');
    expect(await logs(third.id, '?attempt=all&tail=2')).toBe('second\nthird\n');
    const { out } = await platform.cli(platform.folder, 'experiment', '-xp', `root.verbs.${third.id}`, 'logs', '--attempt', 'all');
    expect(out).toBe('first\nsecond\nthird\n');
  });

  it('is refused, with the reason and the command that works, while anybody writes there', async () => {
    const root = await run(platform, untilStopped);
    await written(platform, root, 'model');
    expect(await ask(platform, 'resume', root.id)).toMatchObject({ status: 409, body: { code: 'experiment-not-done', fix: `polyaxon experiment -xp ${root.id} stop` } });
    await stop(platform, root.id);
    const resumed = await clone(platform, 'resume', root.id);
    for (const { id } of [root, resumed]) {
      const { status, body } = await ask(platform, 'resume', id);
      expect([status, body.code, body.fix]).toEqual([409, 'experiment-not-done', `polyaxon experiment -xp ${resumed.id} stop`]);
    }
    await stop(platform, resumed.id);
  });

  it('is refused where there is nothing to go on from', async () => {
    const empty = await run(platform, 'true');
    const damaged = await run(platform, 'printf "{\\"step\\": 3" > $POLYAXON_RUN_OUTPUTS_PATH/checkpoint.json');
    await Promise.all([empty, damaged].map(({ id }) => platform.done(id)));
    expect(await ask(platform, 'resume', empty.id)).toMatchObject({ status: 409, body: { code: 'outputs-empty', fix: `polyaxon experiment -xp ${empty.id} restart` } });
    expect(await ask(platform, 'resume', damaged.id)).toMatchObject({ status: 409, body: { code: 'checkpoints-damaged', fix: `polyaxon experiment -xp ${damaged.id} resume --force` } });
    for (const { id } of [empty, damaged]) await platform.done((await clone(platform, 'resume', id, undefined, { force: true })).id);
  });

  it('asked for 8 times at once is given once, 20 times over', async () => {
    const root = await run(platform, untilStopped);
    await written(platform, root, 'model');
    await stop(platform, root.id);
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => ask(platform, 'resume', root.id)));
      const [winner, ...more] = answers.filter(({ status }) => status === 201);
      expect([winner?.status, more.length]).toEqual([201, 0]);
      for (const { status, body } of answers) if (status !== 201) expect([status, body.code]).toEqual([409, 'experiment-not-done']);
      await stop(platform, winner?.body.id);
    }
  }, 60_000);

  it('is given at once when its source is seen as done, 20 times over', async () => {
    let { id } = await run(platform, saveAndEnd);
    for (let round = 0; round < 20; round += 1) {
      const seen = async () => ['succeeded'].includes((await platform.experiment(id)).last_status);
      while (!(await seen()));
      ({ id } = await clone(platform, 'resume', id));
    }
    await platform.done(id);
  }, 60_000);
});

describe('a restart', () => {
  it('is its own: outputs, logs, statuses, metrics; and its source may be doing anything', async () => {
    const source = await run(platform, untilStopped);
    await written(platform, source, 'model');
    const restarted = await clone(platform, 'restart', source.id, { run: { cmd: 'ls -A $POLYAXON_RUN_OUTPUTS_PATH; echo restarted' } });
    expect(await platform.done(restarted.id)).toMatchObject({ cloning_strategy: 'restart', source_id: source.id, outputs_owner_id: restarted.id, outputs_path: `${project}/experiments/${restarted.id}`, last_metric: {} });
    expect(platform.log(await platform.experiment(restarted.id))).toBe('restarted\n');
    expect((await platform.experiment(source.id)).last_status).toBe('running');
    await stop(platform, source.id);
  });
});

describe('retried requests do not act twice', () => {
  it.each(['create', 'resume', 'restart', 'copy'] as const)('%s, 50 times at once with one Idempotency-Key', async (verb) => {
    const source = await run(platform, saveAndEnd);
    await platform.done(source.id);
    const path = verb === 'create' ? `${project}/experiments` : `${project}/experiments/${source.id}/${verb}`;
    const body = verb === 'create' ? { content: polyaxonfile(saveAndEnd) } : {};
    const headers = { 'idempotency-key': randomUUID() };
    const asked = async (): Promise<number> => {
      for (;;) {
        const answer = await platform.api('POST', path, body, { headers });
        if (answer.status === 409 && answer.body.code === 'request-in-progress') continue;
        return (await created(Promise.resolve(answer))).id;
      }
    };
    const ids = await Promise.all(Array.from({ length: 50 }, asked));
    expect(new Set(ids).size).toBe(1);
    const [{ last }] = (await platform.rows<{ last: number }>('SELECT last_value::int AS last FROM api_gateway.experiment_ids')) as [{ last: number }];
    expect(ids[0]).toBe(last);
    expect((await platform.done(ids[0] as number)).last_status).toBe('succeeded');
  });
});

describe('outputs that are deleted', () => {
  it('are gone for resumes and copies, while record and log stay', async () => {
    const source = await run(platform, `${saveAndEnd}; echo said`);
    const log = platform.log(await platform.done(source.id));
    const typed = (...words: string[]) => platform.cli(platform.folder, 'experiment', '-xp', `root.verbs.${source.id}`, ...words);
    expect((await typed('pin')).code).toBe(0);
    expect(await typed('outputs', 'delete', '-y')).toMatchObject({ code: 4, err: expect.stringContaining(`polyaxon experiment -xp ${source.id} unpin`) as string });
    expect((await typed('unpin')).code).toBe(0);
    expect((await typed('outputs', 'delete', '-y')).code).toBe(0);
    await until('the outputs are gone', async () => (await platform.status(source.id, 'succeeded')).outputs_state === 'deleted');
    expect(existsSync(platform.outputs(source.outputs_path))).toBe(false);
    for (const verb of ['resume', 'copy'] as const)
      expect((await ask(platform, verb, source.id)).body).toMatchObject({ status: 410, code: 'outputs-deleted', fix: `polyaxon experiment -xp ${source.id} restart` });
    expect(platform.log(await platform.status(source.id, 'succeeded'))).toBe(log);
    expect((await platform.done((await clone(platform, 'restart', source.id)).id)).last_status).toBe('succeeded');
  });
});

describe('--plan shows what would happen and does nothing', () => {
  it.each(['resume', 'restart', 'restart --copy'])('%s', async (verb) => {
    const source = await run(platform, `printf '{"step": 41}' > $POLYAXON_RUN_OUTPUTS_PATH/checkpoint.json; echo {{ lr }}`, { params: { lr: 0.1 } });
    await platform.done(source.id);
    const folder = platform.workspace(`plan-${source.id}`, { 'override.yml': 'params: {lr: 0.7}\n', 'code.txt': 'not to be uploaded' });
    expect((await platform.cli(folder, 'init', 'verbs')).code).toBe(0);
    const [before, outputs] = [await eventCount(platform), contentsOf(platform.outputs(source.outputs_path))];
    const { code, out } = await platform.cli(folder, 'experiment', '-xp', String(source.id), ...verb.split(' '), '-u', '-f', 'override.yml', '--plan');
    expect(code).toBe(0);
    expect(out).toMatch(/- params\.lr: 0\.1\n.*\+ params\.lr: 0\.7/);
    expect(out).toMatch(/\+ .*echo 0\.7/);
    expect(out).toContain('the working directory');
    if (verb !== 'restart') expect(out).toMatch(/checkpoint .*step 41/);
    if (verb === 'restart --copy') expect(out).toMatch(/copy +1 file, 12 B/);
    expect([await eventCount(platform), contentsOf(platform.outputs(source.outputs_path))]).toEqual([before, outputs]);
  });

  it('and says what would be refused', async () => {
    const source = await run(platform, 'true');
    await platform.done(source.id);
    const { body } = await platform.api('POST', `${project}/experiments/${source.id}/resume/plan`, {});
    expect(body.refusal).toMatchObject({ code: 'outputs-empty', fix: `polyaxon experiment -xp ${source.id} restart` });
  });
});
