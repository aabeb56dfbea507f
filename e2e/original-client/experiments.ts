// Experiments, as the original command line runs, stops, resumes, restarts, copies and deletes them.
import { existsSync } from 'node:fs';
import type { ExperimentBody, Page, StatusBody } from '#contracts';
import { until } from '#testing';
import { drives } from './command-table.ts';
import { numberIn, valueIn } from './original-client.ts';
import { iris, type TheStage } from './stage.ts';

const untilStopped = 'version: 1\nkind: experiment\nrun: {cmd: "echo trained > $POLYAXON_RUN_OUTPUTS_PATH/model; exec sleep 600"}\n';
const train = 'version: 1\nkind: experiment\nparams: {lr: 0.1, layers: [1, 2], text: words}\nrun: {cmd: "echo trained with {{ lr }} >> $POLYAXON_RUN_OUTPUTS_PATH/model; echo lr {{ lr }}"}\n';

export function experiments(stage: TheStage): void {
  /** A done one that has outputs. */
  let done: ExperimentBody;
  const ended = (said: string) => stage().platform.done(numberIn(said));
  const xp = (id: number, ...command: string[]) => stage().adam.does('experiment', '-xp', String(id), ...command);

  it('is run with params, a name, tags and a description, and shown', async () => {
    drives('run -P', 'experiment get');
    const { adam } = stage();
    adam.write('train.yml', train);
    const said = await adam.does('run', '-f', 'train.yml', '-P', 'lr=0.7', '--name', 'the-first', '--tags=x,y', '--description', 'a first try', '--ttl', '900');
    done = await ended(said);
    expect(done).toMatchObject({ name: 'the-first', tags: ['x', 'y'], description: 'a first try', last_status: 'succeeded', ttl: 900, user: 'adam', project: 'adam.iris' });
    expect(done.command).toContain('trained with 0.7');
    expect(stage().platform.output(`${done.outputs_path}/model`)).toBe('trained with 0.7\n');
    const shown = await adam.does('experiment', 'get'); // the one that run has made is remembered
    expect([valueIn(shown, 'unique_name'), valueIn(shown, 'last_status'), valueIn(shown, 'name'), valueIn(shown, 'lr')]).toEqual([done.unique_name, 'succeeded', 'the-first', '0.7']);
    expect(shown).toContain('a first try');
  });

  it('is described anew', async () => {
    drives('experiment update');
    expect(await xp(done.id, 'update', '--name', 'renamed', '--description', 'a better word', '--tags=z')).toContain('Experiment updated.');
    expect(await stage().platform.experiment(done.id)).toMatchObject({ name: 'renamed', description: 'a better word', tags: ['z'] });
  });

  it('tells its statuses and its jobs, which are its attempts', async () => {
    drives('experiment statuses', 'experiment jobs', 'experiment get -j', 'experiment statuses -j');
    const { adam, platform } = stage();
    const { body } = await platform.api('GET', `${iris}/experiments/${done.id}/statuses`);
    const wanted = (body as Page<StatusBody>).results.map(({ status }) => status);
    const shown = await xp(done.id, 'statuses');
    expect([...shown.matchAll(/^ *\d+ .*? (created|scheduled|starting|running|succeeded)\b/gm)].map(([, status]) => status)).toEqual(wanted);
    expect(await xp(done.id, 'jobs')).toMatch(/^ *1 +master +succeeded/m);
    expect(valueIn(await xp(done.id, 'get', '-j', '1'), 'last_status')).toBe('succeeded');
    expect([...(await xp(done.id, 'statuses', '-j', '1')).matchAll(/(scheduled|starting|running|succeeded)/g)].map(([status]) => status)).toEqual(['scheduled', 'starting', 'running', 'succeeded']);
    expect(await adam.refused('experiment', '-xp', String(done.id), 'get', '-j', '2')).toMatchObject({ status: 404, detail: expect.stringContaining('has no job 2') });
  });

  it('lists of them show metrics and params, sorted, searched, 20 a page', async () => {
    drives('project experiments', 'project experiments -m', 'project experiments -p', 'project experiments -q -s', 'project experiments -i');
    const { adam, platform } = stage();
    await platform.api('POST', `${iris}/experiments/${done.id}/metrics`, { values: { loss: 0.25 } });
    const [metrics, params] = [await adam.does('project', 'experiments', '-m', '-s', 'id'), await adam.does('project', 'experiments', '-p', '-q', `params.lr:0.7, id:${done.id}`)];
    expect(metrics).toMatch(new RegExp(`^ *${done.id} +adam\\.iris\\.${done.id} .*0\\.25`, 'm'));
    expect(params).toMatch(new RegExp(`^ *${done.id} +adam\\.iris\\.${done.id} +.*0\\.7`, 'm'));
    expect(valueIn(params, 'count')).toBe('1');
    expect(await adam.does('project', 'experiments', '-q', 'status:failed, name:nobody')).toContain('No experiments found');
    expect(await adam.refused('project', 'experiments', '-q', 'colour:red')).toMatchObject({ status: 400, detail: expect.stringContaining('colour') });
    const { body } = await platform.api('GET', `${iris}/experiments?independent=True`);
    const listed = await adam.does('project', 'experiments', '-i', '--page=1');
    expect(valueIn(listed, 'count')).toBe(String((body as Page<unknown>).count));
  });

  it('is restarted, and several -f are merged as the original merges them', async () => {
    drives('experiment restart', 'experiment restart -f');
    const { adam, platform } = stage();
    const plain = await ended(await xp(done.id, 'restart'));
    expect(plain).toMatchObject({ cloning_strategy: 'restart', source_id: done.id, last_status: 'succeeded', command: done.command });
    expect(plain.outputs_path).not.toBe(done.outputs_path);
    expect(platform.output(`${plain.outputs_path}/model`)).toBe('trained with 0.7\n');
    adam.write('a.yml', 'params:\n  lr: 0.5\n  layers: [3]\n  big: 12345678901\n');
    adam.write('b.yml', `params:\n  lr: 1.0e-05\n  text: 'it''s "quoted", ünïcode 日本'\n  flag: true\n  nothing: null\n`);
    const changed = await ended(await xp(done.id, 'restart', '-f', 'a.yml', '-f', 'b.yml'));
    expect(changed.params).toEqual({ lr: 0.00001, layers: [3], big: 12345678901, text: `it's "quoted", ünïcode 日本`, flag: true });
    expect(platform.log(changed)).toContain('lr 0.00001');
    adam.write('bad.yml', 'no_such_section: 1\n');
    expect(await adam.refused('experiment', '-xp', String(done.id), 'restart', '-f', 'bad.yml')).toMatchObject({ status: 400, detail: expect.stringContaining('no_such_section') });
  });

  it('is copied with its outputs', async () => {
    drives('experiment restart --copy');
    const { platform } = stage();
    const copied = await ended(await xp(done.id, 'restart', '--copy', '-f', 'a.yml'));
    expect(copied).toMatchObject({ cloning_strategy: 'copy', source_id: done.id, params: { lr: 0.5 } });
    expect(platform.output(`${copied.outputs_path}/model`)).toBe('trained with 0.7\ntrained with 0.5\n');
    expect(platform.output(`${done.outputs_path}/model`)).toBe('trained with 0.7\n');
    expect(await stage().adam.cli(['experiment', '-xp', String(done.id), '--copy', 'restart'])).toMatchObject({ code: 2 }); // as printed on the page: the original never took it
  });

  it('is resumed in the same outputs, with newer code, but not while one is live', async () => {
    drives('experiment resume', 'experiment resume -f', 'experiment resume -u', 'experiment stop');
    const { adam, platform } = stage();
    const resumed = await ended(await xp(done.id, 'resume', '-f', 'b.yml'));
    expect(resumed).toMatchObject({ cloning_strategy: 'resume', outputs_owner_id: done.id, outputs_path: done.outputs_path });
    expect(platform.output(`${done.outputs_path}/model`)).toBe('trained with 0.7\ntrained with 0.00001\n');
    adam.write('until-stopped.yml', untilStopped);
    adam.write('train.py', 'print("third code", flush=True)\n');
    const live = numberIn(await adam.does('run', '-f', 'until-stopped.yml'));
    await until('it has trained', async () => platform.output(`${(await platform.experiment(live)).outputs_path}/model`), 60_000);
    expect(await adam.refused('experiment', '-xp', String(live), 'resume')).toMatchObject({ status: 409, code: 'experiment-not-done', detail: expect.stringContaining('is not done') });
    expect(await xp(live, 'stop', '-y')).toContain('Experiment is being stopped.');
    expect(await platform.done(live)).toMatchObject({ last_status: 'stopped' });
    expect(await adam.refused('experiment', '-xp', String(live), 'stop', '-y')).toMatchObject({ status: 409, detail: expect.stringContaining('has stopped already') });
    adam.write('quick.yml', 'version: 1\nrun: {cmd: python3 train.py}\n');
    const newer = await ended(await xp(live, 'resume', '-u', '-f', 'quick.yml'));
    const { body: project } = await platform.api('GET', `${iris}`);
    expect([newer.cloning_strategy, platform.log(newer), project.has_code]).toEqual(['resume', 'third code\n', true]);
  });

  it('its outputs are brought home', async () => {
    drives('experiment outputs');
    const { adam } = stage();
    expect(await xp(done.id, 'outputs')).toContain('Files downloaded.');
    const { list } = await import('tar');
    const names: string[] = [];
    await list({ file: `${adam.folder}/adam.iris.${done.id}.tar.gz`, onReadEntry: (entry) => void names.push(entry.path) });
    expect(names.some((name) => name.endsWith('model'))).toBe(true);
  });

  it('is deleted when it is sure, but not while others live in its outputs', async () => {
    drives('experiment delete');
    const { adam, platform } = stage();
    expect(await adam.cli(['experiment', '-xp', String(done.id), 'delete'], 'n\n')).toMatchObject({ code: 1 });
    const used = await adam.cli(['experiment', '-xp', String(done.id), 'delete'], 'y\n');
    expect([used.code, used.out]).toEqual([1, expect.stringContaining('outputs-in-use')]);
    const restarted = await ended(await xp(done.id, 'restart'));
    expect(await adam.cli(['experiment', '-xp', String(restarted.id), 'delete'], 'y\n')).toMatchObject({ code: 0, out: expect.stringContaining(`Experiment \`${restarted.id}\` was delete successfully`) });
    expect(await platform.api('GET', `experiments/${restarted.id}`)).toMatchObject({ status: 404 });
    await until('its outputs are gone', () => !existsSync(platform.outputs(restarted.outputs_path)), 30_000);
  });

  it('what does not exist is told, with what may have been meant', async () => {
    const { adam } = stage();
    expect(await adam.refused('experiment', '-xp', '99999', 'get')).toMatchObject({ status: 404, detail: expect.stringMatching(/there is no experiment adam\/iris\/99999; did you mean \d/) });
    expect(await adam.refused('experiment', '-p', 'adam/irsi', '-xp', '1', 'get')).toMatchObject({ status: 404, detail: expect.stringContaining('did you mean iris') });
  });
}
