// Groups, as the original command line runs, shows, stops and deletes them, and as the tracking client makes them outside.
import type { ExperimentBody, GroupBody, Page } from '#contracts';
import { until } from '#testing';
import { drives } from './command-table.ts';
import { numberIn, valueIn } from './original-client.ts';
import { iris, type TheStage } from './stage.ts';

const polyaxonfile = (cmd: string, concurrency: number, values: number[]) => JSON.stringify({ version: 1, kind: 'group', hptuning: { concurrency, matrix: { lr: { values } } }, run: { cmd } });

const outside = `
from polyaxon_client.tracking import Group
group = Group(project='iris', track_code=False)
group.create(name='swept-elsewhere', tags=['mine'])
xp = group.create_experiment(name='one-of-them')
xp.log_metrics(loss=0.5)
print('group', group.group_id, 'member', xp.experiment_id, flush=True)
`;

export function groups(stage: TheStage): void {
  let id: number;
  const of = async (group: number) => (await stage().platform.api('GET', `${iris}/groups/${group}`)).body as GroupBody;
  const membersOf = async (group: number) => ((await stage().platform.api('GET', `${iris}/experiments?group=${group}&sort=id`)).body as Page<ExperimentBody>).results;
  const isDone = (group: number, ...statuses: string[]) => until(`group ${group} is ${statuses.join(' or ')}`, async () => (statuses.includes((await of(group)).last_status) ? of(group) : null), 120_000);
  const g = (group: number, ...command: string[]) => stage().adam.does('group', '-g', String(group), ...command);

  it('is run, and shows itself and its members', async () => {
    drives('run of a group', 'group get', 'group statuses', 'group experiments', 'project groups', 'project experiments -g');
    const { adam, platform } = stage();
    adam.write('group.yml', polyaxonfile('echo lr {{ lr }} > $POLYAXON_RUN_OUTPUTS_PATH/model', 2, [0.1, 0.2]));
    const said = await adam.does('run', '-f', 'group.yml', '--name', 'a-sweep', '--tags=x', '--description', 'two of them');
    id = numberIn(said);
    expect(said).toContain(`Experiment group ${id} was created`);
    expect(await isDone(id, 'done', 'failed')).toMatchObject({ last_status: 'done', name: 'a-sweep', tags: ['x'], description: 'two of them', num_succeeded_experiments: 2, user: 'adam' });
    const members = await membersOf(id);
    expect(members.map(({ params, outputs_path: path }) => [params.lr, platform.output(`${path}/model`)])).toEqual([[0.1, 'lr 0.1\n'], [0.2, 'lr 0.2\n']]);
    await platform.api('POST', `${iris}/experiments/${members[0]?.id}/metrics`, { values: { loss: 0.125 } });
    const shown = await adam.does('group', 'get'); // the one that run has made is remembered
    expect([valueIn(shown, 'unique_name'), valueIn(shown, 'last_status'), valueIn(shown, 'concurrency'), valueIn(shown, 'num_succeeded_experiments')]).toEqual([`adam.iris.${id}`, 'done', '2', '2']);
    expect([...(await g(id, 'statuses')).matchAll(/ago +(created|running|done)\b/g)].map(([, status]) => status)).toEqual(['created', 'running', 'done']);
    const listed = await g(id, 'experiments', '-m', '-s', '-metrics.loss', '-q', 'status:succeeded');
    expect([valueIn(listed, 'count'), listed.includes(`adam.iris.${id}.${members[0]?.id}`), listed.includes('0.125')]).toEqual(['2', true, true]);
    expect(valueIn(await adam.does('project', 'experiments', '-g', String(id), '-p'), 'count')).toBe('2');
    expect(await adam.does('project', 'groups')).toContain(`adam.iris.${id}`);
  });

  it('is described anew and marked', async () => {
    drives('group update', 'group bookmark', 'group unbookmark', 'bookmark groups');
    const { adam } = stage();
    expect(await g(id, 'update', '--name', 'renamed-sweep', '--tags=y', '--description', 'better')).toContain('Experiment group updated.');
    expect(await of(id)).toMatchObject({ name: 'renamed-sweep', tags: ['y'], description: 'better' });
    expect(await g(id, 'bookmark')).toContain('is bookmarked');
    expect(await adam.does('bookmark', 'groups')).toContain(`adam.iris.${id}`);
    expect(await g(id, 'unbookmark')).toContain('is unbookmarked');
    expect(await adam.does('bookmark', 'groups')).toContain('No bookmarked experiment groups found');
  });

  it('is stopped, first those that wait, then all; a member is resumed in it; and it is deleted with its members', async () => {
    drives('group stop', 'group stop --pending', 'group delete');
    const { adam, platform } = stage();
    adam.write('long-group.yml', polyaxonfile('echo trained > $POLYAXON_RUN_OUTPUTS_PATH/model; exec sleep 600', 1, [1, 2, 3]));
    const long = numberIn(await adam.does('run', '-f', 'long-group.yml'));
    const [running] = await until('one runs and two wait', async () => {
      const members = await membersOf(long);
      return members.length === 3 && members.some((member) => member.last_status === 'running') ? members : null;
    }, 60_000).then((members) => members.filter((member) => member.last_status === 'running'));
    const member = running as ExperimentBody;
    await until('it has trained', () => platform.output(`${member.outputs_path}/model`), 60_000);
    expect(await g(long, 'stop', '-y', '--pending')).toContain('are being stopped');
    await until('the other two are out of it', async () => (await of(long)).num_stopped_experiments === 2, 60_000);
    expect((await platform.experiment(member.id)).last_status).toBe('running');
    expect(await g(long, 'stop', '-y')).toContain('are being stopped');
    await isDone(long, 'stopped', 'done');
    expect((await platform.experiment(member.id)).last_status).toBe('stopped');

    adam.write('quick.yml', 'run: {cmd: "cat $POLYAXON_RUN_OUTPUTS_PATH/model"}\n');
    const resumed = await platform.done(numberIn(await adam.does('experiment', '-xp', String(member.id), 'resume', '-f', 'quick.yml')));
    expect(resumed).toMatchObject({ experiment_group: `adam.iris.${long}`, last_status: 'succeeded', outputs_path: member.outputs_path });
    expect(platform.log(resumed)).toBe('trained\n');

    expect(await adam.cli(['group', '-g', String(long), 'delete'], 'y\n')).toMatchObject({ code: 0, out: expect.stringContaining('was delete successfully') });
    expect(await platform.api('GET', `${iris}/groups/${long}`)).toMatchObject({ status: 404 });
    await until('its members are gone', async () => (await platform.api('GET', `experiments/${member.id}`)).status === 404, 60_000);
    expect(await adam.refused('group', '-g', '99999', 'get')).toMatchObject({ status: 404, detail: expect.stringContaining('there is no group') });
  });

  it('outside, the tracking client makes one and its members', async () => {
    drives('Group(project).create() outside');
    const { adam, platform } = stage();
    const { code, out, err } = await adam.python(outside);
    expect([code, err]).toEqual([0, expect.not.stringContaining('Traceback')]);
    const [, group, member] = (/^group (\d+) member (\d+)$/m.exec(out) ?? []).map(Number);
    expect(await of(group as number)).toMatchObject({ name: 'swept-elsewhere', tags: ['mine'], is_managed: false, user: 'adam' });
    expect(await platform.done(member as number)).toMatchObject({ name: 'one-of-them', experiment_group: `adam.iris.${group}`, last_status: 'succeeded', is_managed: false });
    await isDone(group as number, 'succeeded', 'done');
  });
}
