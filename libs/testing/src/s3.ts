// How does a test get a bucket of a real S3 store?
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'minio';
import { isProvided } from '../../../tools/stack/go-program.ts';
import { minio, versitygw, type ServerKind } from '../../../tools/stack/s3/servers.ts';
import { startS3Server } from '../../../tools/stack/s3/start.ts';
import { until } from './until.ts';

export interface S3Store {
  readonly settings: {
    readonly endpoint: string;
    readonly bucket: string;
    readonly prefix: string;
    readonly region: string;
    readonly pathStyle: boolean;
    readonly credentials: { readonly accessKey: string; readonly secretKey: string };
  };
  /** For what the tree doesn't do: odd keys, uploads in parts. */
  readonly client: Client;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Once for each server there is, or for those that are named. The first one must be there where everything is tested; one that isn't is skipped, saying how to get it. */
export function withS3(title: string, tests: (open: () => Promise<S3Store>, server: string) => void, kinds: readonly ServerKind['name'][] = ['versitygw', 'minio']): void {
  for (const kind of [versitygw, minio].filter(({ name }) => kinds.includes(name))) {
    const mustBeThere = kind === versitygw && Boolean(process.env.CI);
    if (isProvided(kind) || mustBeThere) describe(`${title}, on ${kind.name}`, () => tests(() => openStore(kind), kind.name));
    else it.skip(`${title}, on ${kind.name} (provide it: ${kind.provideWith})`, () => undefined); // one line, not one for each test
  }
}

async function openStore(kind: ServerKind): Promise<S3Store> {
  const data = mkdtempSync(join(tmpdir(), 's3-'));
  const server = await startS3Server(kind, { data });
  const { hostname, port } = new URL(server.endpoint);
  const credentials = { accessKey: server.accessKey, secretKey: server.secretKey };
  const settings = { endpoint: server.endpoint, bucket: 'runs', prefix: 'outputs', region: 'us-east-1', pathStyle: true, credentials };
  const client = new Client({ endPoint: hostname, port: Number(port), useSSL: false, region: settings.region, ...credentials, retryOptions: { disableRetry: true } });
  await until('the store can be used', () => client.makeBucket(settings.bucket).then(() => true), 30_000);
  return {
    settings,
    client,
    pid: server.pid,
    async stop() {
      await server.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
