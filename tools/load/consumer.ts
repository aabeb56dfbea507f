// What does a consumer do that is killed or paused under load? A row for each event it reacts to, as a service does it: a process of its own.
import { createEventStore, EventStore, openPool } from '#event-store';
import { KafkaBus, PostgresBus, Relay, type KafkaSettings, type Reaction, type Topology } from '#messaging';

/** `dieAfterCommit`: by SIGKILL, when the next effects are committed and the broker doesn't know that yet: the worst moment there is. */
export interface Order {
  readonly dieAfterCommit: true;
}

const { DATABASE_URL, KAFKA_SETTINGS } = process.env;
if (!DATABASE_URL) throw new Error('DATABASE_URL says where');
/** Without it the bus is Postgres. */
const settings = KAFKA_SETTINGS ? (JSON.parse(KAFKA_SETTINGS) as KafkaSettings) : undefined;

let isDoomed = false;
process.on('message', () => (isDoomed = true));
process.on('disconnect', () => process.exit(0)); // the test is gone

const effect: Reaction = async ({ id, stream, position }, unit) => {
  await unit.on.query({ name: 'effect', text: 'INSERT INTO effects (message_id, stream, position) VALUES ($1, $2, $3)', values: [id, stream, position] });
  unit.afterCommit(() => {
    if (isDoomed) process.kill(process.pid, 'SIGKILL');
  });
};
const ignored = ['ExperimentResumeRequested', 'ExperimentRestartRequested', 'ExperimentCopyRequested', 'ExperimentStopRequested', 'ExperimentDescribed', 'ExperimentStatusReported', 'ExperimentOutputsDeleteRequested',
  'ExperimentCheckpointReported', 'ExperimentPinned', 'ExperimentUnpinned', 'ExperimentDeleted'];
const reactions = { ...Object.fromEntries(ignored.map((type) => [type, 'ignore'])), ExperimentCreated: effect, ExperimentDone: effect };
const topology = { service: 'scheduler', owns: ['run'], consumes: { 'experiment.events': reactions } } as unknown as Topology;

const pool = openPool(DATABASE_URL, { name: 'consumer under load' });
await createEventStore(pool);
const store = new EventStore(pool);
const log = process.env.LOUD ? (level: string, message: string, details: object) => process.stderr.write(`${process.pid} ${level} ${message} ${JSON.stringify(details)}\n`) : undefined;
if (settings) new Relay(store, settings, {}, log).start();
(settings ? new KafkaBus(store, settings, log) : new PostgresBus(store)).consume(topology, { deadLetter: ({ type, reason }) => process.stderr.write(`dead letter: ${type}: ${reason}\n`) });
