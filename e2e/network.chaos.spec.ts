// What do the real services do while the way to what they need is bad, and afterwards?
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExperimentBody } from '#contracts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#event-store';
import { hasKafka, until } from '#testing';
import { freePort } from '../tools/stack/free-port.ts';
import { isProvided } from '../tools/stack/go-program.ts';
import { startKafka, type Broker } from '../tools/stack/kafka/broker.ts';
import { versitygw } from '../tools/stack/s3/servers.ts';
import { startS3Server, type S3Server } from '../tools/stack/s3/start.ts';
import { startToxiproxy, toxiproxy, type Toxic, type Toxiproxy, type Way } from '../tools/stack/toxiproxy/toxiproxy.ts';
import { polyaxonfile, project, run, saveAndEnd } from './asking.ts';
import { Platform, type Part } from './platform.ts';

/** `NETWORK_FAULTS=all NETWORK_SECONDS=60`: everything, as long as it is meant. */
const isFull = process.env.NETWORK_FAULTS === 'all';
const seconds = Number(process.env.NETWORK_SECONDS ?? 12);

const noticedWithinMs = 10_000;
const recoveredWithinMs = 30_000;
const services = ['api-gateway', 'scheduler', 'storage-manager', 'log-collector'] as const;

const both = (toxic: Toxic): Toxic[] => [{ ...toxic, stream: 'upstream' }, { ...toxic, stream: 'downstream' }];
/** Nothing comes through, and nobody says so. */
const silence = both({ type: 'timeout', attributes: { timeout: 0 } });
const reset = both({ type: 'reset_peer', attributes: { timeout: 0 } });
const late = (ms: number): Toxic[] => [{ type: 'latency', attributes: { latency: ms } }];
/** Kilobytes a second. */
const narrow = both({ type: 'bandwidth', attributes: { rate: 1 } });

type Need = 'database' | 'kafka' | 'store';
/** Who is not ready without it; to all others it makes no difference. */
const without: Readonly<Record<Need, readonly Part[]>> = { database: services, kafka: services, store: ['storage-manager'] };
const faults: readonly (readonly [need: Need, fault: string, toxics: readonly Toxic[], isQuick: boolean])[] = [
  ['database', 'silence', silence, true],
  ['database', 'resets', reset, false],
  ['database', 'a latency of 3 s', late(3000), false],
  ['database', '1 KiB/s', narrow, false],
  ['kafka', 'silence', silence, true],
  ['kafka', 'resets', reset, false],
  ['kafka', 'a latency of 8 s', late(8000), false],
  ['kafka', '1 KiB/s', narrow, false],
  ['store', 'silence', silence, true],
  ['store', 'resets', reset, false],
  ['store', 'a latency of 3 s', late(3000), false],
  ['store', '1 KiB/s', narrow, false],
];

const missing = [toxiproxy, versitygw].find((program) => !isProvided(program));
if (missing && !process.env.CI) it.skip(`a bad network (provide it: ${missing.provideWith})`, () => undefined);
else if (hasKafka('4.2.0'))
  describe('on a bad network', () => {
    const folder = mkdtempSync(join(tmpdir(), 'polyaxon-network-'));
    let postgres: EmbeddedPostgres;
    let broker: Broker;
    let store: S3Server;
    let proxy: Toxiproxy;
    let ways: Readonly<Record<Need, Way>>;
    let platform: Platform;

    beforeAll(async () => {
      proxy = await startToxiproxy();
      postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
      const { port, hostname } = new URL(postgres.url);
      const brokerPort = await freePort();
      mkdirSync(join(folder, 'store/objects/runs'), { recursive: true }); // a bucket is a folder
      store = await startS3Server(versitygw, { data: join(folder, 'store') });
      ways = {
        database: await proxy.way('database', `${hostname}:${port}`),
        kafka: await proxy.way('kafka', `127.0.0.1:${brokerPort}`),
        store: await proxy.way('store', new URL(store.endpoint).host),
      };
      broker = await startKafka({ folder: join(folder, 'kafka'), version: '4.2.0', port: brokerPort, advertised: ways.kafka.address });
      const url = new URL(postgres.url);
      url.host = ways.database.address;
      platform = await Platform.start({
        POLYAXON_DATABASE_URL: url.href, POLYAXON_KAFKA_BROKERS: ways.kafka.address, POLYAXON_CARRY_LAG_SECONDS: '1', POLYAXON_OUTPUTS_STORE: 's3://runs/outputs',
        POLYAXON_S3_ENDPOINT: `http://${ways.store.address}`, POLYAXON_S3_ACCESS_KEY: store.accessKey, POLYAXON_S3_SECRET_KEY: store.secretKey,
      });
      await platform.api('POST', 'projects', { name: 'verbs' });
      await until('everybody is ready', () => are(services, 200), 60_000);
      expect((await platform.done((await run(platform, saveAndEnd)).id)).last_status).toBe('succeeded');
    }, 300_000);
    afterAll(async () => {
      await platform?.remove();
      await proxy?.stop();
      await broker?.stop();
      await store?.stop();
      await postgres?.stop();
      rmSync(folder, { recursive: true, force: true });
    }, 120_000);

    const portOf = (part: Part) => {
      const [pid] = platform.pids(part);
      return /POLYAXON_PORT=(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1];
    };
    const answerOf = async (part: Part, path: string) => (await fetch(`http://127.0.0.1:${portOf(part)}${path}`, { signal: AbortSignal.timeout(5000) })).status;
    const are = async (parts: readonly Part[], status: number) => {
      const answers = await Promise.all(parts.map((part) => answerOf(part, '/ready')));
      if (answers.some((answer) => answer !== status)) throw new Error(parts.map((part, index) => `${part} ${answers[index]}`).join(', '));
      return true;
    };
    const isRefused = async () => (await platform.api('POST', `${project}/experiments`, { content: polyaxonfile(saveAndEnd) })).body.code === 'store-unusable';
    const pids = () => services.map((part) => platform.pids(part)[0]);
    const timed = async (work: () => Promise<unknown>) => {
      const start = performance.now();
      await work();
      return performance.now() - start;
    };

    it.each(faults.filter(([, , , isQuick]) => isFull || isQuick))('%s: %s for a while: who needs it is not ready, nobody ends, and all go on', async (need, fault, toxics) => {
      const before = pids();
      const needing = without[need];
      // Somebody goes on asking, so that there is something on the way.
      let isOver = false;
      const asking = (async () => {
        for (; !isOver; await new Promise((resolve) => setTimeout(resolve, 200)))
          await platform.api('POST', `${project}/experiments`, { is_managed: false, description: 'x'.repeat(1000) }).catch(() => undefined);
      })();
      const waiting: ExperimentBody[] = [];
      try {
        const [goesOn] = need === 'store' ? [await run(platform, `sleep 3; ${saveAndEnd}`)] : [];
        if (goesOn) waiting.push(await platform.status(goesOn.id, 'running'));
        await ways[need].poison(...toxics);
        const poisonedAt = performance.now();
        const unready = new Set<Part>();
        // Each by itself: one that hears something now and then may say so in between.
        const noticedMs = await timed(() => until(`nobody who needs it is ready with ${need}: ${fault}`, async () => {
          await Promise.all(needing.map(async (part) => (await answerOf(part, '/ready').catch(() => 503)) === 503 && unready.add(part)));
          return unready.size === needing.length;
        }, 2 * noticedWithinMs));
        await until(`${seconds} s are over`, async () => {
          expect(await Promise.all(services.map((part) => answerOf(part, '/live')))).toEqual(services.map(() => 200));
          return performance.now() - poisonedAt > seconds * 1000;
        }, (seconds + 60) * 1000);
        if (goesOn && toxics === silence) await until('what could not be kept is refused', () => isRefused(), 15_000);
        await until('the others are ready', () => are(services.filter((part) => !needing.includes(part)), 200), 5000);
        if (toxics === silence || toxics === reset) for (const { id } of waiting) expect((await platform.experiment(id)).finished_at).toBeNull(); // else what is small comes through
        await ways[need].cure();
        const recoveredMs = await timed(() => until(`everybody is ready again after ${need}: ${fault}`, () => are(services, 200), 2 * recoveredWithinMs));
        process.stderr.write(`${need}, ${fault} for ${seconds} s: not ready after ${Math.round(noticedMs)} ms, ready again after ${Math.round(recoveredMs)} ms\n`);
        expect(noticedMs).toBeLessThan(noticedWithinMs);
        expect(recoveredMs).toBeLessThan(recoveredWithinMs);
      } finally {
        isOver = true;
        await ways[need].cure();
        await asking;
      }
      waiting.push(await until('a run is taken', () => run(platform, saveAndEnd), 30_000));
      for (const { id } of waiting) expect((await platform.done(id)).last_status).toBe('succeeded');
      expect(pids()).toEqual(before);
      expect(await platform.rows('SELECT consumer_group, type, reason FROM event_store.dead_letters')).toEqual([]);
    }, (seconds + 240) * 1000);
  });
