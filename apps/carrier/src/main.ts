// How does a carrier start, beside a program whose outputs are kept in a store?
import { randomUUID } from 'node:crypto';
import { CarryNotes } from '#storage';
import { CarryRun } from './carry-run.ts';
import { hold } from './hold.ts';
import { orderIn } from './order.ts';

/** It ends when its program has ended and all is carried: a signal meant for others does not end it. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

try {
  const order = orderIn(process.env);
  await hold(order.folder);
  await new CarryRun({ order, notes: new CarryNotes(order.notes), holder: randomUUID(), nowMs: () => Date.now() }).run();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
}
