// Which S3 store does the platform use when it is asked for one and isn't given any?
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { provide } from '../../../tools/stack/go-program.ts';
import { CannotProvide } from '../../../tools/stack/program.ts';
import { versitygw } from '../../../tools/stack/s3/servers.ts';
import { startS3Server } from '../../../tools/stack/s3/start.ts';
import { CannotStart } from './cannot-start.ts';
import { Kept } from './kept.ts';
import { freePorts } from './ports.ts';

const bucket = 'polyaxon';

export interface OwnStore {
  /** What the services are told of it. */
  readonly variables: Readonly<Record<string, string>>;
  readonly kept: Kept;
}

/** Built at the first time; its data in `folder`, on the same port as long as the platform runs. A bucket is a folder there. */
export async function startOwnStore(folder: string, secretKey: string, tell: (line: string) => void): Promise<OwnStore> {
  const [port] = (await freePorts(1)) as [number];
  const keys = { accessKey: 'polyaxon', secretKey };
  const start = () => startS3Server(versitygw, { data: folder, port, keys });
  try {
    await provide(versitygw, tell);
    tell('starting the store ...');
    await mkdir(join(folder, 'objects', bucket), { recursive: true });
    const first = await start();
    const variables = {
      POLYAXON_OUTPUTS_STORE: `s3://${bucket}/outputs`,
      POLYAXON_LOGS_STORE: `s3://${bucket}/logs`,
      POLYAXON_CODE_STORE: `s3://${bucket}/code`,
      POLYAXON_S3_ENDPOINT: first.endpoint,
      POLYAXON_S3_REGION: 'us-east-1',
      POLYAXON_S3_PATH_STYLE: 'true',
      POLYAXON_S3_CA_FILE: '',
      POLYAXON_S3_ACCESS_KEY: keys.accessKey,
      POLYAXON_S3_SECRET_KEY: keys.secretKey,
      POLYAXON_S3_ACCESS_KEY_FILE: '',
      POLYAXON_S3_SECRET_KEY_FILE: '',
    };
    return { variables, kept: new Kept('the store', first, start, tell) };
  } catch (error) {
    if (error instanceof CannotProvide) throw new CannotStart(error.message, 'or name a store of your own: POLYAXON_OUTPUTS_STORE=s3://bucket/prefix POLYAXON_S3_ENDPOINT=... npm start');
    throw error;
  }
}
