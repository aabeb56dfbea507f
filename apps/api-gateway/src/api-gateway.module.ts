// What is the gateway made of?
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import type { ServiceBody } from '#contracts';
import { Appends, EventStore } from '#event-store';
import type { FileTree } from '#storage';
import { AttemptsController } from './attempts/attempts.controller.ts';
import { ReportController } from './attempts/report.controller.ts';
import { ReportSender } from './attempts/report-sender.ts';
import { BookmarksController } from './bookmarks/bookmarks.controller.ts';
import { Bookmarks } from './bookmarks/bookmarks.ts';
import { CompareController } from './compare/compare.controller.ts';
import { Comparisons } from './compare/comparisons.ts';
import { CodeController } from './code/code.controller.ts';
import { PinnedCodeController } from './code/pinned-code.controller.ts';
import { CodeReferences } from './code/code-references.ts';
import { CodeStore } from './code/code-store.ts';
import { policyIn, type GatewayConfiguration } from './configuration.ts';
import { Experiments } from './experiment/experiments.ts';
import { FirstSteps } from './experiment/first-step.ts';
import { Heartbeats } from './experiment/heartbeats.ts';
import { Keeping } from './experiment/keeping.ts';
import { PolyaxonfileWorker } from './experiment/polyaxonfile-worker.ts';
import { Fleet } from './fleet/fleet.ts';
import { FleetServices, type Place } from './fleet/fleet-services.ts';
import { Flow } from './fleet/flow.ts';
import { LostWork } from './fleet/lost-work.ts';
import { RecentRefusals } from './fleet/recent-refusals.ts';
import { StorageHeld } from './fleet/storage-held.ts';
import { Waits } from './fleet/waits.ts';
import { CloneIntoGroup } from './group/clone-into-group.ts';
import { EarlyStops } from './group/early-stops.ts';
import { Groups } from './group/groups.ts';
import { Members } from './group/members.ts';
import { GroupWorker } from './group/worker.ts';
import { References } from './experiment/references.ts';
import { CheckpointAges } from './experiment/checkpoint-ages.ts';
import { UnsavedWork } from './experiment/unsaved-work.ts';
import { Upkeep } from './experiment/upkeep.ts';
import { AccessGuard } from './http/access.guard.ts';
import { AdminController } from './http/admin.controller.ts';
import { Authentication } from './http/authentication.ts';
import { ClonesController } from './http/clones.controller.ts';
import { EventStreams } from './http/event-streams.ts';
import { EventsController } from './http/events.controller.ts';
import { ExperimentsController } from './http/experiments.controller.ts';
import { GroupsController } from './http/groups.controller.ts';
import { Idempotency } from './http/idempotency.ts';
import { ClusterController } from './http/cluster.controller.ts';
import { LiveSockets } from './http/live-sockets.ts';
import { Peer } from './http/peer.ts';
import { ProjectsController } from './http/projects.controller.ts';
import { Reservations } from './http/reservations.ts';
import { StoryController } from './http/story.controller.ts';
import { TrackingController } from './http/tracking.controller.ts';
import { VersionsController } from './http/versions.controller.ts';
import { Copies } from './copies/copies.ts';
import { CopiesController } from './copies/copies.controller.ts';
import { ConsoleController } from './logs/console.controller.ts';
import { ConsoleReader } from './logs/console-reader.ts';
import { ConsoleSender } from './logs/console-sender.ts';
import { JoinedLogs } from './logs/joined-logs.ts';
import { LogSearch } from './logs/log-search.ts';
import { LogStream } from './logs/log-stream.ts';
import { LogsController } from './logs/logs.controller.ts';
import { ReportedLines } from './logs/reported-lines.ts';
import { CheckpointsController } from './outputs/checkpoints.controller.ts';
import { KeepingController } from './outputs/keeping.controller.ts';
import { LinksController } from './outputs/links.controller.ts';
import { OutputsController } from './outputs/outputs.controller.ts';
import { Dismissals } from './now/dismissals.ts';
import { NowController } from './now/now.controller.ts';
import { Now } from './now/now.ts';
import { OutputsReader } from './outputs/outputs-reader.ts';
import { Stores } from './outputs/stores.ts';
import { Projects } from './project/projects.ts';
import { OutputsOfProject } from './retention/project-outputs.ts';
import { RetentionController } from './retention/retention.controller.ts';
import { Retention } from './retention/retention.ts';
import { ResourceStream } from './resources/resource-stream.ts';
import { UsageReader } from './resources/usage-reader.ts';
import { Users } from './users/users.ts';
import { SessionController } from './users/session.controller.ts';
import { UsersController } from './users/users.controller.ts';
import { ChainSeries } from './series/chain-series.ts';
import { RunsSeriesController, SeriesController } from './series/series.controller.ts';
import { ExperimentsView } from './views/experiments.view.ts';
import { GroupsView } from './views/groups.view.ts';
import { History } from './views/history.ts';
import { AllEvents } from './views/all-events.ts';
import { Metrics } from './views/metrics.ts';
import { ProjectsView } from './views/projects.view.ts';

/** What must be there before the module is. */
export interface GatewayParts {
  readonly configuration: GatewayConfiguration;
  readonly store: EventStore;
  readonly views: DataSource;
  /** Commits without waiting for the disk. */
  readonly hastyPool: Pool;
  /** Where uploaded code is looked for; it is kept in the first. */
  readonly code: readonly FileTree[];
  /** What the gateway says of itself. */
  readonly about: () => Promise<ServiceBody>;
}

type Class<Made> = abstract new (...parts: never[]) => Made;
type Made<Classes extends readonly Class<unknown>[]> = { [Index in keyof Classes]: Classes[Index] extends Class<infer One> ? One : never };

function made<One, const Needs extends readonly Class<unknown>[]>(provide: Class<One>, inject: Needs, useFactory: (...needs: Made<Needs>) => One): Provider {
  return { provide, inject: [...inject], useFactory: useFactory as (...needs: unknown[]) => One };
}

const now = () => new Date();

const viewProviders: readonly Provider[] = [
  made(ExperimentsView, [DataSource, EventStore], (source, store) => new ExperimentsView(source, store.pool)),
  made(ProjectsView, [DataSource, EventStore], (source, store) => new ProjectsView(source, store.pool)),
  made(GroupsView, [DataSource, EventStore], (source, store) => new GroupsView(source, store.pool)),
  made(Metrics, [EventStore], (store) => new Metrics(store.pool)),
  made(History, [EventStore], (store) => new History(store.pool)),
  made(Waits, [EventStore], (store) => new Waits(store.pool)),
  made(Flow, [EventStore], (store) => new Flow(store.pool)),
  made(StorageHeld, [EventStore, OutputsReader], (store, outputs) => new StorageHeld({ pool: store.pool, usage: (of) => outputs.usage(of), now })),
  made(LostWork, [EventStore], (store) => new LostWork(store.pool, now)),
  made(AllEvents, [EventStore], (store) => new AllEvents(store.pool)),
];

const useCases: readonly Provider[] = [
  made(PolyaxonfileWorker, [], () => new PolyaxonfileWorker()),
  made(Projects, [EventStore, ProjectsView], (store, views) => new Projects(store, views, now)),
  made(References, [ExperimentsView, ProjectsView, Users], (views, projects, users) => new References(views, projects, users)),
  made(Stores, [OutputsReader], (outputs) => new Stores((name, signal) => outputs.store(name, signal), () => performance.now())),
  made(CloneIntoGroup, [Groups, PolyaxonfileWorker, OutputsReader], (groups, compiler, outputs) => new CloneIntoGroup(groups, compiler, (of) => outputs.summary(of))),
  made(GroupWorker, [Groups, GroupsView, Members, Metrics, PolyaxonfileWorker], (groups, views, members, metrics, compiler) =>
    new GroupWorker({ groups, views, members, stopping: new EarlyStops(groups, members, metrics), compiler, now })),
  made(Copies, [EventStore, OutputsReader], (store, outputs) => new Copies(store.pool, outputs, now)),
  made(ChainSeries, [ExperimentsView, History, Metrics], (experiments, history, metrics) => new ChainSeries(experiments, history, metrics)),
  made(Comparisons, [CodeStore, OutputsReader], (code, outputs) => new Comparisons(code, outputs)),
  made(Keeping, [EventStore, ExperimentsView], (store, views) => new Keeping(store, views, now)),
  made(OutputsOfProject, [EventStore, ExperimentsView], (store, views) => new OutputsOfProject(store, views)),
  made(Retention, [OutputsOfProject, OutputsReader, Keeping], (outputs, reader, keeping) => new Retention(outputs, reader, keeping)),
  made(Heartbeats, [EventStore], (store) => new Heartbeats(store.pool)),
  made(FirstSteps, [EventStore, Experiments], (store, experiments) => new FirstSteps(store.pool, experiments)),
  made(Upkeep, [Experiments, Heartbeats, EventStore], (experiments, heartbeats, store) => new Upkeep({ experiments, heartbeats, pool: store.pool, now })),
  made(CheckpointAges, [EventStore, OutputsReader], (store, outputs) => new CheckpointAges({ pool: store.pool, newestCheckpoint: (of) => outputs.newestCheckpoint(of), now })),
  made(UnsavedWork, [EventStore, OutputsReader], (store, outputs) => new UnsavedWork({ pool: store.pool, newestCheckpoint: (of) => outputs.newestCheckpoint(of) })),
  made(CodeReferences, [DataSource], (source) => new CodeReferences(source)),
  made(Bookmarks, [DataSource], (source) => new Bookmarks(source)),
  made(ReportedLines, [DataSource], (source) => new ReportedLines(source)),
];

const httpProviders: readonly Provider[] = [
  made(RecentRefusals, [], () => new RecentRefusals(now)),
  made(Dismissals, [EventStore], (store) => new Dismissals(store.pool, now)),
  made(Now, [EventStore, Waits, RecentRefusals, Dismissals, OutputsReader], (store, waits, refusals, dismissals, outputs) =>
    new Now({ pool: store.pool, waits, refusals, dismissals, newestCheckpoint: (of) => outputs.newestCheckpoint(of), now })),
  made(Fleet, [Waits, Flow, FleetServices, LostWork, RecentRefusals, UsageReader], (waits, flow, services, lostWork, refusals, usage) =>
    new Fleet({ waits, flow, services, lostWork, refusals, slots: () => usage.slots(), now })),
  made(Users, [DataSource], (source) => new Users(source, () => performance.now())),
  made(AccessGuard, [Authentication, Users, ProjectsView, ExperimentsView, GroupsView], (authentication, users, projects, experiments, groups) =>
    new AccessGuard(authentication, users, projects, experiments, groups)),
  made(Reservations, [Idempotency], (idempotency) => new Reservations(idempotency)),
  made(EventStreams, [EventStore], (store) => new EventStreams(new Appends(store.pool))),
  made(LogStream, [ExperimentsView, ConsoleReader, ReportedLines], (experiments, consoles, reported) => new LogStream(experiments, consoles, reported)),
  made(LogSearch, [], () => new LogSearch()),
  made(JoinedLogs, [DataSource, ConsoleReader], (source, consoles) => new JoinedLogs(source, consoles)),
  made(ResourceStream, [ExperimentsView, UsageReader, EventStore], (experiments, usage, store) => new ResourceStream(experiments, usage, store)),
  made(LiveSockets, [Authentication, AccessGuard, LogStream, ResourceStream], (authentication, guard, logs, resources) => new LiveSockets(authentication, guard, logs, resources)),
];

/** Those that are told something from outside. */
function configured({ configuration, hastyPool, code, about }: GatewayParts): Provider[] {
  const policy = () => policyIn(configuration);
  return [
    made(Experiments, [EventStore, ExperimentsView, ProjectsView, OutputsReader, PolyaxonfileWorker, References, Stores, GroupsView], (store, views, projects, outputs, compiler, references, stores, groups) =>
      new Experiments(store, views, projects, (of, from) => outputs.summary(of, from), compiler, references, stores, now, async (id) => {
        const group = await groups.find(id);
        return group && { id, concurrency: group.body.concurrency };
      }, policy())),
    made(Members, [EventStore, ExperimentsView, OutputsReader, PolyaxonfileWorker, References], (store, views, outputs, compiler, references) =>
      new Members(store, views, (of) => outputs.summary(of), compiler, references, policy(), now)),
    made(Authentication, [Users, ExperimentsView], (users, experiments) => new Authentication(users, experiments, configuration.POLYAXON_RUN_TOKEN_SECRET)),
    made(Groups, [EventStore, GroupsView, ExperimentsView, PolyaxonfileWorker, References, Stores], (store, views, experiments, compiler, references, stores) =>
      new Groups({ store, views, experiments, compiler, references, stores, membersMax: configuration.POLYAXON_GROUP_MEMBERS_LIMIT, policy: policy(), now })),
    made(FleetServices, [], () => new FleetServices(placesOf(configuration), about, now)),
    made(Idempotency, [], () => new Idempotency(hastyPool, configuration.POLYAXON_RUN_TOKEN_SECRET)),
    made(CodeStore, [], () => new CodeStore(configuration.POLYAXON_CODE_ROOT, code)),
    made(OutputsReader, [], () => new OutputsReader(new Peer('storage-manager', configuration.POLYAXON_STORAGE_MANAGER_URL, configuration.POLYAXON_INTERNAL_TOKEN))),
    made(UsageReader, [], () => new UsageReader(new Peer('scheduler', configuration.POLYAXON_SCHEDULER_URL, configuration.POLYAXON_INTERNAL_TOKEN))),
    made(ReportSender, [], () => new ReportSender(new Peer('scheduler', configuration.POLYAXON_SCHEDULER_URL, configuration.POLYAXON_INTERNAL_TOKEN))),
    made(ConsoleSender, [], () => new ConsoleSender(new Peer('log-collector', configuration.POLYAXON_LOG_COLLECTOR_URL, configuration.POLYAXON_INTERNAL_TOKEN))),
    made(ConsoleReader, [], () => new ConsoleReader(new Peer('log-collector', configuration.POLYAXON_LOG_COLLECTOR_URL, configuration.POLYAXON_INTERNAL_TOKEN))),
  ];
}

function placesOf({ POLYAXON_SCHEDULER_URL: schedulers, POLYAXON_STORAGE_MANAGER_URL: storageManagers, POLYAXON_LOG_COLLECTOR_URL: logCollectors }: GatewayConfiguration): Place[] {
  const at = (service: Place['service'], urls: readonly string[]) => urls.map((url) => ({ service, url }));
  return [...at('scheduler', schedulers), ...at('storage-manager', storageManagers), ...at('log-collector', logCollectors)];
}

@Module({})
export class ApiGatewayModule {
  static of(parts: GatewayParts): DynamicModule {
    const foundation: Provider[] = [
      { provide: EventStore, useFactory: () => parts.store },
      { provide: DataSource, useFactory: () => parts.views },
    ];
    return {
      module: ApiGatewayModule,
      providers: [...foundation, ...configured(parts), ...viewProviders, ...useCases, ...httpProviders],
      controllers: [
        VersionsController, ClusterController, UsersController, SessionController, AdminController, NowController, BookmarksController, ProjectsController, CodeController, ExperimentsController,
        ClonesController, GroupsController, TrackingController, ConsoleController, PinnedCodeController, LogsController,
        OutputsController, LinksController, KeepingController, RetentionController, CheckpointsController, StoryController,
        SeriesController, CompareController, RunsSeriesController, CopiesController, EventsController, AttemptsController, ReportController,
      ],
    };
  }
}
