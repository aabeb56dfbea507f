// From HTTP to outputs that are deleted, or pinned so that they are not.
import { Body, Controller, Delete, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ExperimentBody } from '#contracts';
import { Keeping } from '../experiment/keeping.ts';
import { Access, TheCaller, TheExperiment } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import { nameOf, type Caller } from '../http/authentication.ts';
import { Flag } from '../http/dto.ts';
import { experimentSchema } from '../http/schemas.ts';
import { ExperimentsView, type ExperimentView } from '../views/experiments.view.ts';

class DeleteOutputsBody {
  /** Although it is pinned. */
  @Flag() force?: boolean | null;
}

@ApiTags('outputs')
@Controller('api/v1/:user/:project/experiments/:id')
export class KeepingController {
  constructor(
    private readonly keeping: Keeping,
    private readonly view: ExperimentsView,
  ) {}

  @Delete('outputs')
  @HttpCode(202)
  @Access('write-experiment')
  @Answers('the experiment, whose outputs go; its record, metrics and logs stay', experimentSchema, { status: 202 })
  async deleteOutputs(@Body() body: DeleteOutputsBody, @TheExperiment() { id }: ExperimentView, @TheCaller() caller: Caller): Promise<ExperimentBody> {
    await this.keeping.deleteOutputs(id, nameOf(caller), { force: body?.force === true });
    return this.#body(id);
  }

  @Post('pin')
  @HttpCode(200)
  @Access('write-experiment')
  @Answers('the experiment, whose outputs no rule deletes', experimentSchema)
  async pin(@TheExperiment() { id }: ExperimentView, @TheCaller() caller: Caller): Promise<ExperimentBody> {
    await this.keeping.pin(id, nameOf(caller));
    return this.#body(id);
  }

  @Post('unpin')
  @HttpCode(200)
  @Access('write-experiment')
  @Answers('the experiment, whose outputs are as those of others', experimentSchema)
  async unpin(@TheExperiment() { id }: ExperimentView, @TheCaller() caller: Caller): Promise<ExperimentBody> {
    await this.keeping.unpin(id, nameOf(caller));
    return this.#body(id);
  }

  async #body(id: number): Promise<ExperimentBody> {
    const view = await this.view.find(id);
    if (!view) throw new TypeError(`experiment ${id} was there a moment ago`);
    return view.body;
  }
}
