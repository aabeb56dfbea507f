// Which number does the experiment or group of this request get?
import type { FastifyRequest } from 'fastify';
import type { Reservation } from '../experiment/experiments.ts';
import type { Idempotency } from './idempotency.ts';
import { claimOf } from './idempotent-requests.ts';

/** With an Idempotency-Key the number is written down before anything happens: the same request, after whatever crash, is the same experiment. */
export class Reservations {
  constructor(private readonly idempotency: Idempotency) {}

  async of(request: FastifyRequest): Promise<Reservation | undefined> {
    const claim = claimOf(request);
    return claim && { known: await this.idempotency.knownNumber(claim), take: (what = 'experiment') => this.idempotency.numberOf(claim, what) };
  }
}
