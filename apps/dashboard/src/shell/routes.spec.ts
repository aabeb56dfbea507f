// Does every address lead to its screen, and no login elsewhere?
import { nextOf, pathOf, routeOf } from './routes.ts';

it.each([
  ['/app', { screen: 'now' }],
  ['/app/', { screen: 'now' }],
  ['/app/token', { screen: 'token' }],
  ['/app/compare', { screen: 'compare' }],
  ['/app/copies', { screen: 'copies' }],
  ['/app/fleet', { screen: 'fleet' }],
  ['/app/mona', { screen: 'projects', user: 'mona' }],
  ['/app/mona/mnist/', { screen: 'runs', user: 'mona', project: 'mnist' }],
  ['/app/mona/mnist/experiments', { screen: 'runs', user: 'mona', project: 'mnist' }],
  ['/app/mona/mnist/experiments/23', { screen: 'experiment', user: 'mona', project: 'mnist', id: 23, tab: 'overview' }],
  ['/app/mona/mnist/experiments/23/logs', { screen: 'experiment', user: 'mona', project: 'mnist', id: 23, tab: 'logs' }],
  ['/app/mona/mnist/experiments/23/charts', { screen: 'experiment', user: 'mona', project: 'mnist', id: 23, tab: 'charts' }],
  ['/app/mona/mnist/groups', { screen: 'groups', user: 'mona', project: 'mnist' }],
  ['/app/mona/mnist/groups/7', { screen: 'group', user: 'mona', project: 'mnist', id: 7 }],
  ['/app/mona/mnist/groups/7/more', { screen: 'nowhere' }],
  ['/app/mona/mnist/groups/x', { screen: 'nowhere' }],
  ['/app/mona/mnist/experiments/23/nothing', { screen: 'nowhere' }],
  ['/app/mona/mnist/experiments/0', { screen: 'nowhere' }],
  ['/app/%E0%A4%A', { screen: 'projects', user: '%E0%A4%A' }],
  ['/', { screen: 'nowhere' }],
])('%s', (path, route) => expect(routeOf(path)).toEqual(route));

it('an address leads back to what it was made from', () => {
  expect(routeOf(pathOf.experiment('mona', 'mnist', 23, 'spec'))).toEqual({ screen: 'experiment', user: 'mona', project: 'mnist', id: 23, tab: 'spec' });
  expect(nextOf(new URL(pathOf.token('/app/mona/mnist?q=a&sort=b#L3'), 'http://x').search)).toBe('/app/mona/mnist?q=a&sort=b#L3');
});
it.each(['', 'https://elsewhere.example', '//elsewhere.example', '/application', '/app/token?next=/app', 'javascript:alert(1)'])('a login never leads to %j', (next) =>
  expect(nextOf(`?${new URLSearchParams({ next }).toString()}`)).toBe('/app'));
