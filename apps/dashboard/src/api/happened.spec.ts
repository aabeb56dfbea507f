// Is what is shown asked for again when it may have changed, and only then?
import { concernsExperiment, concernsList, happenedOf } from './happened.ts';

const event = (type: string, data: object) => happenedOf('7.9', { type, data: data as Record<string, unknown> });
const started = event('RunStarted', { experimentId: 23, attempt: 1 });
const created = event('ExperimentCreated', { experimentId: 31, user: 'mona', project: 'mnist' });
const list = (isSearched = false) => concernsList('mona', 'mnist', { ids: () => new Set([23]), isSearched });

it('an event is where, what and about whom', () => expect(created).toEqual({ cursor: '7.9', type: 'ExperimentCreated', experimentId: 31, user: 'mona', project: 'mnist' }));
it('a project is called by its own name', () => expect(event('ProjectCreated', { name: 'mnist', user: 'mona' })).toMatchObject({ user: 'mona', project: 'mnist', experimentId: null }));
it('a list: what is in it, and what is new in its project', () => expect([started, created].map(list())).toEqual([true, true]));
it('not what is elsewhere', () => {
  const elsewhere = [event('RunStarted', { experimentId: 99 }), event('ExperimentCreated', { experimentId: 99, user: 'mona', project: 'other' }), event('ProjectDescribed', {})];
  expect(elsewhere.map(list())).toEqual([false, false, false]);
});
it('what was searched for may begin to match', () => expect(list(true)(event('RunStarted', { experimentId: 99 }))).toBe(true));
it('one run: what is its own', () => expect([started, created].map(concernsExperiment(23))).toEqual([true, false]));
