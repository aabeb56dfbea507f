// Console output, as the original command line shows it: what was, and what is being printed.
import { drives } from './command-table.ts';
import { numberIn, untilSaid, valueIn } from './original-client.ts';
import type { TheStage } from './stage.ts';

/** Goes on when the test says so, so that what is seen before was seen live. */
const gated = 'version: 1\nkind: experiment\nrun: {cmd: "echo 2019-06-24 10:00:00 UTC before; while [ ! -e $POLYAXON_RUN_OUTPUTS_PATH/go ]; do sleep 0.1; done; echo after"}\n';

export function logs(stage: TheStage): void {
  it('is watched live until the run is done, from two commands, and from the middle of a run', async () => {
    drives('run -l', 'experiment logs', 'experiment logs -p', 'experiment logs -f', 'experiment logs -j');
    const { adam, platform } = stage();
    adam.write('gated.yml', gated);
    const started = adam.live('run', '-f', 'gated.yml', '-l');
    const id = numberIn(await untilSaid(started, 'before'));
    const [later, pastAndOn] = [adam.twin('b').live('experiment', '-xp', String(id), 'logs', '--hide_time'), adam.twin('c').live('experiment', '-xp', String(id), 'logs', '-p', '-f')];
    await untilSaid(later, 'before');
    await untilSaid(pastAndOn, 'before');
    for (const live of [started, later, pastAndOn]) expect(live.said()).not.toContain('after');
    const { outputs_path: outputs } = await platform.experiment(id);
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${platform.outputs(outputs)}/go`, '');
    for (const live of [started, later, pastAndOn]) {
      const { code, out, err } = await live.ended;
      expect([code, err, out.match(/after/g)?.length]).toEqual([0, '', 1]);
      expect(out).toContain('succeeded ...');
      expect(out).toContain('Session ended');
      expect(out).not.toContain('error from callback');
    }
    expect((await later.ended).out).not.toContain('10:00:00');
    expect(platform.log(await platform.done(id))).toBe('2019-06-24 10:00:00 UTC before\nafter\n');

    const past = await adam.does('experiment', '-xp', String(id), 'logs', '-p');
    expect(past.trim().split('\n')).toEqual(['2019-06-24 10:00:00 UTC before', 'after']);
    expect(await adam.does('experiment', '-xp', String(id), 'logs', '-j', '1', '-p')).toBe(past);
    expect(await adam.does('experiment', '-xp', String(id), 'logs', '-j', '1')).toContain('after\n');
  });

  it('what a run uses is watched while it runs', async () => {
    drives('experiment resources', 'experiment resources -j', 'cluster', 'cluster -n');
    const { adam, platform } = stage();
    adam.write('busy.yml', `version: 1\nkind: experiment\nenvironment: {resources: {memory: {limits: 500}}}\nrun: {cmd: "python3 -c 'while True: pass'"}\n`);
    const id = numberIn(await adam.does('run', '-f', 'busy.yml'));
    const [watching, ofTheJob] = [adam.live('experiment', '-xp', String(id), 'resources'), adam.twin('b').live('experiment', '-xp', String(id), 'resources', '-j', '1')];
    expect(await untilSaid(watching, 'master.1')).toMatch(/master\.1 +[\d.]+ ?[KM]i?b? \/ /i);
    await untilSaid(ofTheJob, 'master.1');
    await adam.does('experiment', '-xp', String(id), 'stop', '-y');
    await platform.done(id);
    for (const live of [watching, ofTheJob]) expect(await live.ended).toMatchObject({ code: 0, out: expect.not.stringContaining('error from callback') });
    expect(await adam.does('cluster')).toMatch(/^ *1 +\S+ +\S+ +master/m);
    expect(valueIn(await adam.does('cluster', '-n', '1'), 'role')).toBe('master');
  });

  it('what can not be shown is a line that says why', async () => {
    const { adam } = stage();
    const { code, out } = await adam.cli(['experiment', '-xp', '99999', 'logs']);
    expect([code, out]).toEqual([0, expect.stringContaining('there is no experiment adam/iris/99999')]);
    expect(await adam.refused('experiment', '-xp', '99999', 'logs', '-p')).toMatchObject({ status: 404 });
  });
}
