// Is a store reached that has its buckets in the host name?
import dns from 'node:dns';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Client } from 'minio';
import { startS3Server, versitygw, withS3, type S3Server } from '#testing';
import { S3Tree } from './s3-tree.ts';

const domain = 's3.test';

withS3('a store with its buckets in the host name', () => {
  const data = mkdtempSync(join(tmpdir(), 'virtual-host-'));
  const { lookup } = dns;
  const asked = new Set<string>();
  let server: S3Server;

  beforeAll(async () => {
    // Nobody has such a name here.
    dns.lookup = ((host: string, options: object, done: (error: Error | null, ...found: unknown[]) => void) => {
      if (host.endsWith(domain)) asked.add(host);
      (lookup as (...given: unknown[]) => void)(host.endsWith(domain) ? '127.0.0.1' : host, options, done);
    }) as typeof lookup;
    server = await startS3Server({ ...versitygw, args: (...given) => ['--virtual-domain', domain, ...versitygw.args(...given)] }, { data });
  });
  afterAll(async () => {
    dns.lookup = lookup;
    await server.stop();
    rmSync(data, { recursive: true });
  });

  it('for what is small and for what is long', async () => {
    const { accessKey, secretKey, endpoint } = server;
    const { port } = new URL(endpoint);
    await new Client({ endPoint: '127.0.0.1', port: Number(port), useSSL: false, accessKey, secretKey, region: 'us-east-1' }).makeBucket('runs');
    const settings = { endpoint: `http://${domain}:${port}`, bucket: 'runs', prefix: 'outputs', region: 'us-east-1', pathStyle: false, credentials: { accessKey, secretKey } };
    const tree = new S3Tree(settings);
    expect(await tree.problem()).toBeUndefined();
    await tree.write('23/a b/ü', Buffer.from('small'));
    await tree.write('23/long', Readable.from([Buffer.alloc(100_000, 'l')]));
    expect(await tree.copyFolder('23', '31')).toMatchObject({ files: 2 });
    expect((await buffer(await tree.read('31/long'))).length).toBe(100_000);
    expect([...asked]).toEqual([`runs.${domain}`]);
  });
}, ['versitygw']);
