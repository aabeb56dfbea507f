// Is a long answer sent smaller, only to whoever understands that, and nothing else?
import fastify, { type FastifyInstance } from 'fastify';
import { compressAnswers } from './compressed-answers.ts';

const long = { text: 'much '.repeat(4000) };
let server: FastifyInstance;
let url: string;

beforeAll(async () => {
  server = fastify();
  compressAnswers(server);
  server.get('/long', async () => long);
  server.post('/long', async () => long);
  server.get('/short', async () => ({ text: 'little' }));
  server.get('/text', async (_, reply) => reply.type('text/plain').send(long.text));
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());

const ask = async (path: string, accepted: string, method = 'GET') => {
  const answer = await fetch(`${url}${path}`, { method, headers: { 'accept-encoding': accepted } });
  return { how: answer.headers.get('content-encoding'), vary: answer.headers.get('vary'), sent: Number(answer.headers.get('content-length')), said: await answer.text() };
};

it.each(['gzip', 'br;q=1.0, gzip;q=0.8', 'deflate, *'])('to whoever says %j', async (accepted) => {
  const { how, vary, sent, said } = await ask('/long', accepted);
  expect([how, vary, JSON.parse(said)]).toEqual(['gzip', 'accept-encoding', long]);
  expect(sent).toBeLessThan(500);
});
it.each(['identity', 'br', 'gzip;q=0', 'gzip;q=0.0, br'])('not to whoever says %j, and no cache takes one for the other', async (accepted) =>
  expect(await ask('/long', accepted)).toMatchObject({ how: null, vary: 'accept-encoding', said: JSON.stringify(long) }));
it.each([['GET', '/short'], ['GET', '/text'], ['POST', '/long']])('not %s %s', async (method, path) => expect((await ask(path, 'gzip', method)).how).toBeNull());
