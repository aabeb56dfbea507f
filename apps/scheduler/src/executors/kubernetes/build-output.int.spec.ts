// Does all that a build has printed arrive at the console of who waited for it, once, whatever the gateway does meanwhile?
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { consoleTeller } from './build-output.ts';
import { GatewayAway } from './console-push.ts';
import { attemptWith } from './objects/objects-fixture.ts';

let server: Server;
let received: Buffer;
let asked: string[];
let moods: ('well' | 'away' | 'keeps-and-breaks' | 'refuses')[];
beforeEach(async () => {
  [received, asked, moods] = [Buffer.alloc(0), [], []];
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://gateway');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const mood = moods.shift() ?? 'well';
      asked.push(`${request.method} ${pathname} ${searchParams.get('attempt')} ${searchParams.get('last') ?? ''}`.trim());
      const answer = (status: number, body: object) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (mood === 'away') return answer(503, { detail: 'try again' });
      if (mood === 'refuses') return answer(410, { detail: 'it is archived' });
      const offset = Number(searchParams.get('offset'));
      if (offset > received.length) return answer(409, { receivedBytes: received.length });
      received = Buffer.concat([received, Buffer.concat(chunks).subarray(received.length - offset)]);
      if (mood === 'keeps-and-breaks') return void request.socket.destroy();
      answer(200, { receivedBytes: received.length });
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterEach(() => void server.close());

const tell = (text: string) => consoleTeller({ gatewayUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, runTokenSecret: 'secret' })(attemptWith(), text);
const long = Array.from({ length: 200_000 }, (_, n) => `line ${n}: ü\n`).join('');

it('is what an attempt prints, in pieces, the last of which is kept on disk before it is answered', async () => {
  expect(await tell(long)).toBe('pushed:31-2');
  expect(received.toString() === long).toBe(true);
  expect(asked).toEqual([...Array(asked.length - 1).fill('PUT /api/v1/mona/iris/experiments/31/console 2'), 'PUT /api/v1/mona/iris/experiments/31/console 2 1']);
  expect(asked.length).toBeGreaterThan(2);
});

it.each(['away', 'keeps-and-breaks'] as const)('is sent again after a gateway that was %s, and is there once', async (mood) => {
  moods = ['well', mood];
  await expect(tell(long)).rejects.toBeInstanceOf(GatewayAway);
  expect(await tell(long)).toBe('pushed:31-2');
  expect(received.toString() === long).toBe(true);
});

it('is nowhere when nobody takes it any more', async () => {
  moods = ['refuses'];
  expect(await tell('text')).toBeUndefined();
});
