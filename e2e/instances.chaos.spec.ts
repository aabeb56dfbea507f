// With two of each service on Kafka: is anything lost, or done twice, while any of them is killed, put to sleep for longer than its lease, or replaced by a new version?
import { hasKafka, until } from '#testing';
import { Installation } from './survival/installation.ts';
import { services, Trial } from './survival/trial.ts';

const commands = Number(process.env.INSTANCES_COMMANDS ?? 40);
/** A kill, a sleep, a kill, a sleep of the services in turn; then a sleep, a kill, a sleep, a kill. */
const faults = Number(process.env.INSTANCES_FAULTS ?? 4);
const replacements = Number(process.env.INSTANCES_REPLACEMENTS ?? 1);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
const minutes = Number(process.env.CHAOS_MINUTES ?? 20);
const leaseSeconds = 3;
/** The newer release writes it in a second version, which the one before can't read. */
const renewed = 'RunStarted';
/** Longer than the lease, and than Kafka's session: others have taken over all that it had. */
const sleepMs = 10_000;

if (hasKafka('4.2.0'))
  describe('two of each service', () => {
    const installation = new Installation();
    let trial: Trial;

    beforeAll(async () => {
      process.stderr.write(`CHAOS_SEED=${seed}\n`);
      trial = await Trial.begin('kafka', seed, { POLYAXON_INSTANCES: '2', POLYAXON_LEASE_SECONDS: String(leaseSeconds) }, { clone: installation.folder });
    }, 240_000);
    afterAll(async () => {
      await trial.end();
      installation.remove();
    }, 60_000);

    it(`${commands} commands, ${faults} kills and sleeps, ${replacements} replacements of all, the first by a newer release: nothing is lost, nothing done twice`, async () => {
      expect(trial.gateways).toHaveLength(2);
      for (const part of services) expect(trial.platform.pids(part)).toHaveLength(2);
      const began = performance.now();
      const harm = (async () => {
        for (let fault = 0; fault < faults; fault += 1) {
          const due = Math.floor((fault * commands) / (faults + 1));
          await until(`command ${due} is answered`, () => trial.users.answered >= due, 600_000);
          const part = services[fault % services.length] ?? 'scheduler';
          await ((fault + (fault >> 2)) % 2 === 1 ? trial.sleep(part, sleepMs) : trial.kill(part));
          if (fault === 0 && replacements > 0) installation.renew(renewed);
          if (fault < replacements) await trial.replaceAll();
        }
      })();
      await Promise.all([trial.users.ask(commands, 4), harm]);
      await trial.users.do('create', 0, 3); // whatever was asked may have started before the newer release was there
      await trial.allDone();
      const { numbers, problems } = await trial.audit();
      const epochs = await trial.platform.rows<{ name: string; epoch: string }>('SELECT name, epoch FROM event_store.leases ORDER BY name');
      const takeovers = Object.fromEntries(epochs.map(({ name, epoch }) => [name, Number(epoch)]));
      const versions = await trial.platform.rows<{ version: string }>(`SELECT DISTINCT metadata->>'schemaVersion' AS version FROM event_store.messages WHERE type = '${renewed}' ORDER BY 1`);
      process.stderr.write(`${JSON.stringify({ seed, seconds: Math.round((performance.now() - began) / 1000), ...numbers, takeovers, refused: Object.fromEntries(trial.users.refused) })}\n`);
      expect(problems).toEqual([]);
      if (replacements > 0) expect(versions.map(({ version }) => version)).toEqual(['1', '2']);
      for (const name of ['scheduler: runs', 'log-collector: consoles']) expect(takeovers[name]).toBeGreaterThan(1);
    }, minutes * 60_000);
  });
