// What is the storage-manager made of?
import { randomUUID } from 'node:crypto';
import { Module, type DynamicModule } from '@nestjs/common';
import { internalOnly, type Foundation, type Parts } from '#service-host';
import { offerFrom } from './checkpoints/offer.ts';
import type { Configuration } from './configuration.ts';
import { countCheckpoints, showSpace } from './metrics.ts';
import { defaultStore, OutputsStores } from './outputs-stores.ts';
import { Digests } from './outputs/digests.ts';
import { FilesController } from './outputs/files.controller.ts';
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
  const stores = await OutputsStores.open(configuration);
  const treeOf = (name?: string) => stores.of(name);
  const now: Clock = () => new Date().toISOString();
  const table = new WorkTable(store.pool, randomUUID(), leaseMs);
  const performers = { prepare: prepareOutputs(treeOf, now, offerFrom), copy: copyOutputs(treeOf, now, offerFrom), delete: deleteOutputs(treeOf, now) };
  const usurped = ({ experimentId }: { experimentId: number }): void => {
    log.fatal({ experimentId }, 'another instance has taken over a copy of ours: leaving it the folder');
    process.exit(1);
  };
  const tidying = new Tidying(stores, log);
  const worker = new Worker({ store, table, performers, log, renewMs, usurped, areStoresApart: stores.names.length > 1 });
  return {
    module: moduleOf(configuration, stores, table),
    topology: topology(new Requests(store, table, now, () => worker.wake())),
    readiness: { outputs: () => stores.problem() },
    degraded: Object.fromEntries(stores.names.filter((name) => name !== defaultStore).map((name) => [`outputs in ${name}`, () => stores.problem(name)])),
    told: countCheckpoints,
    async start() {
      await store.transaction(createTables);
      showSpace(stores.folders);
      worker.start();
      tidying.start();
    },
    async stop() {
      tidying.stop();
      await worker.stop();
    },
  };
}

function moduleOf({ POLYAXON_INTERNAL_TOKEN }: Configuration, stores: OutputsStores, table: WorkTable): DynamicModule {
  return {
    module: StorageManagerModule,
    controllers: [OutputsController, FilesController],
    providers: [
      ...internalOnly(POLYAXON_INTERNAL_TOKEN),
      { provide: Digests, useFactory: () => new Digests((store) => stores.of(store)) },
      { provide: OutputsReader, useFactory: () => new OutputsReader(stores) },
      { provide: WorkTable, useValue: table },
    ],
  };
}
