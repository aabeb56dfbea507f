// How does a service start, listen, tell that it is ready, and leave without losing anything?
import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createEventStore, EventStore, openPool, traceWith, type Lease, type Recorded } from '#event-store';
import { backOff, kindOf, type Consumption, type KafkaSettings, type Topology } from '#messaging';
import { AboutModule } from './about.ts';
import { openBus } from './bus.ts';
import { ConfigurationInvalid } from './configuration.ts';
import { HealthModule, type ReadinessCheck, type ReadinessChecks } from './health.ts';
import { leasesOf } from './lease.ts';
import { openLog, type Logger } from './log.ts';
import { observeAppends } from './observing/appends.ts';
import { openHttpMetrics } from './observing/http-metrics.ts';
import { correlationIdOf, observeRequests } from './observing/requests.ts';
import { openTracing, type TraceSettings } from './observing/tracing.ts';
import { ProblemFilter } from './problem.ts';

export interface ServiceBase {
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  /** After so long without a sign an instance is replaced. */
  readonly leaseSeconds?: number;
  /** Not given: the event store itself is the bus. */
  readonly kafka?: KafkaSettings | undefined;
  /** Not given: nothing is traced. */
  readonly traces?: TraceSettings | undefined;
  /** Bytes of a request body that isn't streamed. */
  readonly bodyLimitBytes?: number;
}

/** What a service is given to build itself from. */
export interface Foundation {
  readonly store: EventStore;
  readonly log: Logger;
  /** What one instance alone may do, under this name; not begun yet. */
  readonly lease: (name: string) => Lease;
}

/** What a service is made of. Everything is started after the listening address is known and stopped in reverse. */
export interface Parts {
  readonly module: DynamicModule;
  readonly topology: Topology;
  readonly readiness?: ReadinessChecks;
  /** What is said beside it while the service goes on without. */
  readonly degraded?: ReadinessChecks;
  /** Of the events this process has written, together if they were committed together: for counting, no more. */
  told?(events: readonly Recorded[]): void;
  /** Before the first event is consumed: migrations, adoption of what a former process left. */
  start?(): Promise<void>;
  /** After the last event was consumed: drain workers. */
  stop?(): Promise<void>;
  /** Plugins and raw routes of the HTTP server, before it listens. */
  configure?(app: NestFastifyApplication): Promise<void>;
}

export interface RunningService {
  readonly app: NestFastifyApplication;
  readonly consumption: Consumption;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Connects, builds, starts, listens. With `PORT` known it prints one line of JSON `{"ready": true, "port": n}` through the log, which is what a supervisor waits for.
 */
export async function startService(name: Topology['service'], base: ServiceBase, build: (foundation: Foundation) => Promise<Parts>): Promise<RunningService> {
  const log = openLog(name, base.logLevel);
  const tracing = await openTracing(name, base.traces);
  traceWith(tracing?.tracer);
  const pool = openPool(base.databaseUrl, { name });
  await patiently(log, () => createEventStore(pool));
  let told = (_: readonly Recorded[]): void => undefined;
  const store = new EventStore(pool, name, observeAppends(name, log, (events) => told(events)));
  const leases = leasesOf(store, base.leaseSeconds, log);
  const parts = await build({ store, log, lease: (what) => leases(`${name}: ${what}`) });
  told = (events) => parts.told?.(events);
  const databaseAnswers: ReadinessCheck = async () => {
    await pool.query(`SELECT repeat('x', ${probeBytes})`); // a way that is too narrow for this is too narrow for work
    return undefined;
  };
  const bus = openBus(store, base.kafka, log);
  const busBrings: ReadinessCheck = async () => consumption?.problem() ?? (await bus.problem());
  const [ready, degraded] = [{ database: databaseAnswers, bus: busBrings, ...parts.readiness }, parts.degraded ?? {}];
  const about = AboutModule.of({ service: name, ready, degraded, lagMs: async () => consumption.lagMs() });
  const root: DynamicModule = { module: Root, imports: [parts.module, HealthModule.of(ready, degraded), about] };
  const adapter = new FastifyAdapter({
    bodyLimit: base.bodyLimitBytes ?? 1024 * 1024,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    forceCloseConnections: true,
    genReqId: ({ headers }: IncomingMessage) => correlationIdOf(headers),
  });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, { logger: false, abortOnError: false });
  observeRequests(app.getHttpAdapter().getInstance(), openHttpMetrics());
  app.useGlobalFilters(new ProblemFilter(log));
  await parts.configure?.(app);
  await parts.start?.();
  await app.listen(base.port, base.host);
  const consumption = bus.consume(parts.topology);
  const { port } = app.getHttpServer().address() as { port: number };
  log.info({ ready: true, port }, `${name} is ready`);
  const stop = async () => {
    await consumption.stop();
    await parts.stop?.();
    await app.close();
    await bus.close();
    await pool.end();
    await tracing?.close().catch(() => undefined); // whoever looks at traces may be away
  };
  return { app, consumption, port, stop };
}

/** The whole life of a service process: SIGTERM and SIGINT drain it (10 s at most); a fault ends it non-zero, and the supervisor starts it again. */
export async function runService(start: () => Promise<RunningService>): Promise<void> {
  try {
    const service = await start();
    const leave = (signal: string) => {
      process.once(signal, () => process.exit(130)); // asked twice
      setTimeout(() => process.exit(1), 10_000).unref();
      service.stop().then(() => process.exit(0), (error: unknown) => crash(error));
    };
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => leave(signal));
    process.on('disconnect', () => leave('SIGTERM')); // the supervisor is gone
  } catch (error) {
    crash(error);
  }
}

const probeBytes = 16 * 1024;
const databaseAwayMs = 60_000;

/** A database that is being started again is no reason to end: whoever starts us again would have to wait as well. */
async function patiently(log: Logger, work: () => Promise<void>): Promise<void> {
  for (let tries = 1, deadline = performance.now() + databaseAwayMs; ; tries += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (kindOf(error) !== 'transient' || performance.now() > deadline) throw error;
      log.warn({ err: error }, 'waiting for the database');
      await new Promise((resolve) => setTimeout(resolve, backOff(tries, Math.random)));
    }
  }
}

function crash(error: unknown): never {
  if (error instanceof ConfigurationInvalid) process.stderr.write(`${error.message}\n`);
  else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

@Module({})
class Root {}
