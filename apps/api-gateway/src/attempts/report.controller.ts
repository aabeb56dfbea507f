// From HTTP to how far an attempt is that runs where the platform can't look.
import { Body, Controller, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Refusal } from '#decider';
import { Access, TheCaller, TheExperiment } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import type { Caller } from '../http/authentication.ts';
import { AttemptQuery, AttemptReport } from '../http/dto.ts';
import { objectSchema } from '../http/schemas.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import { ReportSender } from './report-sender.ts';

@ApiTags('tracking')
@Controller('api/v1/:user/:project/experiments/:id/report')
export class ReportController {
  constructor(private readonly sender: ReportSender) {}

  /** Safe to send again: the latest is what counts. */
  @Put()
  @Access('write-experiment', { run: true })
  @Answers('it was heard', objectSchema)
  async receive(@Query() { attempt }: AttemptQuery, @Body() report: AttemptReport, @TheExperiment() { id }: ExperimentView, @TheCaller() caller: Caller): Promise<object> {
    if (caller.kind !== 'run') throw new Refusal('not-allowed', 'how far an attempt is is told with the token of its run only');
    if (caller.attempt !== attempt) throw new Refusal('not-allowed', `this is the token of attempt ${caller.attempt}, not of attempt ${attempt}`);
    const { is_building, warnings, carrying = null, checkpoint = null } = report;
    await this.sender.send({ experimentId: id, attempt }, { is_building, warnings, carrying, checkpoint });
    return { experiment: id };
  }
}
