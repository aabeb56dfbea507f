// What does `npm run stack -- s3` do?
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { provide } from '../go-program.ts';
import { CannotProvide } from '../program.ts';
import { mc, minio, versitygw } from './servers.ts';
import { startS3Server } from './start.ts';

const usage = `npm run stack -- s3 [--minio | --mc] [--run --data FOLDER [--port PORT]]
  provides a real S3 server: versitygw, or MinIO. With --run it is started on the folder and stays until Ctrl-C.
  --mc provides the client that copies are compared with by npm run bench -- s3.`;

export async function main(args: string[]): Promise<void> {
  process.exit(await run(args));
}

async function run(args: string[]): Promise<number> {
  const options = { minio: { type: 'boolean' }, mc: { type: 'boolean' }, run: { type: 'boolean' }, data: { type: 'string' }, port: { type: 'string' }, help: { type: 'boolean' } } as const;
  let values: { minio?: boolean; mc?: boolean; run?: boolean; data?: string; port?: string; help?: boolean };
  try {
    ({ values } = parseArgs({ args, options, strict: true }));
  } catch (error) {
    return wrong((error as Error).message);
  }
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const kind = values.minio ? minio : versitygw;
  try {
    await provide(values.mc ? mc : kind, (line) => process.stderr.write(`${line}\n`));
  } catch (error) {
    if (!(error instanceof CannotProvide)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  if (!values.run || values.mc) return 0;
  if (!values.data) return wrong('--run needs --data FOLDER');
  const port = values.port === undefined ? {} : { port: Number(values.port) };
  const [accessKey, secretKey] = [process.env.AWS_ACCESS_KEY_ID, process.env.AWS_SECRET_ACCESS_KEY];
  const keys = accessKey && secretKey ? { keys: { accessKey, secretKey } } : {};
  const server = await startS3Server(kind, { data: values.data, ...port, ...keys });
  process.stdout.write(`${JSON.stringify({ endpoint: server.endpoint, accessKey: server.accessKey, secretKey: server.secretKey, pid: server.pid })}\n`);
  const reason = await Promise.race([server.exited.then(() => 'ended'), once(process, 'SIGINT').then(() => 'stop'), once(process, 'SIGTERM').then(() => 'stop')]);
  await server.stop();
  return reason === 'stop' ? 0 : 1;
}

function wrong(message: string): number {
  process.stderr.write(`${message}\n${usage}\n`);
  return 2;
}
