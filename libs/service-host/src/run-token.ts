// May this program speak for that experiment? A token that only its own attempt can use.
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface RunIdentity {
  readonly experimentId: number;
  readonly attempt: number;
}

const shape = /^run\.([1-9]\d{0,15})\.([1-9]\d{0,15})\.([\w-]{43})$/;

/** Nothing is stored: who knows `secret` can make and check it. That the attempt is still live is checked by whoever reads it. */
export function signRunToken(secret: string, { experimentId, attempt }: RunIdentity): string {
  return `run.${experimentId}.${attempt}.${signature(secret, experimentId, attempt)}`;
}

/** Whose token it is, or null when it is nobody's. */
export function readRunToken(secret: string, token: string): RunIdentity | null {
  const [, experimentId, attempt, given] = shape.exec(token) ?? [];
  if (!experimentId || !attempt || !given) return null;
  const identity = { experimentId: Number(experimentId), attempt: Number(attempt) };
  const expected = signature(secret, identity.experimentId, identity.attempt);
  return timingSafeEqual(Buffer.from(given), Buffer.from(expected)) ? identity : null;
}

function signature(secret: string, experimentId: number, attempt: number): string {
  return createHmac('sha256', secret).update(`run-token.${experimentId}.${attempt}`).digest('base64url');
}
