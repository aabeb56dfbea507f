// How does the gateway hand over what an attempt elsewhere says of itself?
import { Body, Controller, Param, ParseIntPipe, Put, UseGuards } from '@nestjs/common';
import type { AttemptReportBody } from '#contracts';
import { InternalOnly } from '#service-host';
import { Reports } from './reports.ts';

@Controller('internal/runs/:experimentId/attempts/:attempt/report')
@UseGuards(InternalOnly)
export class ReportsController {
  constructor(private readonly reports: Reports) {}

  /** The gateway has looked at it. */
  @Put()
  async receive(@Param('experimentId', ParseIntPipe) experimentId: number, @Param('attempt', ParseIntPipe) attempt: number, @Body() report: AttemptReportBody): Promise<{ isHeard: boolean }> {
    return { isHeard: await this.reports.receive({ experimentId, attempt }, report) };
  }
}
