// Does every caller get its answer, and do those that come together share a round trip?
import { SharedCalls } from './shared-calls.ts';

/** A round trip that ends when the test says so. */
function halted() {
  const goes: { items: readonly string[]; end: (outcome: string | Error) => void }[] = [];
  const work = (items: readonly string[]) => new Promise<string>((done, failed) => void goes.push({ items, end: (outcome) => (typeof outcome === 'string' ? done(outcome) : failed(outcome)) }));
  return { goes, work };
}

const turn = () => new Promise<void>((done) => void setImmediate(() => setImmediate(done)));

test('those that come in one turn of the event loop are done in one go', async () => {
  const { goes, work } = halted();
  const shared = new SharedCalls(work, { items: 10, atOnce: 1 });
  const answers = Promise.all([shared.call(['a', 'b']), shared.call(['c'])]);
  await turn();
  expect(goes.map(({ items }) => items)).toEqual([['a', 'b', 'c']]);
  goes[0]?.end('done');
  expect(await answers).toEqual(['done', 'done']);
});

test('those that come while as many are under way as may be share the next one', async () => {
  const { goes, work } = halted();
  const shared = new SharedCalls(work, { items: 10, atOnce: 1 });
  const first = shared.call(['a']);
  await turn();
  const later = [shared.call(['b']), shared.call(['c'])];
  await turn();
  expect(goes).toHaveLength(1);
  goes[0]?.end('first');
  expect(await first).toBe('first');
  await turn();
  expect(goes[1]?.items).toEqual(['b', 'c']);
  goes[1]?.end('second');
  expect(await Promise.all(later)).toEqual(['second', 'second']);
});

test('a go takes no more items than it may, a single call any number, and several goes are under way', async () => {
  const { goes, work } = halted();
  const shared = new SharedCalls(work, { items: 2, atOnce: 2 });
  const answers = Promise.all([shared.call(['a', 'b', 'c']), shared.call(['d']), shared.call(['e']), shared.call(['f'])]);
  await turn();
  expect(goes.map(({ items }) => items)).toEqual([['a', 'b', 'c'], ['d', 'e']]);
  goes.forEach(({ end }) => end(''));
  await turn();
  expect(goes[2]?.items).toEqual(['f']);
  goes[2]?.end('');
  await answers;
});

test('a go that fails has failed for all its callers, and for no other', async () => {
  const { goes, work } = halted();
  const shared = new SharedCalls(work, { items: 10, atOnce: 1 });
  const failing = Promise.allSettled([shared.call(['a']), shared.call(['b'])]);
  await turn();
  goes[0]?.end(new Error('the database is away'));
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const next = shared.call(['a']);
  await turn();
  goes[1]?.end('there again');
  expect(await next).toBe('there again');
});
