// How does a service start, listen, tell that it is ready, and leave without losing anything?
import 'reflect-metadata';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Counter, Gauge, Histogram } from 'prom-client';
import { createEventStore, EventStore, openPool } from '#event-store';
import { backOff, kindOf, PostgresBus, type Consumption, type Observer, type Topology } from '#messaging';
import { ConfigurationInvalid } from './configuration.ts';
import { HealthModule, type ReadinessCheck } from './health.ts';
import { openLog, type Logger } from './log.ts';
import { ProblemFilter } from './problem.ts';

export interface ServiceBase {
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  /** Bytes of a request body that isn't streamed. */
  readonly bodyLimitBytes?: number;
}

/** What a service is given to build itself from. */
export interface Foundation {
  readonly store: EventStore;
  readonly log: Logger;
}

/** What a service is made of. Everything is started after the listening address is known and stopped in reverse. */
export interface Parts {
  readonly module: DynamicModule;
  readonly topology: Topology;
  readonly readiness?: readonly ReadinessCheck[];
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
  const pool = openPool(base.databaseUrl, { name });
  await patiently(log, () => createEventStore(pool));
  const store = new EventStore(pool, name);
  const parts = await build({ store, log });
  const databaseAnswers: ReadinessCheck = async () => {
    await pool.query('SELECT 1');
    return undefined;
  };
  const root: DynamicModule = { module: Root, imports: [parts.module, HealthModule.of([databaseAnswers, ...(parts.readiness ?? [])])] };
  const adapter = new FastifyAdapter({ bodyLimit: base.bodyLimitBytes ?? 1024 * 1024, routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 }, forceCloseConnections: true });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, { logger: false, abortOnError: false });
  app.useGlobalFilters(new ProblemFilter(log));
  await parts.configure?.(app);
  await parts.start?.();
  await app.listen(base.port, base.host);
  const consumption = new PostgresBus(store).consume(parts.topology, observe(log));
  const { port } = app.getHttpServer().address() as { port: number };
  log.info({ ready: true, port }, `${name} is ready`);
  const stop = async () => {
    await consumption.stop();
    await parts.stop?.();
    await app.close();
    await pool.end();
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

/** Dead letters, retries and waiting times are never silent. */
function observe(log: Logger): Observer {
  const labels = ['consumer_group', 'type'] as const;
  const waited = new Histogram({ name: 'polyaxon_event_waited_seconds', help: 'from append to reaction', labelNames: labels, buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30] });
  const dead = new Counter({ name: 'polyaxon_dead_letters_total', help: 'events given up', labelNames: labels });
  const retries = new Counter({ name: 'polyaxon_event_retries_total', help: 'reactions tried again', labelNames: labels });
  const foreign = new Counter({ name: 'polyaxon_foreign_messages_total', help: 'messages on the bus that the event store does not know', labelNames: ['consumer_group'] });
  const paused = new Gauge({ name: 'polyaxon_consumer_last_pause_seconds', help: 'unix time of the last pause because of the surroundings', labelNames: ['consumer_group'] });
  return {
    reacted: ({ consumerGroup, type, waitedMs }) => waited.observe({ consumer_group: consumerGroup, type }, waitedMs / 1000),
    deadLetter: (letter) => {
      dead.inc({ consumer_group: letter.consumerGroup, type: letter.type });
      log.error(letter, 'dead letter');
    },
    retry: ({ error, ...failure }) => {
      retries.inc({ consumer_group: failure.consumerGroup, type: failure.type });
      log.warn({ ...failure, err: error }, 'reaction failed');
    },
    foreign: ({ consumerGroup, where, reason }) => {
      foreign.inc({ consumer_group: consumerGroup });
      log.error({ consumerGroup, where, reason }, 'a message that is not ours');
    },
    paused: ({ consumerGroup, error }) => {
      paused.set({ consumer_group: consumerGroup }, Date.now() / 1000);
      log.warn({ consumerGroup, err: error }, 'consumer paused');
    },
  };
}
