// Where do Kafka's programs come from on a machine that has none? From Maven Central, once for each version.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { componentFolder, provideOnce } from '../cache.ts';

/** The one to use, and the oldest that is tested. */
export const kafkaVersions = ['4.2.0', '3.9.1'] as const;
export type KafkaVersion = (typeof kafkaVersions)[number];

/** What the version was built against, so that it finds a logger. */
const slf4j = '1.7.36';
const tries = 3;

/** It can't be provided or started; `fix` is what to do. */
export class KafkaUnavailable extends Error {
  override readonly name = 'KafkaUnavailable';

  constructor(
    message: string,
    readonly fix: string,
  ) {
    super(message);
  }
}

/** Folder of the version's jars; there only when it is whole. */
export const kafkaFolder = (version: KafkaVersion): string => componentFolder('kafka', version);

/** Folder of the jars with Kafka's own programs for measuring, there only when it is whole. */
export const kafkaToolsFolder = (version: KafkaVersion): string => componentFolder('kafka-tools', version);

/** What keeps a test from using it here; undefined: nothing. */
export function missingForKafka(version: KafkaVersion): string | undefined {
  if (spawnSync('java', ['-version']).status !== 0) return 'Kafka needs Java 17: apt-get install default-jre-headless';
  return existsSync(kafkaFolder(version)) ? undefined : `Kafka ${version} is not here: npm run stack -- kafka --version ${version}`;
}

/** Downloads it (20 s, 45 MB) unless it is here. */
export const provideKafka = (version: KafkaVersion, tell: (line: string) => void): Promise<void> => download('kafka_2.13', version, kafkaFolder(version), tell);

/** `ProducerPerformance` and the like: benchmarks compare with them, nothing else needs them. */
export const provideKafkaTools = (version: KafkaVersion, tell: (line: string) => void): Promise<void> => download('kafka-tools', version, kafkaToolsFolder(version), tell);

async function download(artifact: string, version: KafkaVersion, folder: string, tell: (line: string) => void): Promise<void> {
  await provideOnce(folder, async (into, scratch) => {
    if (spawnSync('mvn', ['-v']).status !== 0) throw new KafkaUnavailable('Kafka is downloaded with Maven, which is not here', 'apt-get install maven, or name a Kafka of your own in POLYAXON_KAFKA_BROKERS');
    await writeFile(join(scratch, 'pom.xml'), pom(artifact, version));
    tell(`downloading ${artifact} ${version} from Maven Central (45 MB) ...`);
    for (let left = tries; ; left -= 1) {
      const { code, said } = await maven(scratch);
      if (code === 0) break;
      if (left <= 1) throw new KafkaUnavailable(`Kafka ${version} could not be downloaded: ${reasonIn(said)}`, 'look at the network and at ~/.m2/settings.xml, then try again');
      tell(`once more: ${reasonIn(said)}`);
    }
    const jars = await readdir(join(scratch, 'lib'));
    for (const jar of jars) await rename(join(scratch, 'lib', jar), join(into, jar));
    tell(`${artifact} ${version} is there`);
  });
}

function maven(folder: string): Promise<{ code: number | null; said: string }> {
  const child = spawn('mvn', ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((done, failed) => child.once('error', failed).once('close', (code) => done({ code, said })));
}

function reasonIn(said: string): string {
  return said.split('\n').find((line) => line.includes('ERROR'))?.slice(0, 300) ?? 'Maven says nothing';
}

const pom = (artifact: string, version: KafkaVersion) => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>polyaxon</groupId><artifactId>kafka</artifactId><version>${version}</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>${slf4j}</version></dependency>
  </dependencies>
</project>
`;
