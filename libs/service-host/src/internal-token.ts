// May this caller read what services only tell each other?
import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, type CanActivate, type ExecutionContext, type Provider } from '@nestjs/common';
import { Refusal } from '#decider';

export const internalTokenHeader = 'x-polyaxon-internal-token';

const internalToken = Symbol('internal token');

/** Users ask the gateway; it knows what each may see. Compared by digest in constant time, so that neither length nor prefix leaks. */
@Injectable()
export class InternalOnly implements CanActivate {
  readonly #expected: Buffer;

  constructor(@Inject(internalToken) token: string) {
    this.#expected = digest(token);
  }

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>();
    const given = headers[internalTokenHeader];
    if (typeof given === 'string' && timingSafeEqual(digest(given), this.#expected)) return true;
    throw new Refusal('not-authenticated', 'this address is for the services of the platform only');
  }
}

/** What a module provides whose controllers are guarded by `InternalOnly`. */
export function internalOnly(token: string): Provider[] {
  return [{ provide: internalToken, useValue: token }, InternalOnly];
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
