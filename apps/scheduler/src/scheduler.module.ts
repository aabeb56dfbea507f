// What is the scheduler made of?
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { codeTrees, internalOnly, namedStores, s3ConfigurationOf, type Foundation, type Parts, type ReadinessCheck } from '#service-host';
import type { Configuration } from './configuration.ts';
import { Carriage } from './executors/local/carriage.ts';
import { ControlGroups } from './executors/local/control-groups.ts';
import { openKubernetes, type KubernetesSurroundings } from './executors/kubernetes/open-kubernetes.ts';
import { Reports } from './executors/kubernetes/reports.ts';
import { ReportsController } from './executors/kubernetes/reports.controller.ts';
import type { Executor } from './executors/executor.ts';
import { LocalExecutor } from './executors/local/local-executor.ts';
import { OutputsPlaces, placeOf } from './executors/local/outputs-places.ts';
import { openEndMetrics } from './run/end-metrics.ts';
import { openRunMetrics } from './run/metrics.ts';
import { listEpochs } from './run/live-runs.ts';
import { Runs } from './run/runs.ts';
import { showWaiting } from './run/waiting-metrics.ts';
import { RunWorker } from './run/worker.ts';
import { createSchedulerSchema, platformId } from './schema.ts';
import { topology } from './topology.ts';
import { RunUsage } from './usage/run-usage.ts';
import { UsageController } from './usage/usage.controller.ts';

/** Of the same build. */
const carrierProgram = join(dirname(fileURLToPath(import.meta.url)), '../../carrier/src/main.js');
const attemptScript = 'apps/scheduler/src/executors/local/attempt.sh';

@Module({})
class SchedulerModule {}

export async function scheduler(configuration: Configuration, { store, log, lease: openLease }: Foundation): Promise<Parts> {
  const now = () => new Date();
  const lease = openLease('runs');
  await createSchedulerSchema(store.pool);
  const reports = new Reports(store.pool);
  const place = await openPlace(configuration, { reports, log, now, standing: lease, ownId: () => platformId(store.pool), known: () => listEpochs(store.pool) });
  const { executor } = place;
  const runs = new Runs(store, () => worker.wake());
  const slots = configuration.POLYAXON_MAX_CONCURRENT_RUNS || place.slots;
  const worker = new RunWorker(store, runs, executor, log, openRunMetrics(), {
    slots,
    graceSeconds: configuration.POLYAXON_GRACE_PERIOD_SECONDS,
    restartDelaySeconds: configuration.POLYAXON_RESTART_DELAY_SECONDS,
    preemptionsAllowed: configuration.POLYAXON_MAX_PREEMPTIONS,
    infrastructureExitCodes: configuration.POLYAXON_INFRASTRUCTURE_EXIT_CODES,
    now,
    standing: lease,
  });
  return {
    module: {
      module: SchedulerModule,
      controllers: [UsageController, ReportsController],
      providers: [
        ...internalOnly(configuration.POLYAXON_INTERNAL_TOKEN),
        { provide: Reports, useValue: reports },
        { provide: RunUsage, useValue: new RunUsage(store.pool, executor, () => performance.now(), slots) },
      ],
    },
    topology: topology(runs),
    told: openEndMetrics(),
    ...(place.ready && { readiness: { cluster: place.ready } }),
    ...(place.whole && { degraded: { 'cluster rights': place.whole } }),
    async start() {
      place.start?.();
      showWaiting(store.pool);
      await lease.start();
      worker.start();
    },
    async stop() {
      await worker.stop();
      await place.stop?.();
      await lease.stop();
    },
  };
}

/** Where runs are. */
interface Place {
  readonly executor: Executor;
  readonly slots: number;
  readonly ready?: ReadinessCheck;
  readonly whole?: ReadinessCheck;
  start?(): void;
  stop?(): Promise<void>;
}

/** What there is room for is known to the cluster; this keeps one person from burying it. */
const slotsOfCluster = 500;

async function openPlace(configuration: Configuration, surroundings: KubernetesSurroundings): Promise<Place> {
  if (configuration.POLYAXON_EXECUTOR === 'kubernetes') return { slots: slotsOfCluster, ...(await openKubernetes(configuration, surroundings)) };
  return { executor: await openLocalExecutor(configuration, surroundings.now), slots: Math.max(2, availableParallelism()) };
}

async function openLocalExecutor(configuration: Configuration, now: () => Date): Promise<LocalExecutor> {
  const runsRoot = resolve(configuration.POLYAXON_RUNS_ROOT);
  await mkdir(runsRoot, { recursive: true, mode: 0o700 });
  const platform = platformFolder();
  const outputs = await openPlaces(configuration, runsRoot);
  return new LocalExecutor({
    runsRoot,
    secretsRoot: configuration.POLYAXON_SECRETS_ROOT || join(dirname(runsRoot), 'secrets'),
    configMapsRoot: configuration.POLYAXON_CONFIG_MAPS_ROOT || join(dirname(runsRoot), 'config'),
    dataRoot: configuration.POLYAXON_DATA_ROOT || join(dirname(runsRoot), 'data'),
    code: await codeTrees(configuration),
    outputs,
    logsRoot: resolve(configuration.POLYAXON_LOGS_ROOT),
    gatewayUrl: configuration.POLYAXON_GATEWAY_URL,
    runTokenSecret: configuration.POLYAXON_RUN_TOKEN_SECRET,
    pythonClient: configuration.POLYAXON_PYTHON_CLIENT || join(platform, 'clients/python'),
    attemptScript: join(platform, attemptScript),
    carriage: openCarriage(configuration, outputs, now),
    groups: await ControlGroups.open(configuration.POLYAXON_CGROUP || undefined),
    inherited: process.env,
    now,
  });
}

/** Under the names that experiments have them by. */
async function openPlaces(configuration: Configuration, runsRoot: string): Promise<OutputsPlaces> {
  const { POLYAXON_OUTPUTS_STORE: store } = configuration;
  const root = resolve(configuration.POLYAXON_OUTPUTS_ROOT);
  const ofDefault = store === '' ? { root } : { root, s3: await s3ConfigurationOf('POLYAXON_OUTPUTS_STORE', store, configuration) };
  const named = [...(await namedStores(configuration))].map(([name, one]) => [name, placeOf(one.configuration, join(dirname(runsRoot), 'stores', name))] as const);
  return new OutputsPlaces(ofDefault, new Map(named));
}

function openCarriage(configuration: Configuration, outputs: OutputsPlaces, now: () => Date): Carriage | undefined {
  const { POLYAXON_CARRY_LAG_SECONDS: lagSeconds, POLYAXON_CARRY_LAST_SECONDS: lastSeconds } = configuration;
  return outputs.isCarrying ? new Carriage({ storeOf: (name) => outputs.of(name).s3, carrierProgram, lagSeconds, lastSeconds, now }) : undefined;
}

/** What isn't compiled is where it was written, above the compiled files and above their sources alike. */
function platformFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, attemptScript))) {
    if (folder === dirname(folder)) throw new Error(`${attemptScript} is missing: the installation is incomplete`);
    folder = dirname(folder);
  }
  return folder;
}
