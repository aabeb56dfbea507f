// How does the gateway start and leave?
import multipart from '@fastify/multipart';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { limits } from '#contracts';
import { openPool } from '#event-store';
import { About, codeProblem, codeTrees, serviceBase, startService, type Parts, type RunningService } from '#service-host';
import { ApiGatewayModule } from './api-gateway.module.ts';
import { BookmarkRow, Bookmarks1700000000020 } from './bookmarks/bookmarks.ts';
import { CodeReferenceRow, CodeReferences1700000000004 } from './code/code-references.ts';
import { CodeStore } from './code/code-store.ts';
import type { GatewayConfiguration } from './configuration.ts';
import { AttemptLosses } from './experiment/attempt-losses.ts';
import { Endings } from './experiment/endings.ts';
import { Heartbeats1700000000031 } from './experiment/heartbeats.ts';
import { PolyaxonfileWorker } from './experiment/polyaxonfile-worker.ts';
import { keepRefusals } from './fleet/keep-refusals.ts';
import { RecentRefusals } from './fleet/recent-refusals.ts';
import { StorageHeld } from './fleet/storage-held.ts';
import { GroupWorker } from './group/worker.ts';
import { CheckpointAges } from './experiment/checkpoint-ages.ts';
import { UnsavedWork } from './experiment/unsaved-work.ts';
import { Upkeep } from './experiment/upkeep.ts';
import { AccessGuard } from './http/access.guard.ts';
import { Authentication } from './http/authentication.ts';
import { compressAnswers } from './http/compressed-answers.ts';
import { EventStreams } from './http/event-streams.ts';
import { Idempotency, IdempotencyKeyRow, IdempotencyKeys1700000000003 } from './http/idempotency.ts';
import { countCommands } from './http/command-metrics.ts';
import { answerRepeatedRequests } from './http/idempotent-requests.ts';
import { readJson } from './http/json-body.ts';
import { LiveSockets } from './http/live-sockets.ts';
import { refuseUnserved } from './http/not-served.ts';
import { openValidation } from './http/validation.ts';
import { Dismissals1700000000061 } from './now/dismissals.ts';
import { ReportedLines1700000000005, ReportedLinesRow } from './logs/reported-lines.ts';
import { openApiDocument, openApiPath } from './openapi.ts';
import { pageFolder, readPage } from './page/built-page.ts';
import { servePage } from './page/serve-page.ts';
import { topology } from './topology.ts';
import { TokenRow, UserRow } from './users/entities.ts';
import { Users1700000000002 } from './users/migrations.ts';
import { Users } from './users/users.ts';
import { showCensus } from './views/census.ts';
import { openViews } from './views/data-source.ts';

const entities = [UserRow, TokenRow, IdempotencyKeyRow, CodeReferenceRow, ReportedLinesRow, BookmarkRow];
const migrations = [Users1700000000002, IdempotencyKeys1700000000003, CodeReferences1700000000004, ReportedLines1700000000005, Bookmarks1700000000020, Heartbeats1700000000031, Dismissals1700000000061];
const pruneEveryMs = 3_600_000;

export function startGateway(configuration: GatewayConfiguration): Promise<RunningService> {
  const { POLYAXON_DATABASE_URL: databaseUrl } = configuration;
  return startService('api-gateway', { ...serviceBase(configuration), bodyLimitBytes: limits.jsonBodyBytes }, async ({ store, log }) => {
    const views = await openViews(databaseUrl, { entities, migrations });
    const hastyPool = openPool(hasty(databaseUrl), { max: 4, name: 'api-gateway idempotency' });
    const code = await codeTrees(configuration);
    let app: NestFastifyApplication;
    let pruning: NodeJS.Timeout;
    const parts: Parts = {
      module: ApiGatewayModule.of({ configuration, store, views, hastyPool, code, about: () => app.get(About, { strict: false }).tell() }),
      readiness: { code: () => codeProblem(code) },
      told: (events) => app.get(UnsavedWork).told(events, log),
      topology: topology(new Endings(store), new AttemptLosses(store), () => app.get(GroupWorker).wake()),
      configure: async (created) => configure((app = created)),
      async start() {
        const { POLYAXON_ADMIN_USER: username, POLYAXON_ADMIN_PASSWORD: password, POLYAXON_ADMIN_TOKEN: token } = configuration;
        await app.get(Users).ensureAdministrator({ username, password, token });
        await app.get(CodeStore).start();
        const prune = () => app.get(Idempotency).prune().catch((error: unknown) => log.warn({ err: error }, 'old idempotency keys are still there'));
        await prune();
        pruning = setInterval(() => void prune(), pruneEveryMs).unref();
        app.get(GroupWorker).start(log);
        app.get(Upkeep).start(log);
        app.get(CheckpointAges).start(log);
        showCensus(store.pool);
        app.get(LiveSockets).listenOn(app.getHttpServer());
      },
      async stop() {
        clearInterval(pruning);
        await Promise.all([app.get(Upkeep).stop(), app.get(CheckpointAges).stop(), app.get(UnsavedWork).stop()]);
        await app.get(GroupWorker).stop();
        app.get(LiveSockets).stop();
        app.get(EventStreams).stop();
        app.get(StorageHeld).stop();
        await app.get(PolyaxonfileWorker).stop();
        await app.close(); // answers what was asked before the databases go
        await hastyPool.end();
        await views.destroy();
      },
    };
    return parts;
  });
}

/** Everything of HTTP that is not a route. */
async function configure(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  await server.register(multipart);
  refuseUnserved(server);
  countCommands(server);
  answerRepeatedRequests(server, app.get(Idempotency), app.get(Authentication));
  keepRefusals(server, app.get(Authentication), app.get(RecentRefusals));
  compressAnswers(server);
  readBodies(app);
  app.useGlobalPipes(openValidation());
  app.useGlobalGuards(app.get(AccessGuard));
  let document: string | undefined;
  server.get(openApiPath, (_, reply) => {
    document ??= JSON.stringify(openApiDocument(app));
    void reply.type('application/json; charset=utf-8').send(document);
  });
  servePage(server, await readPage(pageFolder));
  server.server.headersTimeout = 20_000;
  server.server.requestTimeout = 3_600_000; // as long as the original client waits for an upload
}

/** JSON as Python writes it, what a program prints, and the form of a login. */
function readBodies(app: NestFastifyApplication): void {
  const bodyLimit = limits.jsonBodyBytes;
  app.useBodyParser('application/json', { bodyLimit }, async (_request: unknown, body: Buffer) => readJson(body.toString()));
  app.useBodyParser('application/octet-stream', { bodyLimit: limits.consolePieceBytes }, async (_request: unknown, body: Buffer) => body);
  app.useBodyParser('application/x-www-form-urlencoded', { bodyLimit }, async (_request: unknown, body: Buffer) => Object.fromEntries(new URLSearchParams(body.toString())));
}

function hasty(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set('options', '-c synchronous_commit=off');
  return url.href.replace(/\+/g, '%20');
}
