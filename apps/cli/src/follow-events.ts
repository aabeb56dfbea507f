// How are server-sent events read over dropped connections, each exactly once?
import { setTimeout as delay } from 'node:timers/promises';
import type { HistoryEntry } from '#contracts';
import type { Session } from './session.ts';
import { addressOf, backOffMs, ConnectionLost } from './transport.ts';

export interface ServerSentEvent {
  readonly id: string | null;
  readonly data: string;
}

const maxFailures = 20;
/** What follows its end, such as a deletion long after, comes at once if it has happened already. */
const quietAfterEndMs = 1_000;

/** Until it is done; the stream itself never ends. */
export async function followEvents(session: Session, path: string, since: string | undefined, take: (entry: HistoryEntry) => void): Promise<void> {
  let cursor = since;
  for (let failures = 0; ;) {
    const { body } = await session.api.download(path, {}, { accept: 'text/event-stream', ...(cursor !== undefined && { 'last-event-id': cursor }) });
    let quiet: NodeJS.Timeout | undefined;
    let done = false;
    try {
      for await (const event of serverSentEvents(body as AsyncIterable<Buffer>)) {
        const entry = JSON.parse(event.data) as HistoryEntry;
        take(entry);
        cursor = event.id ?? cursor;
        failures = 0;
        done ||= entry.type === 'ExperimentDone';
        clearTimeout(quiet);
        if (done) quiet = setTimeout(() => body.destroy(), quietAfterEndMs);
      }
    } catch (error) {
      if (error instanceof SyntaxError) throw error;
    }
    clearTimeout(quiet);
    if (done) return;
    if (++failures > maxFailures) throw new ConnectionLost(addressOf(session.api.server), new Error('the stream of events breaks off again and again'));
    await delay(backOffMs(failures));
  }
}

/** One at a time, however the bytes are cut; comments, which keep the connection alive, are skipped. */
export async function* serverSentEvents(body: AsyncIterable<Buffer>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = block.split('\n').map((line) => /^(\w+): ?(.*)$/s.exec(line));
      const values = (name: string) => fields.flatMap((field) => (field?.[1] === name ? [field[2] ?? ''] : []));
      const data = values('data');
      if (data.length > 0) yield { id: values('id').at(-1) ?? null, data: data.join('\n') };
    }
  }
}
