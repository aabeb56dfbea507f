// May this caller read what services only tell each other?
import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Refusal } from '#decider';

export const internalTokenHeader = 'x-polyaxon-internal-token';

/** Compared by digest in constant time, so that neither length nor prefix leaks. */
@Injectable()
export class InternalTokenGuard implements CanActivate {
  readonly #expected: Buffer;

  constructor(token: string) {
    this.#expected = digest(token);
  }

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>();
    const given = headers[internalTokenHeader];
    if (typeof given === 'string' && timingSafeEqual(digest(given), this.#expected)) return true;
    throw new Refusal('not-authenticated', 'this address is for the services of the platform only');
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
