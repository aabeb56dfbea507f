// How does what a build has printed get into the log of an experiment whose program will never begin?
import { signRunToken } from '#service-host';
import type { AttemptSpec } from '../executor.ts';
import { GatewayAway, sendConsole } from './console-push.ts';
import { epochOf } from './objects/names.ts';
import { addressAt, consolePathOf } from './objects/pod-order.ts';

/** Answers where it can be followed from then on; undefined: nobody takes it any more. Throws `GatewayAway`, and may be repeated with the same text. */
export type TellConsole = (spec: AttemptSpec, text: string) => Promise<string | undefined>;

/** As the pod of the attempt would send it, with a token of the attempt: there is no such pod, and the pod of a build is for many. */
export function consoleTeller({ gatewayUrl, runTokenSecret }: { readonly gatewayUrl: string; readonly runTokenSecret: string }): TellConsole {
  return async (spec, text) => {
    const bytes = Buffer.from(text);
    const address = addressAt({ gatewayUrl }, consolePathOf(spec));
    const received = await sendConsole(address, signRunToken(runTokenSecret, spec), { bytes, fromByte: 0, sizeBytes: bytes.length });
    if (received === undefined) return undefined;
    if (received < bytes.length) throw new GatewayAway('what was sent of its build is gone again');
    return `pushed:${epochOf(spec)}`;
  };
}
