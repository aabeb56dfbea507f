// What does `npm run stack -- kafka` do?
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startKafka } from './broker.ts';
import { KafkaUnavailable, kafkaVersions, provideKafka, provideKafkaTools, type KafkaVersion } from './provide.ts';

const usage = `npm run stack -- kafka [--version ${kafkaVersions.join('|')}] [--tools] [--run --data FOLDER [--port PORT]]
  provides a real Kafka; with --tools also its own programs for measuring. With --run it is started on the folder and stays until Ctrl-C; the platform uses it with POLYAXON_KAFKA_BROKERS.`;
const tell = (line: string) => void process.stderr.write(`${line}\n`);

class Misused extends Error {}

interface Wanted {
  readonly version: KafkaVersion;
  readonly tools: boolean;
  /** Where to run it; undefined: only provide it. */
  readonly folder: string | undefined;
  readonly port: number;
}

export async function main(args: readonly string[]): Promise<void> {
  try {
    if (args.includes('--help')) process.stdout.write(`${usage}\n`);
    else await run(wantedBy(args));
    process.exit(0);
  } catch (error) {
    if (error instanceof Misused) tell(`${error.message}\n${usage}`);
    else tell(error instanceof KafkaUnavailable ? `${error.message}\n${error.fix}` : String((error as Error).stack));
    process.exit(error instanceof Misused ? 2 : 1);
  }
}

async function run({ version, tools, folder, port }: Wanted): Promise<void> {
  await provideKafka(version, tell);
  if (tools) await provideKafkaTools(version, tell);
  if (folder === undefined) return;
  tell(`starting Kafka ${version} in ${folder} ...`);
  const broker = await startKafka({ folder, version, port });
  process.stdout.write(`Kafka ${version} is ready (pid ${broker.pid}): POLYAXON_KAFKA_BROKERS=${broker.address}\n`);
  const end = await Promise.race([broker.exited.then(() => 'ended'), once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  if (end === 'ended') throw new KafkaUnavailable('Kafka has ended by itself', `look into ${folder}/kafka.log`);
  await broker.stop();
}

function wantedBy(args: readonly string[]): Wanted {
  const options = {
    version: { type: 'string', default: kafkaVersions[0] },
    tools: { type: 'boolean', default: false },
    run: { type: 'boolean', default: false },
    data: { type: 'string' },
    port: { type: 'string', default: '0' },
  } as const;
  const { version: named, tools, run: isRun, data, port } = parsed(() => parseArgs({ args: [...args], options }).values);
  const version = kafkaVersions.find((one) => one === named);
  if (!version) throw new Misused(`there is no recipe for Kafka ${named}`);
  if (isRun && !data) throw new Misused('--run needs --data FOLDER');
  return { version, tools, folder: isRun ? data : undefined, port: Number(port) };
}

function parsed<Values>(parse: () => Values): Values {
  try {
    return parse();
  } catch (error) {
    throw new Misused((error as Error).message);
  }
}
