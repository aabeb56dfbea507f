// Does each of several know its part?
import type { PodOrder } from '#storage';
import { orderOfReplica, replicaOf } from './read-order.ts';

const store = { endpoint: 'https://store' } as NonNullable<NonNullable<PodOrder['carry']>['store']>;
const order = {
  replicas: ['master', 'worker-0'], carry: { store, path: 'mona/iris/experiments/23', folder: '/outputs/23', references: [], epoch: [31, 2], lagSeconds: 10 },
} as unknown as PodOrder;

it('by the index that the cluster gives it', () => {
  expect(replicaOf(order, { JOB_COMPLETION_INDEX: '1' })).toBe('worker-0');
  expect(replicaOf(order, { JOB_COMPLETION_INDEX: '0', POLYAXON_FIRST_REPLICA: '1' })).toBe('worker-0');
  expect(() => replicaOf(order, {})).toThrow('JOB_COMPLETION_INDEX is not set, and the order has 2 replicas');
});
it('and only the first carries outputs back, the others have them brought', () => {
  expect(orderOfReplica(order, 'master')).toBe(order);
  expect(orderOfReplica(order, undefined)).toBe(order);
  expect(orderOfReplica(order, 'worker-0').carry).toEqual({ path: null, folder: '/outputs/23', references: [{ store, path: 'mona/iris/experiments/23', folder: '/outputs/23' }], epoch: [31, 2], lagSeconds: 10 });
  expect(orderOfReplica({ ...order, carry: null }, 'worker-0').carry).toBeNull();
});
