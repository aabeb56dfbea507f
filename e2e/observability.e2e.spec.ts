// Can it be seen from outside what becomes of a request: in the logs, in the metrics, and in traces where they are wanted?
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentBody } from '#contracts';
import { hasKafka, until } from '#testing';
import { created, project, run, saveAndEnd } from './asking.ts';
import { OtlpReceiver } from './otlp-receiver.ts';
import { Platform } from './platform.ts';

const services = ['api-gateway', 'scheduler', 'storage-manager', 'log-collector'] as const;
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const clientSpan = '00f067aa0ba902b7';
const tellTrace = 'test -f $POLYAXON_RUN_OUTPUTS_PATH/model && echo "${TRACEPARENT:-none}"';

/** `restart --copy` of an experiment that has saved something. */
async function copy(platform: Platform, headers: Record<string, string>): Promise<ExperimentBody> {
  const source = await run(platform, saveAndEnd);
  await platform.done(source.id);
  const asked = platform.api('POST', `${project}/experiments/${source.id}/copy`, { content: JSON.stringify({ run: { cmd: tellTrace } }) }, { headers });
  const copied = await platform.done((await created(asked)).id);
  expect(copied.last_status).toBe('succeeded');
  return copied;
}

async function traced(platform: Platform, receiver: OtlpReceiver): Promise<{ way: string[]; copied: ExperimentBody }> {
  const copied = await copy(platform, { traceparent: `00-${traceId}-${clientSpan}-01` });
  const traceparent = platform.log(copied).trim();
  expect(traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  const way = await until('the way from the request to the process is traced', () => {
    const spans = receiver.wayTo(traceparent);
    return spans.at(-1)?.parentSpanId === clientSpan ? spans : null;
  }, 20_000);
  expect(way.every(({ status }) => status !== 2)).toBe(true);
  expect(way.slice(0, -1).every(({ attributes }) => attributes['polyaxon.correlation_id'] === traceId)).toBe(true);
  return { way: way.map(({ service, name }) => `${service}: ${name}`), copied };
}

describe('on Postgres', () => {
  let receiver: OtlpReceiver;
  let platform: Platform;

  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    platform = await Platform.start({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}`, POLYAXON_BUS: 'postgres' });
    await platform.api('POST', 'projects', { name: 'verbs' });
  }, 120_000);
  afterAll(async () => {
    await platform.remove();
    await receiver.stop();
  }, 60_000);

  const linesOf = (service: string) => readFileSync(join(platform.home, 'service-logs', `${service}.log`), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);

  it('every line about an experiment has its number and the id of the request it came of, in all services', async () => {
    const id = 'a-request-of-mine';
    const copied = await copy(platform, { 'x-request-id': id });
    for (const service of services) {
      const lines = linesOf(service);
      const its = lines.filter(({ experimentId }) => experimentId === copied.id);
      expect([service, its.length > 0, its.filter(({ correlationId }) => correlationId !== id)]).toEqual([service, true, []]);
      expect(lines.filter(({ correlationId, experimentId }) => correlationId === id && experimentId !== copied.id)).toEqual([]);
      expect(its[0]).toMatchObject({ service, level: 'info', time: expect.any(String), msg: expect.any(String) });
    }
    const said = services.flatMap((service) => linesOf(service).filter(({ correlationId }) => correlationId === id).map(({ msg }) => msg));
    expect(said).toEqual(expect.arrayContaining(['ExperimentCopyRequested', 'OutputsCopied', 'RunStarted', 'LogsArchived', 'ExperimentDone']));
    const stored = await platform.rows<{ type: string }>(`SELECT type FROM event_store.messages WHERE metadata->>'correlationId' = $1`, [id]);
    expect(stored.map(({ type }) => type)).toEqual(expect.arrayContaining(['ExperimentCopyRequested', 'OutputsCopyStarted', 'RunQueued', 'RunSucceeded', 'LogsArchived', 'ExperimentDone']));
  }, 120_000);

  it('says under which id a request is known, and takes none that could do harm', async () => {
    const ask = async (headers: Record<string, string>) => (await fetch(`${platform.url}/live`, { headers })).headers.get('x-request-id');
    expect(await ask({ 'x-request-id': 'mine-1' })).toBe('mine-1');
    expect(await ask({ traceparent: `00-${traceId}-${clientSpan}-01` })).toBe(traceId);
    for (const bad of ['x'.repeat(129), '{"a": 1}', 'a b']) expect(await ask({ 'x-request-id': bad })).toMatch(/^[0-9a-f]{8}-/);
  });

  it('one trace leads from the request to the process', async () => {
    expect((await traced(platform, receiver)).way).toEqual([
      'scheduler: start process', 'scheduler: launch run', 'scheduler: handle OutputsCopied', 'storage-manager: decide outputs', 'storage-manager: copy outputs',
      'storage-manager: handle ExperimentCopyRequested', 'api-gateway: decide experiment', 'api-gateway: POST /api/v1/:user/:project/experiments/:id/copy',
    ]);
    const inTrace = (service: string) => receiver.spans.filter((span) => span.traceId === traceId && span.service === service).map(({ name }) => name);
    await until('the end of the run is traced', () => inTrace('log-collector').includes('archive logs') && inTrace('api-gateway').includes('handle LogsArchived'), 20_000);
  }, 120_000);

  it('metrics of every service are few, named after no one, and tell what happened', async () => {
    const { ports } = JSON.parse(readFileSync(join(platform.home, 'platform.json'), 'utf8')) as { ports: Record<string, number> };
    const all = new Map<string, string[]>();
    for (const service of services) all.set(service, (await (await fetch(`http://127.0.0.1:${ports[service]}/metrics`)).text()).split('\n').filter((line) => line && !line.startsWith('#')));
    const numbered = /^(le|quantile|version|major|minor|patch|space|kind)$/;
    for (const [service, series] of all) {
      expect([service, series.length < 2000]).toEqual([service, true]);
      for (const [, name, value] of series.flatMap((line) => [...line.matchAll(/([a-z_]+)="([^"]*)"/g)])) {
        if (numbered.test(name as string)) continue;
        expect([name, value]).toEqual([name, expect.not.stringMatching(/\d{2}|[0-9a-f]{8}-|\/\d|root|verbs|a-request-of-mine|^\d+$/)]);
      }
    }
    const valueOf = (service: string, start: string) => Number(all.get(service)?.find((line) => line.startsWith(start))?.split(' ').at(-1));
    const copies = 'method="POST",route="/api/v1/:user/:project/experiments/:id/copy"';
    expect(valueOf('api-gateway', `polyaxon_http_requests_total{${copies},code="2xx"}`)).toBe(2);
    expect(valueOf('api-gateway', `polyaxon_http_requests_total{${copies},code="5xx"}`)).toBe(0);
    expect(valueOf('api-gateway', `polyaxon_http_request_duration_seconds_count{${copies}}`)).toBe(2);
    expect(valueOf('api-gateway', 'polyaxon_experiments{status="succeeded"}')).toBe(4);
    expect(valueOf('api-gateway', 'polyaxon_experiments{status="failed"}')).toBe(0);
    expect(valueOf('api-gateway', 'polyaxon_checkpoint_oldest_age_seconds')).toBe(0);
    expect(valueOf('storage-manager', 'polyaxon_handler_duration_seconds_count{group="storage-manager",type="ExperimentCopyRequested",outcome="handled"}')).toBe(2);
    expect(valueOf('storage-manager', 'polyaxon_handler_duration_seconds_count{group="storage-manager",type="ExperimentCopyRequested",outcome="failed"}')).toBe(0);
    expect(valueOf('scheduler', 'polyaxon_runs{status="running"}')).toBe(0);
    expect(valueOf('scheduler', 'polyaxon_runs_finished_total{outcome="succeeded"}')).toBe(4);
    for (const service of services) {
      expect([service, valueOf(service, `polyaxon_dead_letters{group="${service}"}`)]).toEqual([service, 0]);
      expect([service, valueOf(service, `polyaxon_consumer_oldest_unhandled_age_seconds{group="${service}"}`)]).toEqual([service, expect.any(Number)]);
      expect([service, valueOf(service, 'polyaxon_ready')]).toEqual([service, 1]);
      expect([service, valueOf(service, 'polyaxon_http_requests_total{method="GET",route="/ready",code="2xx"}') > 0]).toEqual([service, true]);
    }
  });

  it('without an endpoint nothing is connected to, and the program is told no trace', async () => {
    await platform.down();
    const seen = receiver.connections;
    const quiet = await Platform.start({ POLYAXON_BUS: 'postgres' }, { home: platform.home });
    try {
      expect(quiet.log(await copy(quiet, {}))).toBe('none\n');
      const { ports, databaseUrl } = JSON.parse(readFileSync(join(quiet.home, 'platform.json'), 'utf8')) as { ports: Record<string, number>; databaseUrl: string };
      const known = new Set([...Object.values(ports), Number(new URL(databaseUrl).port)]);
      for (const pid of services.flatMap((service) => quiet.pids(service))) for (const { from, to } of connectionsOf(pid)) expect(known.has(from) || known.has(to)).toBe(true);
      expect(receiver.connections).toBe(seen);
    } finally {
      await quiet.remove();
    }
  }, 120_000);
});

if (hasKafka('4.2.0'))
  it('on Kafka the trace leads through the relay', async () => {
    const receiver = await OtlpReceiver.start();
    const platform = await Platform.start({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}`, POLYAXON_BUS: 'kafka' });
    try {
      await platform.api('POST', 'projects', { name: 'verbs' });
      const { way } = await traced(platform, receiver);
      const relay = expect.stringMatching(/: publish /) as string;
      expect(way).toEqual([
        'scheduler: start process', 'scheduler: launch run', 'scheduler: handle OutputsCopied', relay, 'storage-manager: decide outputs', 'storage-manager: copy outputs',
        'storage-manager: handle ExperimentCopyRequested', relay, 'api-gateway: decide experiment', 'api-gateway: POST /api/v1/:user/:project/experiments/:id/copy',
      ]);
    } finally {
      await platform.remove();
      await receiver.stop();
    }
  }, 300_000);

/** Over TCP, by their ports here and there. */
function connectionsOf(pid: number): { readonly from: number; readonly to: number }[] {
  const inodes = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return []; // closed meanwhile
    }
  }));
  const rows = ['tcp', 'tcp6'].flatMap((file) => readFileSync(`/proc/${pid}/net/${file}`, 'utf8').trim().split('\n').slice(1)).map((row) => row.trim().split(/\s+/));
  const port = (address = '') => parseInt(address.split(':').at(-1) ?? '', 16);
  return rows.filter(([, , , , , , , , , inode = '']) => inodes.has(inode)).map(([, from, to]) => ({ from: port(from), to: port(to) }));
}
