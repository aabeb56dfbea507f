// How does the gateway hand over what an attempt elsewhere has printed?
import { Controller, Param, Put, Query, Req, ServiceUnavailableException, UseGuards } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '#decider';
import type { Standing } from '#event-store';
import { InternalOnly } from '#service-host';
import { isReplicaName } from './pushed-address.ts';
import { ReceivedConsoles, type Receipt } from './received-consoles.ts';

type Questions = Readonly<Record<string, string | undefined>>;

/** Of the log-collectors the one that archives receives as well; asked otherwise, they send the asker on. */
export class Receiving {
  constructor(
    readonly consoles: ReceivedConsoles,
    readonly standing: Pick<Standing, 'isHeld'>,
  ) {}
}

@Controller('internal/consoles')
@UseGuards(InternalOnly)
export class ConsolesController {
  constructor(private readonly receiving: Receiving) {}

  @Put(':experimentId/:attempt')
  async receive(@Param('experimentId') id: string, @Param('attempt') attempt: string, @Query() questions: Questions, @Req() request: FastifyRequest): Promise<Receipt> {
    const { consoles, standing } = this.receiving;
    if (!standing.isHeld) throw new ServiceUnavailableException('another log-collector receives consoles');
    const { body } = request as { body: unknown };
    const bytes: Buffer = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    const { replica, offset, size, last } = questions;
    if (replica !== undefined && !isReplicaName(replica)) throw new Refusal('request-invalid', `a replica is not called ${JSON.stringify(replica)}`);
    const of = { experimentId: whole('experiment', id), attempt: whole('attempt', attempt), replica: replica ?? null };
    return consoles.receive(of, { offset: whole('offset', offset), sizeBytes: whole('size', size), isLast: last === '1' }, bytes);
  }
}

function whole(name: string, text = ''): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Refusal('request-invalid', `${name} is a whole number, not ${JSON.stringify(text)}`);
}
