// How is a live log followed to its end, over dropped connections, with no line lost and none twice?
import type { ExperimentBody } from '#contracts';
import { CommandFailure, exitCodes } from './failure.ts';
import { experimentPath, type Session } from './session.ts';
import { backOffMs, ConnectionLost } from './transport.ts';
import type { ExperimentAddress } from './workspace.ts';

export interface LogStyle {
  readonly hideTime: boolean;
}
interface LogMessage {
  readonly log_lines: string | readonly string[] | null;
  readonly status?: string | null;
  /** Byte in the log after these lines: where the next stream starts. Lines without it are no part of the log but the gateway's own words. */
  readonly offset?: number;
}
interface StreamEnd {
  /** The gateway has said all there is. */
  readonly complete: boolean;
  readonly offset: number;
  readonly heard: boolean;
}

const pingMs = 30_000;
/** A platform may be upgraded while a long training is watched. */
const givesUpAfterMs = 10 * 60_000;

/** Prints lines until the run is done; returns its last status. */
export async function followLogs(session: Session, address: ExperimentAddress, from: number, style: LogStyle): Promise<ExperimentBody> {
  let offset = from;
  let failures = 0;
  let lastHeardAt = performance.now();
  for (;;) {
    const end = await stream(session, address, offset, style);
    if (end.heard || end.complete) [failures, lastHeardAt] = [0, performance.now()];
    offset = end.offset;
    const experiment = await currentState(session, address);
    const { isDone } = await import('#contracts');
    if (experiment && end.complete && isDone(experiment.last_status)) return experiment;
    failures++;
    if (performance.now() - lastHeardAt > givesUpAfterMs) {
      throw new CommandFailure(
        'log-stream-lost',
        exitCodes.failure,
        `the log of experiment ${address.id} could not be reached for ten minutes`,
        `polyaxon experiment -xp ${address.id} logs -f`,
      );
    }
    if (failures === 2) session.out.notice('the log stream broke; reconnecting');
    await new Promise((resolve) => setTimeout(resolve, backOffMs(failures)));
  }
}

/** Null: nobody answers now; what was refused is still thrown. */
async function currentState({ api }: Session, address: ExperimentAddress): Promise<ExperimentBody | null> {
  try {
    return await api.get<ExperimentBody>(experimentPath(address));
  } catch (error) {
    if (error instanceof ConnectionLost || (error as CommandFailure).exitCode === exitCodes.failure) return null;
    throw error;
  }
}

async function stream({ api, out }: Session, address: ExperimentAddress, from: number, style: LogStyle): Promise<StreamEnd> {
  const [{ WebSocket }, { isDone }] = await Promise.all([import('ws'), import('#contracts')]);
  const socket = new WebSocket(api.webSocketUrl(`${experimentPath(address)}/logs/stream`, { offset: from }), {
    headers: { ...api.authorization },
    perMessageDeflate: false,
    maxPayload: 256 * 1024 * 1024,
  });
  let [offset, heard, answered] = [from, false, true];
  let status: string | null = null;
  const heartbeat = setInterval(() => {
    if (!answered) socket.terminate();
    answered = false;
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, pingMs);
  socket.on('pong', () => (answered = true));
  socket.on('message', (data: Buffer) => {
    const message = parsed(data.toString('utf8'));
    if (!message) return;
    const lines = linesOf(message);
    if (message.status && message.status !== status && !isDone(message.status)) out.notice(out.paintNotice.dim(`${(status = message.status)} ...`));
    if (message.offset === undefined) return lines.forEach((line) => out.notice(line));
    if (out.structured) out.line(JSON.stringify(message));
    else if (lines.length > 0) out.text(shownLines(lines, style));
    [offset, heard] = [message.offset, true];
  });
  const code = await new Promise<number>((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', resolve);
  });
  clearInterval(heartbeat);
  return { complete: code === 1000 || code === 1005, offset, heard };
}

function parsed(text: string): LogMessage | null {
  try {
    return JSON.parse(text) as LogMessage | null;
  } catch {
    return null;
  }
}

function linesOf({ log_lines: lines }: LogMessage): readonly string[] {
  if (lines === null || lines === undefined) return [];
  return typeof lines === 'string' ? lines.replace(/\n$/, '').split('\n') : lines;
}

/** `2019-06-24 10:00:00 UTC ` at the start of a line. */
const timestamp = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)? ?(?:[A-Z]{1,5}|[+-]\d\d:?\d\d) /;

export function shownLines(lines: readonly string[], { hideTime }: LogStyle): string {
  return lines.map((line) => `${hideTime ? line.replace(timestamp, '') : line}\n`).join('');
}
