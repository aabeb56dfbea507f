// Is everything that is asked of experiments and groups counted by its verb and its end, and nothing else?
import { outcomeOf, verbOf } from './command-metrics.ts';

const experiments = '/api/v1/:user/:project/experiments';

it.each([
  ['POST', experiments, 'create'], ['POST', '/api/v1/:user/:project/groups', 'create'], ['POST', `${experiments}/:id/resume`, 'resume'], ['POST', `${experiments}/:id/copy`, 'copy'],
  ['POST', '/api/v1/:user/:project/groups/:id/stop', 'stop'], ['DELETE', `${experiments}/:id`, 'delete'], ['POST', `${experiments}/:id/resume/plan`, undefined],
  ['GET', experiments, undefined], ['DELETE', `${experiments}/:id/outputs`, undefined], ['POST', `${experiments}/:id/pin`, undefined], ['DELETE', '/api/v1/:user/:project', undefined],
  ['PATCH', `${experiments}/:id`, undefined], ['POST', '', undefined],
] as const)('%s %s is %p', (method, route, verb) => expect(verbOf(method, route)).toBe(verb));
it('what was answered before is not done again', () =>
  expect([outcomeOf(201, false), outcomeOf(201, true), outcomeOf(409, false), outcomeOf(409, true), outcomeOf(503, false)]).toEqual(['done', 'repeated', 'refused', 'refused', 'failed']));
