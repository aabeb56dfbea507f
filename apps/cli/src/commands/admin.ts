// What does the one who runs the platform need?
import type { Run, Tree } from '../tree.ts';
import { pairs, table } from '../tables.ts';

type DeadLetter = Readonly<Record<string, unknown>>;

export function defineAdmin(tree: Tree): void {
  const admin = tree.noun('admin', 'For those who run the platform');
  tree.command(admin, 'rebuild-views', 'derive what users see from the events again, while the platform runs', async () => rebuildViews);
  tree.command(admin, 'dead-letters', 'messages that could not be handled, and why', async () => deadLetters).option('--replay', 'have them handled again');
  tree.command(admin, 'refill-topics', 'publish every event to Kafka once more, for topics that were lost or subscribers that start over', async () => refillTopics);
  tree
    .command(admin, 'create-topics', 'make the topics on your own Kafka (POLYAXON_KAFKA_*) that are missing; those that are there are never changed', async () => (await import('./create-topics.ts')).createTopics)
    .option('--partitions <number>', 'of each events topic; default: POLYAXON_KAFKA_PARTITIONS, or 6')
    .option('--replication-factor <number>', 'default: POLYAXON_KAFKA_REPLICATION_FACTOR, or as many as brokers are named, at most 3')
    .option('--retention <time>', 'of events: forever (default), or such as 72h or 90d')
    .option('--dry-run', 'only tell what would be made, and what differs');
}

const rebuildViews: Run<object> = async ({ api, out }) => {
  const answer = await api.send<object>('POST', '/admin/rebuild_views');
  await out.result(answer, { text: () => `Views are rebuilt. ${pairs(answer as Record<string, unknown>)}`.trim(), name: 'rebuilt' });
};

const deadLetters: Run<{ readonly replay?: boolean }> = async ({ api, out }, { replay }) => {
  if (replay) {
    const answer = await api.send<object>('POST', '/admin/dead_letters/replay');
    return out.result(answer, { text: () => `Dead letters are handled again. ${pairs(answer as Record<string, unknown>)}`.trim(), name: 'replayed' });
  }
  const letters = await api.list<DeadLetter>('/admin/dead_letters');
  const keys = [...new Set(letters.flatMap((letter) => Object.keys(letter)))];
  const columns = keys.map((key) => ({
    title: key.toUpperCase(),
    value: (letter: DeadLetter) => shown(letter[key]),
    wide: typeof letters[0]?.[key] === 'object',
  }));
  const text = (paint: Parameters<typeof table>[2]['paint'], wide: boolean) =>
    letters.length === 0 ? 'No dead letters.' : table(letters, columns, { paint, wide });
  await out.result(letters, { text, name: letters.map((letter) => shown(letter.id)) });
};

function shown(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

const refillTopics: Run<object> = async ({ api, out }) => {
  const answer = await api.send<{ readonly topics: readonly string[] }>('POST', '/admin/refill_topics');
  await out.result(answer, { text: () => `Every event is published again on ${answer.topics.join(', ')}; who has seen one before will see it twice.`, name: answer.topics });
};
