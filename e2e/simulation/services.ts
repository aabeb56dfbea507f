// What is each service made of here? The shipping topology, reactions, deciders and workers, on what the story gives them.
import type { ExperimentBody, ExperimentEvent, OutputsSummary, Service } from '#contracts';
import { evolveAll } from '#decider';
import type { Topology } from '#messaging';
import type { Logger } from '#service-host';
import type { FileTree } from '#storage';
import { experimentDecider } from '../../apps/api-gateway/src/experiment/decider.ts';
import { AttemptLosses } from '../../apps/api-gateway/src/experiment/attempt-losses.ts';
import { Endings } from '../../apps/api-gateway/src/experiment/endings.ts';
import type { EndingsTable } from '../../apps/api-gateway/src/experiment/endings-table.ts';
import { Experiments } from '../../apps/api-gateway/src/experiment/experiments.ts';
import type { Compiled } from '../../apps/api-gateway/src/experiment/specification.ts';
import { topology as apiGateway } from '../../apps/api-gateway/src/topology.ts';
import type { ExperimentsView, ExperimentView } from '../../apps/api-gateway/src/views/experiments.view.ts';
import type { ProjectsView, ProjectView } from '../../apps/api-gateway/src/views/projects.view.ts';
import type { ArchiveTable } from '../../apps/log-collector/src/archive/archive-table.ts';
import { Requests as LogsRequests } from '../../apps/log-collector/src/logs/requests.ts';
import { topology as logCollector } from '../../apps/log-collector/src/topology.ts';
import { Runs } from '../../apps/scheduler/src/run/runs.ts';
import { RunWorker } from '../../apps/scheduler/src/run/worker.ts';
import { topology as scheduler } from '../../apps/scheduler/src/topology.ts';
import { Requests as OutputsRequests } from '../../apps/storage-manager/src/outputs/requests.ts';
import { topology as storageManager } from '../../apps/storage-manager/src/topology.ts';
import { copyOutputs } from '../../apps/storage-manager/src/work/copy-outputs.ts';
import { deleteOutputs } from '../../apps/storage-manager/src/work/delete-outputs.ts';
import { prepareOutputs } from '../../apps/storage-manager/src/work/prepare-outputs.ts';
import type { WorkTable } from '../../apps/storage-manager/src/work/work-table.ts';
import { Worker as OutputsWorker } from '../../apps/storage-manager/src/work/worker.ts';
import { Archiver } from './archiver.ts';
import type { ConsumerGroup } from './bus.ts';
import type { Clock } from './clock.ts';
import type { Database } from './database.ts';
import { SimulatedExecutor } from './executor.ts';
import type { Faults, Life } from './life.ts';
import type { MemoryEventStore } from './memory-event-store.ts';
import { SimulatedOutputs } from './outputs.ts';
import type { Random } from '#testing';
import { preemptionsAllowed, type Rules } from './rules.ts';
import { ArchivesAs, type ArchiveRows } from './tables/archive-rows.ts';
import type { RunRows } from './tables/run-rows.ts';
import { WorkAs, type workRows } from './tables/work-rows.ts';
import type { World } from './world.ts';

export interface Surroundings {
  readonly database: Database;
  readonly world: World;
  readonly rules: Rules;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: Faults;
  readonly slots: number;
  readonly hasHastyCopies: boolean;
  readonly tables: { readonly runs: RunRows; readonly work: ReturnType<typeof workRows>; readonly archives: ArchiveRows; readonly endings: EndingsTable };
  readonly groups: Readonly<Record<Service, ConsumerGroup>>;
  readonly kill: (life: Life) => void;
}

/** One process of a service; the gateway's can be asked by users. */
export interface Program {
  readonly topology: Topology;
  readonly experiments?: Experiments;
}

type Start = (life: Life, store: MemoryEventStore, around: Surroundings) => Program;

const graceSeconds = 1;
const leaseMs = 6000;
const renewMs = 1500;
const silent = { warn: () => undefined, fatal: () => undefined } as unknown as Logger;

export const services: Readonly<Record<Service, Start>> = {
  'api-gateway': (life, store, around) => {
    const { database, world, clock, tables } = around;
    const readOutputs = ({ outputsPath: path }: { readonly outputsPath: string }): Promise<OutputsSummary> =>
      life.effect(`asks what ${path} holds`, () => {
        const files = world.folders.get(path)?.files.size ?? 0;
        return { exists: world.folders.has(path), files, sizeBytes: files, checkpoints: [], choice: { offered: null, setAside: [], problem: null, alternatives: [] } };
      });
    const compiler = { compile: async () => compiled };
    const projects = { get: async () => project } as unknown as ProjectsView;
    const views = viewsOf(life, database, around) as ExperimentsView;
    const [references, stores] = [{ resolved: async <Rendered>(rendered: Rendered) => rendered }, { refuseUnusable: async () => undefined }];
    const losses = new AttemptLosses(store, async () => ({ last: 40, before: 30, after: null }));
    return { topology: apiGateway(new Endings(store, tables.endings), losses), experiments: new Experiments(store, views, projects, readOutputs, compiler, references, stores, clock.now) };
  },

  scheduler: (life, store, { world, rules, clock, random, faults, tables, slots }) => {
    const runs = new Runs(store, () => worker.wake(), tables.runs.as(life));
    const executor = new SimulatedExecutor(world, rules, life, clock, random, faults);
    const metrics = { looked: () => undefined, launched: () => undefined, carried: () => undefined };
    const worker = new RunWorker(store, runs, executor, silent, metrics, { slots, graceSeconds, preemptionsAllowed, infrastructureExitCodes: [3], now: clock.now });
    worker.start();
    return { topology: scheduler(runs) };
  },

  'storage-manager': (life, store, { database, world, rules, clock, random, faults, tables, hasHastyCopies, kill }) => {
    const now = () => clock.now().toISOString();
    const tree = new SimulatedOutputs(world, rules, life, random, faults, hasHastyCopies) as unknown as FileTree;
    const treeOf = async () => tree;
    const owner = `process ${database.nextValue()}`;
    const table: Pick<WorkTable, keyof WorkTable> = new WorkAs(tables.work, database, life, owner, leaseMs, () => clock.nowMs);
    const performers = { prepare: prepareOutputs(treeOf, now), copy: copyOutputs(treeOf, now), delete: deleteOutputs(treeOf, now) };
    const worker = new OutputsWorker({ store, table: table as WorkTable, performers, log: silent, renewMs, usurped: () => kill(life) });
    worker.start();
    return { topology: storageManager(new OutputsRequests(store, table as WorkTable, now, () => worker.wake())) };
  },

  'log-collector': (life, store, { database, world, clock, random, faults, tables }) => {
    const now = () => clock.now().toISOString();
    const table = new ArchivesAs(tables.archives, database, life);
    const archiver = new Archiver({ store, table, world, life, random, faults, now });
    archiver.start();
    const requests = new LogsRequests(store, table as Pick<ArchiveTable, keyof ArchiveTable> as ArchiveTable, 'this boot', now, () => archiver.wake());
    return { topology: logCollector(requests) };
  },
};

export const project = { id: 1, user: 'mona', name: 'iris', isPublic: true, latestRevision: null } as unknown as ProjectView;

const specification = { rendered: { content: '{}', params: {}, command: 'python train.py', environment: { max_restarts: 1 } }, name: null, description: null, tags: [] };
const compiled: Compiled = { before: specification, after: specification, differences: [] };

/** Views change in the transaction of the append, so what they show is what the streams say. */
function viewsOf(life: Life, database: Database, { rules, groups }: Surroundings): Pick<ExperimentsView, 'find' | 'copiersOf' | 'readersOf'> {
  const stateOf = (originalId: number) => evolveAll(experimentDecider, database.stream(`experiment-${originalId}`) as unknown as ExperimentEvent[]);
  const isScheduled = (id: number) => database.stream(`run-${id}`).some((event) => event.type === 'RunScheduled' && groups['api-gateway'].hasHeard(event));
  return {
    find: (id) =>
      life.effect(`finds experiment ${id}`, (): ExperimentView | null => {
        const order = rules.orders.get(id);
        const experiment = order && stateOf(order.originalExperimentId).experiments.get(id);
        if (!experiment || experiment.state === 'deleted') return null;
        const { attempt, state, order: { originalExperimentId: originalId, outputsPath, logsPath } } = experiment;
        const isDone = state === 'done';
        const body = { content: '{}', code_revision: null, tags: [], params: {} } as unknown as ExperimentBody;
        return { body, id, projectId: 1, ownerUser: 'mona', groupId: null, originalId, outputsPath, outputsStore: 'default', logsPath, isDone, isManaged: true, attempt, overAttempt: 0 };
      }),
    readersOf: async () => [],
    copiersOf: (originalId) =>
      life.effect(`asks who copies ${originalId}`, () => {
        rules.asksForCopiers(originalId);
        const clones = [...rules.orders.values()].map(({ experimentId: id, originalExperimentId }) => stateOf(originalExperimentId).experiments.get(id));
        return clones.flatMap((clone) => {
          if (clone?.cloningStrategy !== 'copy' || clone.state !== 'live' || isScheduled(clone.order.experimentId)) return [];
          return rules.orders.get(clone.sourceExperimentId ?? 0)?.originalExperimentId === originalId ? [clone.order.experimentId] : [];
        });
      }),
  };
}
