// What is the log-collector made of?
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { limits } from '#contracts';
import { internalOnly, s3ConfigurationOf, settingsOf, type Foundation, type Parts } from '#service-host';
import { openStorage } from '#storage';
import { ArchiveTable } from './archive/archive-table.ts';
import { Growth } from './archive/growth.ts';
import { KeptLogs } from './archive/kept-logs.ts';
import { Worker } from './archive/worker.ts';
import type { Configuration } from './configuration.ts';
import { ConsoleStates } from './consoles/console-states.ts';
import { ConsolesController, Receiving } from './consoles/consoles.controller.ts';
import { consolesOf } from './consoles/consoles.ts';
import { fileConsoles } from './consoles/file-console.ts';
import { pushedScheme } from './consoles/pushed-address.ts';
import { pushedConsoles } from './consoles/pushed-console.ts';
import { ReceivedConsoles, receivedFolder } from './consoles/received-consoles.ts';
import { SettledConsoles } from './consoles/settled-consoles.ts';
import { Requests } from './logs/requests.ts';
import { LogsController } from './reading/logs.controller.ts';
import { LogsReader } from './reading/logs-reader.ts';
import { createTables } from './schema.ts';
import { topology } from './topology.ts';

/** A full disk may be cleared by then; whoever waits for the end of a run waits so long. */
const giveUpAfterMs = 60_000;

@Module({})
class LogCollectorModule {}

export async function logCollector(configuration: Configuration, { store, log, lease: openLease }: Foundation, patience = { giveUpAfterMs }): Promise<Parts> {
  const tree = await openStorage({ kind: 'volume', root: configuration.POLYAXON_LOGS_ROOT });
  const bootId = await currentBootId();
  const kept = await openKept(configuration);
  const table = new ArchiveTable(store.pool);
  const growth = new Growth();
  const now = () => new Date().toISOString();
  const lease = openLease('consoles');
  const states = new ConsoleStates(store.pool);
  const received = new ReceivedConsoles({ folder: join(tree.root, receivedFolder), mayCome: (of) => states.mayCome(of) });
  const source = consolesOf({ 'file:': fileConsoles, [pushedScheme]: pushedConsoles(received, () => lease.confirm()) });
  const settled = new SettledConsoles(received, states, log);
  const worker = new Worker({ store, table, tree, kept, source, settled, growth, log, bootId, now, standing: lease, ...patience });
  const reader = new LogsReader(store.pool, tree.root, growth, (experimentId) => worker.caughtUp(experimentId), kept);
  return {
    module: {
      module: LogCollectorModule,
      controllers: [LogsController, ConsolesController],
      providers: [
        ...internalOnly(configuration.POLYAXON_INTERNAL_TOKEN), { provide: LogsReader, useValue: reader }, { provide: Receiving, useValue: new Receiving(received, lease) },
      ],
    },
    async configure(app) {
      app.useBodyParser('application/octet-stream', { bodyLimit: limits.consolePieceBytes }, async (_request: unknown, body: Buffer) => body);
    },
    topology: topology(new Requests(store, table, bootId, now, () => worker.wake())),
    readiness: { 'logs folder': async () => ((await tree.exists('')) ? undefined : 'the logs root is not there'), ...(kept && { 'logs store': () => problemOf(kept) }) },
    async start() {
      await store.transaction(createTables);
      await lease.start();
      worker.start();
    },
    async stop() {
      await worker.stop();
      await lease.stop();
    },
  };
}

/** Undefined: the folder is where logs are kept. */
async function openKept(configuration: Configuration): Promise<KeptLogs | undefined> {
  const { POLYAXON_LOGS_STORE: store } = configuration;
  return store === '' ? undefined : new KeptLogs(await openStorage(await s3ConfigurationOf('POLYAXON_LOGS_STORE', store, configuration)));
}

async function problemOf(kept: KeptLogs): Promise<string | undefined> {
  const problem = await kept.problem();
  return problem && `logs: ${problem.message}; look at ${settingsOf('POLYAXON_LOGS_STORE', 'POLYAXON_LOGS_ROOT')(problem.setting)}`;
}

/** Where the system has none, memory of the machine and of the process are taken for the same. */
async function currentBootId(): Promise<string> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((id) => id.trim(), () => '');
}
