// From HTTP to the checkpoints of an experiment; those of a resume are its original's.
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { CheckpointsBody } from '#contracts';
import { offerOf } from '../experiment/offer-of.ts';
import { Access, TheExperiment } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import { checkpointsSchema } from '../http/schemas.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import { History } from '../views/history.ts';
import { keptOutputs } from './kept-outputs.ts';
import { OutputsReader } from './outputs-reader.ts';

@ApiTags('outputs')
@Controller('api/v1/:user/:project/experiments/:id')
export class CheckpointsController {
  constructor(
    private readonly outputs: OutputsReader,
    private readonly history: History,
  ) {}

  @Get('checkpoints')
  @Access('read-experiment', { run: true })
  @Answers('every checkpoint in the outputs, newest first, what a resume would go on from, and what this experiment was given', checkpointsSchema)
  async checkpoints(@TheExperiment() experiment: ExperimentView): Promise<CheckpointsBody> {
    const { id, originalId, outputsPath } = experiment;
    const [{ checkpoints, choice }, history] = await Promise.all([this.outputs.summary(keptOutputs(experiment)), this.history.of(id, originalId)]);
    return {
      outputs_owner_id: originalId, outputs_path: outputsPath, checkpoints, next: choice.problem ? null : choice.offered, problem: choice.problem?.message ?? null, offer: offerOf(history),
    };
  }
}
