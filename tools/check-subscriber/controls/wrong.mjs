// Does the check find a subscriber that is wrong? Three of them: `no-inbox` counts what it hears twice, `no-transaction` commits what it has not kept, `last-heard` goes by the order of strangers.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import kafkajs from 'kafkajs';

const [how, show] = process.argv.slice(2);
const { KAFKA_BROKERS, KAFKA_TOPIC_PREFIX, KAFKA_GROUP, STATE_FOLDER } = process.env;
const file = join(STATE_FOLDER, 'effects.json');
const effects = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { heard: {}, ids: [] };
const ids = new Set(effects.ids);

function keep() {
  writeFileSync(`${file}.new`, JSON.stringify({ heard: effects.heard, ids: how === 'no-inbox' ? [] : [...ids] }));
  renameSync(`${file}.new`, file);
}

if (show) {
  for (const [what, value] of Object.entries(effects.heard)) console.log(JSON.stringify({ what, value }));
} else {
  const consumer = new kafkajs.Kafka({ brokers: [KAFKA_BROKERS], logLevel: kafkajs.logLevel.NOTHING }).consumer({ groupId: KAFKA_GROUP });
  process.once('SIGTERM', () => void consumer.disconnect().then(() => (keep(), process.exit(0))));
  await consumer.connect();
  await consumer.subscribe({ topics: [`${KAFKA_TOPIC_PREFIX}run.events`], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message: { headers } }) => {
      const id = String(headers.ce_id);
      if (how !== 'no-inbox' && ids.has(id)) return;
      ids.add(id);
      if (how === 'last-heard') effects.heard.last = String(headers.ce_subject);
      else effects.heard[headers.ce_type] = (effects.heard[headers.ce_type] ?? 0) + 1;
      if (how !== 'no-transaction') keep();
    },
  });
}
