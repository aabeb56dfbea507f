// What has a run written so far, and at which byte does what follows begin?
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import { shownLines, type LogStyle } from './follow-logs.ts';
import type { Query } from './api-client.ts';
import type { Output } from './output.ts';
import { experimentPath, type Session } from './session.ts';
import { addressOf, backOffMs, ConnectionLost } from './transport.ts';
import type { ExperimentAddress } from './workspace.ts';

export interface PastLogs extends LogStyle {
  /** A number, or `all`: those of the whole chain of resumes. */
  readonly attempt?: string | undefined;
}
interface LogPage {
  readonly received: number;
  readonly next: number | null;
  readonly broken: NodeJS.ErrnoException | null;
}

const maxFailures = 4;

/** All of it: a page that breaks off is continued at the byte where it did. */
export async function printPastLogs(session: Session, address: ExperimentAddress, past: PastLogs): Promise<number> {
  const printer = printerFor(session.out, past);
  let offset = 0;
  for (let failures = 0; ;) {
    const { received, next, broken } = await readPage(session, address, { offset, attempt: past.attempt }, (chunk) => printer.write(chunk));
    const more = broken !== null || (received > 0 && next !== null && next > offset);
    offset = broken === null && next !== null ? next : offset + received;
    if (!more) break;
    failures = broken && received === 0 ? failures + 1 : 0;
    if (broken && failures > maxFailures) throw new ConnectionLost(addressOf(session.api.server), broken);
    if (broken) await delay(backOffMs(failures + 1));
  }
  printer.end();
  return offset;
}

/** The last lines, printed when all of them have arrived. */
export async function printTail(session: Session, address: ExperimentAddress, tail: number, { attempt, hideTime }: PastLogs): Promise<number> {
  const splitter = new LineSplitter();
  let lines: string[] = [];
  const { received, next, broken } = await readPage(session, address, { tail, attempt }, (chunk) => (lines = lines.concat(splitter.push(chunk))));
  if (broken) throw new ConnectionLost(addressOf(session.api.server), broken);
  print(session.out, tail === 0 ? [] : lines.concat(splitter.end()).slice(-tail), hideTime);
  return next ?? received;
}

async function readPage({ api }: Session, address: ExperimentAddress, query: Query, take: (chunk: Buffer) => void): Promise<LogPage> {
  const { body } = await api.download(`${experimentPath(address)}/logs`, query);
  const header = body.headers['x-polyaxon-next-offset'];
  let received = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      take(chunk);
      received += chunk.length;
    }
    return { received, next: header === undefined ? null : Number(header), broken: null };
  } catch (error) {
    return { received, next: null, broken: error as NodeJS.ErrnoException };
  }
}

/** The log as it is, byte for byte, unless lines have to be cut or wrapped in JSON. */
function printerFor(out: Output, { hideTime }: LogStyle): { write(chunk: Buffer): void; end(): void } {
  if (!hideTime && !out.structured) return { write: (chunk) => out.text(chunk), end: () => undefined };
  const splitter = new LineSplitter();
  return { write: (chunk) => print(out, splitter.push(chunk), hideTime), end: () => print(out, splitter.end(), hideTime) };
}

function print(out: Output, lines: readonly string[], hideTime: boolean): void {
  if (lines.length > 0) out.text(out.structured ? `${JSON.stringify({ log_lines: lines })}\n` : shownLines(lines, { hideTime }));
}

/** Linear also for one line of a hundred megabytes. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #pieces: string[] = [];

  push(chunk: Buffer): string[] {
    const text = this.#decoder.write(chunk);
    const end = text.lastIndexOf('\n');
    if (end < 0) {
      this.#pieces.push(text);
      return [];
    }
    const whole = [...this.#pieces, text.slice(0, end)].join('');
    this.#pieces = [text.slice(end + 1)];
    return whole.split('\n');
  }

  end(): string[] {
    const rest = this.#pieces.join('') + this.#decoder.end();
    this.#pieces = [];
    return rest === '' ? [] : [rest];
  }
}
