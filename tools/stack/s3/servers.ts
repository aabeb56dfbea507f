// Which real S3 servers can be had here, and which client to compare with, and how is each of them built and started?
import { join } from 'node:path';
import type { GoProgram } from '../go-program.ts';

export interface Keys {
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface ServerKind extends GoProgram {
  readonly name: 'versitygw' | 'minio';
  /** The path that answers 200 when it can be used. */
  readonly readyPath: string;
  /** Folders below the data folder that must be there. */
  readonly folders: readonly string[];
  args(data: string, port: number): readonly string[];
  environment(keys: Keys): Readonly<Record<string, string>>;
}

export const versitygw: ServerKind = {
  name: 'versitygw',
  version: 'v1.8.0',
  module: 'github.com/versity/versitygw/cmd/versitygw',
  readyPath: '/healthz',
  folders: ['objects', 'versions'],
  provideWith: 'npm run stack -- s3',
  args: (data, port) => ['--port', `127.0.0.1:${port}`, '--health', '/healthz', '--keep-alive', '--quiet', 'posix', '--versioning-dir', join(data, 'versions'), join(data, 'objects')],
  environment: ({ accessKey, secretKey }) => ({ ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey }),
};

/** Archived by its makers, and what many still run: the second opinion. */
export const minio: ServerKind = {
  name: 'minio',
  version: 'v0.0.0-20260212201848-7aac2a2c5b7c',
  module: 'github.com/minio/minio',
  readyPath: '/minio/health/ready',
  folders: ['objects'],
  provideWith: 'npm run stack -- s3 --minio',
  args: (data, port) => ['server', '--quiet', '--address', `127.0.0.1:${port}`, join(data, 'objects')],
  environment: ({ accessKey, secretKey }) => ({ MINIO_ROOT_USER: accessKey, MINIO_ROOT_PASSWORD: secretKey, MINIO_UPDATE: 'off', MINIO_BROWSER: 'off' }),
};

/** The usual client: what copies within a store are compared with. No test needs it. */
export const mc: GoProgram = {
  name: 'mc',
  version: 'v0.0.0-20250313080218-cf909e1063a9',
  module: 'github.com/minio/mc',
  provideWith: 'npm run stack -- s3 --mc',
};
