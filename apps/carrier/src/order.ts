// What is a carrier told by whoever starts it?
import { carryOrderVariable, type CarryOrder } from '#storage';

export function orderIn(environment: Readonly<Record<string, string | undefined>>): CarryOrder {
  const text = environment[carryOrderVariable];
  if (text === undefined || text === '') throw new Error(`${carryOrderVariable} is not set: a carrier is started by the scheduler, with what it is to carry`);
  const order = JSON.parse(text) as Partial<CarryOrder>;
  const missing = (['path', 'folder', 'references', 'epoch', 'lagSeconds', 'notes'] as const).filter((name) => order[name] === undefined);
  if (missing.length > 0) throw new Error(`${carryOrderVariable} has no ${missing.join(', ')}`);
  return order as CarryOrder;
}
