// Is a store behind TLS reached with the authority it was given, and with no other?
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createServer, type Server } from 'node:tls';
import { makeCertificates, withS3, type S3Store } from '#testing';
import { S3Tree } from './s3-tree.ts';

withS3('a store behind TLS', (open) => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  const sockets = new Set<Socket>();
  let [store, server, ca, endpoint]: [S3Store, Server, string, string] = [undefined as never, undefined as never, '', ''];

  beforeAll(async () => {
    store = await open();
    const { caFile, keyFile } = await makeCertificates(join(folder, 'certificates'));
    ca = readFileSync(caFile, 'utf8');
    const { hostname, port } = new URL(store.settings.endpoint);
    server = createServer({ cert: ca, key: readFileSync(keyFile) }, (socket) => {
      const onward = connect(Number(port), hostname);
      for (const one of [socket, onward]) sockets.add(one.on('error', () => one.destroy()));
      socket.pipe(onward).pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
    await store.stop();
    rmSync(folder, { recursive: true });
  });

  it('does all that it does without', async () => {
    const tree = new S3Tree({ ...store.settings, endpoint, ca });
    expect(await tree.problem()).toBeUndefined();
    await tree.write('23/model', Buffer.from('trained'));
    await tree.write('23/log', createReadStream(join(folder, 'certificates', 'ca.pem')));
    expect(await tree.copyFolder('23', '31')).toMatchObject({ files: 2 });
    expect((await buffer(await tree.read('31/log'))).toString()).toBe(ca);
  });

  it('refuses one whose certificate nobody vouches for, and says which setting that is', async () => {
    const tree = new S3Tree({ ...store.settings, endpoint });
    expect(await tree.problem()).toMatchObject({ setting: 'certificate' });
    await expect(tree.write('23/model', Buffer.from('told to a stranger'))).rejects.toThrow(/certificate/);
  });
});
