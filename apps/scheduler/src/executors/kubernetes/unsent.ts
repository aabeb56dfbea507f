// What has a program printed that its pod could not send, and what of that is in the log that kubelet keeps?
import type { V1Pod } from '@kubernetes/client-node';
import { ownLine } from '#storage';
import { consoleAnnotation } from './objects/names.ts';
import { leftBehind } from './said-by-pod.ts';

export interface Unsent {
  /** Where in the API it is sent. */
  readonly path: string;
  /** All before it is with the log-collector. */
  readonly fromByte: number;
  readonly sizeBytes: number;
  /** The log ends with this byte of the console. */
  readonly echoedBytes: number;
}

/** By the last words of its carrier; undefined: nothing, as far as anybody knows. */
export function unsentOf(pod: V1Pod): Unsent | undefined {
  const path = pod.metadata?.annotations?.[consoleAnnotation];
  const { consoleBytes, consoleSizeBytes, echoedBytes = 0 } = leftBehind(pod) ?? {};
  if (path === undefined || consoleBytes === undefined || consoleSizeBytes === undefined || consoleBytes >= consoleSizeBytes) return undefined;
  return { path, fromByte: consoleBytes, sizeBytes: consoleSizeBytes, echoedBytes };
}

/**
 * What follows on that which was sent. The newest file of a log, which is all that kubelet shows, may begin anywhere: where it ends is known. One that is longer than that holds what nobody knows of.
 */
export function restIn(log: Buffer, { fromByte, echoedBytes }: Unsent): Buffer {
  const printed = withoutOwnLines(log);
  const begins = echoedBytes - printed.length;
  return begins < 0 || begins > fromByte ? Buffer.alloc(0) : printed.subarray(fromByte - begins);
}

/** They may stand in the middle of a line that was too long for one entry of the log. */
function withoutOwnLines(log: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = log.indexOf(ownLine); at !== -1; at = log.indexOf(ownLine, from)) {
    parts.push(log.subarray(from, at));
    const end = log.indexOf(newline, at);
    from = end === -1 ? log.length : end + 1;
  }
  return Buffer.concat([...parts, log.subarray(from)]);
}

const newline = 0x0a;
