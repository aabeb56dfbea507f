// What does the one who runs the platform need?
import { usageFailure } from '../failure.ts';
import type { Run, Tree } from '../tree.ts';
import { pairs, table } from '../tables.ts';

type DeadLetter = Readonly<Record<string, unknown>>;

export function defineAdmin(tree: Tree): void {
  const admin = tree.noun('admin', 'For those who run the platform');
  tree.command(admin, 'rebuild-views', 'derive what users see from the events again, while the platform runs', async () => rebuildViews);
  tree
    .command(admin, 'dead-letters', 'messages that could not be handled, and why', async () => deadLetters)
    .option('--replay [letter]', 'have them handled again; with group/id only this one')
    .option('--drop <letter>', 'nobody shall handle this one (group/id) any more; who, when and why is kept')
    .option('--reason <text>', 'why it is dropped')
    .option('--dropped', 'those that were dropped, by whom and why');
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

interface LetterOptions {
  readonly replay?: string | true;
  readonly drop?: string;
  readonly reason?: string;
  readonly dropped?: boolean;
}

const deadLetters: Run<LetterOptions> = async ({ api, out }, { replay, drop, reason, dropped }) => {
  if (drop !== undefined) {
    if (reason === undefined) throw usageFailure('--drop takes --reason: why nobody shall handle it', `polyaxon admin dead-letters --drop ${drop} --reason "..."`);
    const answer = await api.send<object>('POST', '/admin/dead_letters/drop', { ...letterOf(drop), reason });
    return out.result(answer, { text: () => `${drop} is dropped; that it was, by whom and why, is kept.`, name: 'dropped' });
  }
  if (replay !== undefined) {
    const answer = await api.send<object>('POST', '/admin/dead_letters/replay', replay === true ? {} : letterOf(replay));
    return out.result(answer, { text: () => `Dead letters are handled again. ${pairs(answer as Record<string, unknown>)}`.trim(), name: 'replayed' });
  }
  const letters = await api.list<DeadLetter>(dropped ? '/admin/dead_letters/dropped' : '/admin/dead_letters');
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

function letterOf(text: string): object {
  const [, group, id] = /^([a-z-]+)\/([\da-f-]{36})$/.exec(text) ?? [];
  if (group === undefined) throw usageFailure(`a dead letter is named by group/id, not by ${JSON.stringify(text)}`, 'polyaxon admin dead-letters');
  return { consumer_group: group, message_id: id };
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

const refillTopics: Run<object> = async ({ api, out }) => {
  const answer = await api.send<{ readonly topics: readonly string[] }>('POST', '/admin/refill_topics');
  await out.result(answer, { text: () => `Every event is published again on ${answer.topics.join(', ')}; who has seen one before will see it twice.`, name: answer.topics });
};
