// What is the storage-manager made of?
import { randomUUID } from 'node:crypto';
import { Module, type DynamicModule } from '@nestjs/common';
import { internalOnly, type Foundation, type Parts } from '#service-host';
import { openStorage, type FileTree } from '#storage';
import { offerFrom } from './checkpoints/offer.ts';
import type { Configuration } from './configuration.ts';
import { outputsProblem, outputsStore } from './outputs-store.ts';
import { OutputsController } from './outputs/outputs.controller.ts';
import { OutputsReader } from './outputs/outputs-reader.ts';
import { Requests } from './outputs/requests.ts';
import { createTables } from './schema.ts';
import { topology } from './topology.ts';
import { copyOutputs } from './work/copy-outputs.ts';
import { deleteOutputs } from './work/delete-outputs.ts';
import { prepareOutputs } from './work/prepare-outputs.ts';
import { Worker, type Clock } from './work/worker.ts';
import { Tidying } from './work/tidying.ts';
import { WorkTable } from './work/work-table.ts';

/** After `kill -9` the work goes on so much later; renewed often enough that a busy machine doesn't lose it. */
const leaseMs = 6000;
const renewMs = 1500;

@Module({})
class StorageManagerModule {}

export async function storageManager(configuration: Configuration, { store, log }: Foundation): Promise<Parts> {
  const tree = await openStorage(await outputsStore(configuration));
  const now: Clock = () => new Date().toISOString();
  const table = new WorkTable(store.pool, randomUUID(), leaseMs);
  const offer = offerFrom(tree);
  const performers = { prepare: prepareOutputs(tree, now, offer), copy: copyOutputs(tree, now, offer), delete: deleteOutputs(tree, now) };
  const usurped = ({ experimentId }: { experimentId: number }): void => {
    log.fatal({ experimentId }, 'another instance has taken over a copy of ours: leaving it the folder');
    process.exit(1);
  };
  const tidying = new Tidying(tree, log);
  const worker = new Worker({ store, table, performers, log, renewMs, usurped });
  return {
    module: moduleOf(configuration, tree, table),
    topology: topology(new Requests(store, table, now, () => worker.wake())),
    readiness: [async () => outputsProblem(tree)],
    async start() {
      await store.transaction(createTables);
      worker.start();
      tidying.start();
    },
    async stop() {
      tidying.stop();
      await worker.stop();
    },
  };
}

function moduleOf({ POLYAXON_INTERNAL_TOKEN }: Configuration, tree: FileTree, table: WorkTable): DynamicModule {
  return {
    module: StorageManagerModule,
    controllers: [OutputsController],
    providers: [
      ...internalOnly(POLYAXON_INTERNAL_TOKEN),
      { provide: OutputsReader, useFactory: () => new OutputsReader(tree) },
      { provide: WorkTable, useValue: table },
    ],
  };
}
