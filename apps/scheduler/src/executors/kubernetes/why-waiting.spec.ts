// Is somebody who waits told for what, where no pod says it?
import type { CoreV1Event } from '@kubernetes/client-node';
import type { Cluster } from './cluster.ts';
import { attemptObjects } from './objects/attempt-objects.ts';
import { attemptWith, settings } from './objects/objects-fixture.ts';
import type { ReplicasAs, Workload } from './objects/workload.ts';
import { latestWarning, WhyWaiting } from './why-waiting.ts';

const now = new Date('2026-11-28T12:00:00Z');
const why = (...events: object[]) => new WhyWaiting({ list: () => Promise.resolve({ items: events }) } as unknown as Cluster, () => now);
/** As it was made, and then held by who queues it. */
function held(replicasAs: ReplicasAs, queueName: string | null = 'team'): Workload {
  const { job, instead } = attemptObjects(attemptWith({ environment: { replicas: { n_workers: 1 } } }), { ...settings, replicasAs, queueName });
  const made = instead?.set ?? job;
  return { ...made, spec: { ...made.spec, suspend: true } } as Workload;
}

describe.each<ReplicasAs>(['job', 'jobset', 'trainjob'])('what is a %s', (replicasAs) => {
  it('waits in its queue', async () => expect(await why().ofJob(held(replicasAs))).toBe('it waits in the queue team'));
  it('waits in none where there are none', async () => expect(await why().ofJob(held(replicasAs, null))).toBeNull());
});

it('of what an operator makes, one of the Jobs may know', async () => {
  const named = (uid: string, at: string) => ({ metadata: { uid, creationTimestamp: new Date(at) } });
  const event = { involvedObject: { uid: 'of the worker' }, type: 'Warning', reason: 'FailedCreate', message: 'exceeded quota', metadata: {}, lastTimestamp: now };
  const [set, child] = [named('the set', '2026-11-28T11:59:00Z'), named('of the worker', '2026-11-28T11:59:00Z')];
  expect(await why(event).ofJob(set as unknown as Workload, [child])).toBe('FailedCreate: exceeded quota');
  expect(await why(event).ofJob(set as unknown as Workload, [named('of the worker', '2026-11-28T11:59:55Z')])).toBeNull(); // nothing is wrong so far
});

it('the latest is told, and a volume by that name', () => {
  const at = (seconds: number, reason: string, type = 'Warning') => ({ type, reason, message: 'said', metadata: {}, lastTimestamp: new Date(now.getTime() + 1000 * seconds) }) as unknown as CoreV1Event;
  expect(latestWarning([at(1, 'FailedMount'), at(0, 'FailedCreate'), at(2, 'Pulled', 'Normal')])).toBe('it waits for a volume: said');
  expect(latestWarning([])).toBeNull();
});
