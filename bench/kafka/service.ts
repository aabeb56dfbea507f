// How fast does a service hear what was appended? A relay and a consumer in a process of their own, as in every service; they are started and stopped by the benchmark.
import { EventStore, openPool } from '#event-store';
import { KafkaBus, Relay, type Consumption, type KafkaSettings, type Reaction, type Topology } from '#messaging';

export type Order = 'relay' | 'no relay' | 'consumer' | 'no consumer' | 'report';
/** Since the last report: which event was handled when, on the clock that all processes share. */
export type Report = readonly (readonly [id: string, atMs: number])[];

const { DATABASE_URL = '', KAFKA_SETTINGS = '{}' } = process.env;
const settings = JSON.parse(KAFKA_SETTINGS) as KafkaSettings;
const store = new EventStore(openPool(DATABASE_URL, { name: 'bench service' }));

let handled: [string, number][] = [];
/** Nothing but the inbox row, which is in its transaction. */
const effect: Reaction = async ({ id }, unit) => unit.afterCommit(() => void handled.push([id, performance.timeOrigin + performance.now()]));
const topology = { service: 'scheduler', owns: ['run'], consumes: { 'experiment.events': { ExperimentCreated: effect } } } as unknown as Topology;

let relay: Relay | undefined;
let consumption: Consumption | undefined;

async function obey(order: Order): Promise<Report> {
  switch (order) {
    case 'relay':
      relay = new Relay(store, settings);
      relay.start();
      break;
    case 'no relay':
      await relay?.stop();
      break;
    case 'consumer':
      consumption = new KafkaBus(store, settings).consume(topology);
      break;
    case 'no consumer':
      await consumption?.stop();
      break;
    case 'report': {
      const report = handled;
      handled = [];
      return report;
    }
  }
  return [];
}

process.on('message', (order: Order) => void obey(order).then((report) => process.send?.(report)));
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
