// How does a run print in a test? As a real process does, into a file, while its events are told.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Event, RunEvent } from '#contracts';
import type { EventStore } from '#event-store';
import { experimentPath } from '#layout';
import { readConfiguration } from '#service-host';
import { variables, type Configuration } from '../src/configuration.ts';

const time = '2026-11-22T10:00:00.000Z';

export function logsPathOf(experimentId: number): string {
  return experimentPath({ user: 'mona', project: 'mnist', groupId: null, experimentId });
}

/** Appends to the stream of the run, whatever is there already. */
export async function tellRun(store: EventStore, event: RunEvent): Promise<void> {
  const stream = `run-${event.data.experimentId}` as const;
  const { length } = await store.load(stream);
  await store.append(stream, length - 1, [event], { actor: 'scheduler' });
}

export async function tellNeverStarted(store: EventStore, experimentId: number): Promise<void> {
  await tellRun(store, { type: 'RunStopped', data: { experimentId, attempt: 0, wasStarted: false, exitCode: null, message: null, endedAt: time } });
}

export async function tellDeleted(store: EventStore, experimentId: number): Promise<void> {
  const path = logsPathOf(experimentId);
  const data = { experimentId, originalExperimentId: experimentId, outputsPath: path, logsPath: path, outputsUnused: true, deletedBy: 'mona', deletedAt: time };
  await store.append(`experiment-${experimentId}`, -1, [{ type: 'ExperimentDeleted', data }], { actor: 'api-gateway' });
}

/** What the service is told when its logs root is in `folder`. */
export function configurationOf(databaseUrl: string, folder: string, more: Readonly<Record<string, string>> = {}): Configuration {
  return readConfiguration(variables, { POLYAXON_DATABASE_URL: databaseUrl, POLYAXON_INTERNAL_TOKEN: 'inside', POLYAXON_LOG_LEVEL: 'silent', POLYAXON_LOGS_ROOT: join(folder, 'logs'), ...more });
}

export async function logsEvents(store: EventStore, experimentId: number): Promise<Event[]> {
  return (await store.load(`logs-${experimentId}`)).map(({ type, data }) => ({ type, data }) as Event);
}

export class PrintingRun {
  private constructor(
    private readonly store: EventStore,
    readonly experimentId: number,
    readonly attempt: number,
    readonly console: string,
  ) {}

  /** Nothing prints yet and nobody was told. */
  static async prepare(store: EventStore, folder: string, experimentId: number, attempt = 1): Promise<PrintingRun> {
    const console = join(folder, `${experimentId}.${attempt}`, 'console');
    await mkdir(join(console, '..'), { recursive: true });
    await (await open(console, 'a')).close();
    return new PrintingRun(store, experimentId, attempt, console);
  }

  /** Both streams go where the kernel appends them, as the executor has it. */
  spawn(program: string, ...programArguments: string[]): ChildProcess {
    const file = openSync(this.console, 'a');
    const child = spawn(program, programArguments, { stdio: ['ignore', file, file] });
    closeSync(file);
    return child;
  }

  async print(program: string, ...programArguments: string[]): Promise<void> {
    await once(this.spawn(program, ...programArguments), 'exit');
  }

  async tellStart(): Promise<void> {
    const { experimentId, attempt } = this;
    const { href } = pathToFileURL(this.console);
    await tellRun(this.store, { type: 'RunStarted', data: { experimentId, attempt, console: href, logsPath: logsPathOf(experimentId), startedAt: time } });
  }

  async tellEnd(type: 'RunSucceeded' | 'RunStopped' | 'RunPreempted' = 'RunSucceeded'): Promise<void> {
    const { experimentId, attempt } = this;
    await tellRun(this.store, { type, data: { experimentId, attempt, wasStarted: true, exitCode: 0, message: null, endedAt: time } });
  }

  async printed(): Promise<Buffer> {
    return readFile(this.console);
  }
}
