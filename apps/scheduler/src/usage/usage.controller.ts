// How does the gateway ask what runs use?
import { Controller, Get, Param, ParseIntPipe, UseGuards } from '@nestjs/common';
import type { MachineBody, RunUsageBody } from '#contracts';
import { InternalOnly } from '#service-host';
import { RunUsage } from './run-usage.ts';

@Controller('internal')
@UseGuards(InternalOnly)
export class UsageController {
  constructor(private readonly usage: RunUsage) {}

  @Get('runs/:experimentId/usage')
  async ofRun(@Param('experimentId', ParseIntPipe) experimentId: number): Promise<{ usage: RunUsageBody | null }> {
    return { usage: await this.usage.of(experimentId) };
  }

  @Get('slots')
  slots(): Promise<{ taken: number; free: number }> {
    return this.usage.slots();
  }

  @Get('machine')
  machine(): MachineBody {
    return this.usage.machine();
  }
}
