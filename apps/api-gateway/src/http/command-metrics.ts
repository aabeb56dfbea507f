// What is asked of experiments and groups, how does it end, and how long does that take?
import type { FastifyInstance } from 'fastify';
import { catalogue, counter, histogram, type LabelValues } from '#service-host';

type Verb = LabelValues<'commands_total'>['verb'];
type Outcome = LabelValues<'commands_total'>['outcome'];

const made = /\/:project\/(?:experiments|groups)\/?$/;
const one = /\/:project\/(?:experiments|groups)\/:id(?:\/(resume|restart|copy|stop))?\/?$/;

/** Of a route; undefined: it asks for nothing of the kind. A plan is none. */
export function verbOf(method: string, route: string): Verb | undefined {
  if (method === 'POST' && made.test(route)) return 'create';
  const [is, verb] = one.exec(route) ?? [];
  if (method === 'DELETE') return is !== undefined && verb === undefined ? 'delete' : undefined;
  return method === 'POST' ? (verb as Verb | undefined) : undefined;
}

export function outcomeOf(status: number, isRepeated: boolean): Outcome {
  if (status >= 500) return 'failed';
  if (status >= 400) return 'refused';
  return isRepeated ? 'repeated' : 'done';
}

export function countCommands(server: FastifyInstance): void {
  const commands = counter('commands_total');
  const durations = histogram('command_duration_seconds');
  for (const verb of catalogue.command_duration_seconds.labels.verb) durations.zero({ verb });
  server.addHook('onResponse', async (request, reply) => {
    const verb = verbOf(request.method, request.routeOptions.url ?? '');
    if (!verb) return;
    commands.inc({ verb, outcome: outcomeOf(reply.statusCode, reply.hasHeader('idempotency-replayed')) });
    durations.observe({ verb }, reply.elapsedTime / 1000);
  });
}
