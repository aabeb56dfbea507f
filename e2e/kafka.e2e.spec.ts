// Does the whole platform work, and survive, when its services hear each other over a real Kafka?
import { hasKafka, until } from '#testing';
import { clone, created, eventCount, history, project, run, saveAndEnd, statuses, stop, untilStopped, written } from './asking.ts';
import { Platform } from './platform.ts';

if (hasKafka('4.2.0'))
  describe('the platform on Kafka', () => {
    let platform: Platform;

    beforeAll(async () => {
      platform = await Platform.start({ POLYAXON_BUS: 'kafka', POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '4' });
      await platform.api('POST', 'projects', { name: 'verbs' });
    }, 240_000);
    afterAll(() => platform.remove(), 60_000);

    const unhandled = async () => (await platform.rows('SELECT consumer_group, type, reason FROM event_store.dead_letters'));
    /** Of the session in the database that holds its lock. */
    const relay = async () =>
      (await platform.rows<{ pid: number; port: number }>(
        `SELECT a.pid, a.client_port AS port FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.granted AND a.application_name = 'relay'`,
      ))[0];

    it('runs, stops, resumes, restarts and copies', async () => {
      const first = await run(platform, untilStopped);
      await written(platform, first, 'model');
      await stop(platform, first.id);
      const resumed = await clone(platform, 'resume', first.id, { run: { cmd: `test -f $POLYAXON_RUN_OUTPUTS_PATH/model && ${saveAndEnd}` } });
      expect(resumed.outputs_path).toBe(first.outputs_path);
      expect((await platform.done(resumed.id)).last_status).toBe('succeeded');
      const restarted = await clone(platform, 'restart', first.id, { run: { cmd: 'test ! -e $POLYAXON_RUN_OUTPUTS_PATH/model' } });
      const copied = await clone(platform, 'copy', first.id, { run: { cmd: 'test -f $POLYAXON_RUN_OUTPUTS_PATH/model && echo it is there' } });
      expect((await platform.done(restarted.id)).last_status).toBe('succeeded');
      expect((await platform.done(copied.id)).last_status).toBe('succeeded');
      expect(platform.log(copied)).toBe('it is there\n');
      expect((await statuses(platform, copied.id)).map(({ status }) => status)).toEqual(expect.arrayContaining(['created', 'copying', 'running', 'succeeded']));
      expect(await history(platform, first.id)).toEqual(expect.arrayContaining(['ExperimentCreated', 'RunStarted', 'RunStopped', 'LogsArchived', 'ExperimentDone']));
      expect(await unhandled()).toEqual([]);
    }, 120_000);

    it('goes on when the broker and each service are killed', async () => {
      const live = await run(platform, untilStopped);
      await written(platform, live, 'model');
      await platform.kill('kafka');
      const asked = await platform.write('POST', `${project}/experiments/${live.id}/stop`);
      expect(asked.status).toBe(200);
      for (const part of ['scheduler', 'log-collector', 'storage-manager', 'api-gateway'] as const) await platform.kill(part);
      expect((await platform.done(live.id)).last_status).toBe('stopped');
      const resumed = await until('a resume is taken', async () => {
        const answer = await platform.write('POST', `${project}/experiments/${live.id}/resume`, { content: JSON.stringify({ run: { cmd: saveAndEnd } }) });
        return answer.status === 201 ? answer : null;
      }, 60_000);
      expect((await platform.done((await created(Promise.resolve(resumed))).id)).last_status).toBe('succeeded');
      expect(await unhandled()).toEqual([]);
    }, 240_000);

    it('another service is the relay when the one that was is paused', async () => {
      const before = await until('somebody is the relay', relay, 60_000);
      const service = await until('its process is found', () => platform.pidOfConnection(before.port), 10_000);
      process.kill(service, 'SIGSTOP');
      try {
        await until('another one is', async () => ![undefined, before.pid].includes((await relay())?.pid), 15_000);
      } finally {
        process.kill(service, 'SIGCONT');
      }
      const later = await run(platform, saveAndEnd);
      expect((await platform.done(later.id)).last_status).toBe('succeeded');
    }, 120_000);

    it('finds everything again at its next start', async () => {
      await platform.down();
      await platform.up();
      const later = await run(platform, saveAndEnd);
      expect((await platform.done(later.id)).last_status).toBe('succeeded');
    }, 240_000);

    it('publishes everything again when asked, without an effect here', async () => {
      const before = await eventCount(platform);
      expect(await platform.cli(platform.folder, 'admin', 'refill-topics')).toMatchObject({ code: 0, out: expect.stringContaining('experiment.events') as string });
      await until('it is done', async () => (await platform.rows('SELECT FROM event_store.refills')).length === 0, 60_000);
      const later = await run(platform, saveAndEnd);
      await platform.done(later.id);
      expect(await history(platform, later.id)).toHaveLength((await eventCount(platform)) - before);
      expect(await unhandled()).toEqual([]);
    }, 120_000);
  });
