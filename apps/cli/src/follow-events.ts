// How are server-sent events read over dropped connections, each exactly once?
import { setTimeout as delay } from 'node:timers/promises';
import type { HistoryEntry } from '#contracts';
import type { Query } from './api-client.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';
import { addressOf, backOffMs, ConnectionLost } from './transport.ts';

export interface ServerSentEvent {
  readonly id: string | null;
  /** Empty: it only says where to go on. */
  readonly data: string;
}

export interface Following {
  readonly path: string;
  readonly query?: Query;
  /** Behind this one. */
  readonly since: string | undefined;
  /** Which one is the last; without it they go on for ever. */
  readonly isLast?: (entry: HistoryEntry) => boolean;
}

const maxFailures = 20;
/** What follows its end, such as a deletion long after, comes at once if it has happened already. */
const quietAfterEndMs = 1_000;

/** Until the last one; the stream itself never ends. */
export async function followEvents(session: Session, { path, query = {}, since, isLast = () => false }: Following, take: (entry: HistoryEntry) => void): Promise<void> {
  let cursor = since;
  for (let failures = 0; ;) {
    const { body } = await session.api.download(path, query, { accept: 'text/event-stream', ...(cursor !== undefined && { 'last-event-id': cursor }) });
    let quiet: NodeJS.Timeout | undefined;
    let done = false;
    try {
      for await (const event of serverSentEvents(body as AsyncIterable<Buffer>)) {
        cursor = event.id ?? cursor;
        failures = 0;
        if (event.data === '') continue;
        const entry = JSON.parse(event.data) as HistoryEntry;
        take(entry);
        done ||= isLast(entry);
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

export function printEvent(out: Output, entry: HistoryEntry): void {
  if (out.structured) out.line(JSON.stringify(entry));
  else out.line(`${entry.time}  ${out.paint.bold(entry.type)}  ${out.paint.dim(`${entry.actor} ${entry.stream}`)}`);
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
      const id = values('id').at(-1) ?? null;
      if (data.length > 0 || id !== null) yield { id, data: data.join('\n') };
    }
  }
}
