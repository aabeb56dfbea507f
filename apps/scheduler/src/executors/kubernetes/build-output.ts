// How does what a build has printed get into the log of an experiment whose program will never begin?
import { signRunToken } from '#service-host';
import type { AttemptSpec } from '../executor.ts';
import { epochOf } from './objects/names.ts';
import { experimentAddress } from './objects/pod-order.ts';

/** Answers where it can be followed from then on; undefined: nobody takes it any more. Throws `GatewayAway`, and may be repeated with the same text. */
export type TellConsole = (spec: AttemptSpec, text: string) => Promise<string | undefined>;

/** It is worth trying again. */
export class GatewayAway extends Error {
  override readonly name = 'GatewayAway';
}

const pieceBytes = 1024 * 1024;
const answerWithinMs = 30_000;

/** As the pod of the attempt would send it, with a token of the attempt: there is no such pod, and the pod of a build is for many. */
export function consoleTeller({ gatewayUrl, runTokenSecret }: { readonly gatewayUrl: string; readonly runTokenSecret: string }): TellConsole {
  return async (spec, text) => {
    const bytes = Buffer.from(text);
    const address = `${experimentAddress(spec, { gatewayUrl })}/console?attempt=${spec.attempt}`;
    const headers = { authorization: `Token ${signRunToken(runTokenSecret, spec)}`, 'content-type': 'application/octet-stream' };
    for (let offset = 0; offset < bytes.length; ) {
      const piece = new Uint8Array(bytes.subarray(offset, offset + pieceBytes));
      const isLast = offset + piece.length === bytes.length;
      const receivedBytes = await put(`${address}&offset=${offset}&size=${bytes.length}${isLast ? '&last=1' : ''}`, headers, piece);
      if (receivedBytes === undefined) return undefined;
      if (receivedBytes < offset) throw new GatewayAway('what was sent of its build is gone again');
      offset = receivedBytes;
    }
    return `pushed:${epochOf(spec)}`;
  };
}

async function put(address: string, headers: Readonly<Record<string, string>>, body: Uint8Array<ArrayBuffer>): Promise<number | undefined> {
  let response: Response;
  try {
    response = await fetch(address, { method: 'PUT', headers, body, redirect: 'error', signal: AbortSignal.timeout(answerWithinMs) });
  } catch (error) {
    throw new GatewayAway((error as Error).message, { cause: error });
  }
  const { receivedBytes } = (await response.json().catch(() => ({}))) as { receivedBytes?: number };
  if (receivedBytes !== undefined && (response.ok || response.status === 409)) return receivedBytes;
  if (response.status >= 500 || response.status === 429 || response.status === 408) throw new GatewayAway(`it answers ${response.status}`);
  return undefined;
}
