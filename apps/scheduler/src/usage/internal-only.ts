// Who may ask how much of the machine runs use?
import { Inject, Injectable } from '@nestjs/common';
import { InternalTokenGuard } from '#service-host';

export const internalToken = Symbol('internal token');

/** Users ask the gateway; it knows what each may see. */
@Injectable()
export class InternalOnly extends InternalTokenGuard {
  constructor(@Inject(internalToken) token: string) {
    super(token);
  }
}
