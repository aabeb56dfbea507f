// How fast does what was appended reach who has to react, over a real Kafka?
import { relayBacklog } from '#messaging';
import { BusUnderTest, Peer, wait } from './kafka/sides.ts';
import { append, looking, onAllConnections, startParts, type Appended } from './kafka/parts.ts';
import { producing } from './kafka/producing.ts';
import { median, takingTurns, timed, type BenchRow } from './result.ts';
import { inMemory, inScratch } from './scratch.ts';

const messages = 5_000;
const rounds = 5;
const pace = { perSecond: 1000, seconds: 5, everyMs: 5 };
const graphile = 'graphile-worker 0.18.0, localQueue 500, concurrency 24';
/** Not asked for, and read from the anchor of the field: what is on Kafka already, reacted to with an inbox row for each. */
const inboxGoal = 15_000;

export function bench(): Promise<BenchRow[]> {
  return inScratch(inMemory, async (folder, later) => {
    const parts = await startParts(folder, later);
    const bus = await BusUnderTest.start(parts, later);
    const peer = await Peer.start(parts, later);
    const rows: BenchRow[] = [...(await paced(bus)), await endToEnd(bus, peer), await waiting(bus, peer), ...(await inTurn(bus))];
    for (const order of ['no relay', 'no consumer'] as const) await bus.service.ask(order);
    return [...rows, ...(await producing(parts))];
  });
}

async function paced(bus: BusUnderTest): Promise<BenchRow[]> {
  await bus.service.ask('consumer');
  await bus.service.ask('relay');
  await bus.handle(() => onAllConnections(messages, () => append(bus.parts.store))); // a compiler that learns while it runs
  const found: { p50: number; p99: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    let appended: readonly Appended[] = [];
    const handled = await bus.handle(async () => (appended = await atPace(() => append(bus.parts.store))));
    const waited = appended.map(([, atMs], index) => (handled[index] ?? Number.NaN) - atMs).sort((one, other) => one - other);
    const at = (part: number) => waited[Math.floor(waited.length * part)] ?? Number.NaN;
    if (round > 0) found.push({ p50: at(0.5), p99: at(0.99) });
  }
  const row = { peer: null, theirs: null, ratio: null, bound: 'at most', unit: 'ms' } as const;
  return [
    { ...row, name: 'commit to handled at 1,000 events/s, p50', ours: median(found.map(({ p50 }) => p50)), goal: 10 },
    { ...row, name: 'commit to handled at 1,000 events/s, p99', ours: median(found.map(({ p99 }) => p99)), goal: 100 },
  ];
}

async function atPace<Result>(work: () => Promise<Result>): Promise<Result[]> {
  const all: Promise<Result>[] = [];
  const startedMs = performance.now();
  const total = pace.perSecond * pace.seconds;
  while (all.length < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedMs) / 1000) * pace.perSecond));
    while (all.length < due) all.push(work());
    await new Promise((resolve) => setTimeout(resolve, pace.everyMs));
  }
  return Promise.all(all);
}

/** From the first append to the last reaction, while 32 connections append. */
async function endToEnd(bus: BusUnderTest, peer: Peer): Promise<BenchRow> {
  await peer.work();
  const ours = async () => perSecond(await timed(() => bus.handle(() => onAllConnections(messages, () => append(bus.parts.store)))));
  const theirs = async () => perSecond(await timed(() => peer.handle(() => peer.add(messages))));
  const measured = await takingTurns({ ours, theirs }, { rounds });
  return { name: 'append to reaction, 32 connections', peer: `${graphile}: add_job on 32 connections to the end of the task`, ...measured, goal: 0.75, bound: 'at least', unit: 'events/s' };
}

/**
 * What has piled up: from the start of the relay, or of the worker, to the last of them. It has no goal: here a job is taken from a table by the process that does it, while an event
 * goes through three processes, is kept by Kafka for whoever wants it, and has a row in the inbox.
 */
async function waiting(bus: BusUnderTest, peer: Peer): Promise<BenchRow> {
  const ours = async () => {
    await bus.service.ask('no relay');
    const appended = await onAllConnections(messages, () => append(bus.parts.store));
    return perSecond(await timed(() => bus.handle(async () => {
      await bus.service.ask('relay');
      return appended;
    })));
  };
  const theirs = async () => {
    await peer.rest();
    const ids = await peer.add(messages);
    return perSecond(await timed(() => peer.handle(async () => {
      await peer.work();
      return ids;
    })));
  };
  const measured = await takingTurns({ ours, theirs }, { rounds });
  await peer.rest();
  return { name: 'relay to reaction, 5,000 waiting', peer: `${graphile}: as many jobs waiting`, ...measured, goal: null, bound: 'at least', unit: 'events/s' };
}

/** One after the other: the appends of 32 connections alone, the relay alone, the reactions alone. */
async function inTurn(bus: BusUnderTest): Promise<BenchRow[]> {
  const { service, parts: { store, settings, url } } = bus;
  const found: { appending: number; relaying: number; reacting: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    await service.ask('no relay');
    await service.ask('no consumer');
    let appended: readonly Appended[] = [];
    const appending = await timed(async () => (appended = await onAllConnections(messages, () => append(store))));
    const relaying = await timed(async () => {
      await service.ask('relay');
      await looking(url, (client) => wait('everything is published', async () => (await relayBacklog(client, settings)).events === 0));
    });
    const handled = await bus.handle(async () => {
      await service.ask('consumer');
      return appended;
    });
    const reacting = Math.max(...handled) - Math.min(...handled); // without the time it takes to join the group
    if (round > 0) found.push({ appending: perSecond(appending), relaying: perSecond(relaying), reacting: perSecond(reacting) });
  }
  const middle = (side: keyof (typeof found)[0]) => median(found.map((one) => one[side]));
  const [ours, theirs] = [middle('relaying'), middle('appending')];
  return [
    { name: 'relay drains', peer: 'our own appends on 32 connections', ours, theirs, ratio: ours / theirs, goal: 1, bound: 'at least', unit: 'events/s' },
    { name: 'reactions to what is on Kafka', peer: null, theirs: null, ratio: null, ours: middle('reacting'), goal: inboxGoal, bound: 'at least', unit: 'events/s' },
  ];
}

const perSecond = (ms: number) => messages / (ms / 1000);
