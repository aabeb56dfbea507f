// From HTTP to metrics over the life of an experiment, and of several beside each other.
import { Controller, Get, Query } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import type { RunsSeriesBody, SeriesBody } from '#contracts';
import { AccessGuard } from '../http/access.guard.ts';
import { Access, TheCaller, TheExperiment } from '../http/access.ts';
import { Answers } from '../http/answers.ts';
import type { Caller } from '../http/authentication.ts';
import { AsFlag } from '../http/dto.ts';
import { AsNumber } from '../http/paging.ts';
import { runsSeriesSchema, seriesSchema } from '../http/schemas.ts';
import type { ExperimentView } from '../views/experiments.view.ts';
import { ChainSeries } from './chain-series.ts';

const namesMax = 20;
const pointsMax = 20_000;
const digitsMax = 17;
const AsList = (): PropertyDecorator => Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? [value] : value));

class PointsQuery {
  @ApiPropertyOptional({ type: [String], description: `the metrics, each as names=...; the first few without it, ${namesMax} at most` })
  @IsOptional() @AsList() @IsArray() @ArrayMaxSize(namesMax) @IsString({ each: true }) @MaxLength(500, { each: true })
  names?: string[];

  @ApiPropertyOptional({ type: 'integer', minimum: 2, maximum: pointsMax, default: 1000, description: 'about so many of each metric: the lowest and highest of equal stretches, and each kind of what is not finite' })
  @IsOptional() @AsNumber() @IsInt() @Min(2) @Max(pointsMax)
  points: number = 1000;

  @ApiPropertyOptional({ type: 'integer', minimum: 2, maximum: digitsMax, description: 'values that are no whole numbers are rounded to so many digits; as they were reported without it' })
  @IsOptional() @AsNumber() @IsInt() @Min(2) @Max(digitsMax)
  digits?: number;

  @ApiPropertyOptional({ type: Boolean, default: true, description: 'whether the time of each point is told; without it `times` are empty' })
  @IsOptional() @AsFlag() @IsBoolean()
  times: boolean = true;
}

class SeriesQuery extends PointsQuery {
  @ApiPropertyOptional({ type: Boolean, default: true, description: 'with the original and all its resumes; else of this experiment alone' })
  @IsOptional() @AsFlag() @IsBoolean()
  chain: boolean = true;
}

const runsMax = 100;

class RunsSeriesQuery extends PointsQuery {
  @ApiProperty({ description: `numbers of experiments in any projects the caller may read, ${runsMax} at most`, example: '23,31' })
  @Matches(new RegExp(`^[1-9]\\d{0,8}(,[1-9]\\d{0,8}){0,${runsMax - 1}}$`), { message: `ids: the numbers of at most ${runsMax} experiments, such as ids=23,31` })
  ids!: string;
}

@ApiTags('tracking')
@Controller('api/v1/:user/:project/experiments/:id')
export class SeriesController {
  constructor(private readonly series: ChainSeries) {}

  @Get('series')
  @Access('read-experiment')
  @Answers('its metrics by attempt, over its original and all its resumes, with what was done twice', seriesSchema)
  async of(@Query() query: SeriesQuery, @TheExperiment() experiment: ExperimentView): Promise<SeriesBody> {
    return query.chain ? this.series.of(experiment, query) : (await this.series.each([experiment], query))[0] as SeriesBody;
  }
}

@ApiTags('tracking')
@Controller('api/v1/experiments/series')
export class RunsSeriesController {
  constructor(
    private readonly series: ChainSeries,
    private readonly guard: AccessGuard,
  ) {}

  @Get()
  @Access('login')
  @Answers('metrics of several experiments, each alone', runsSeriesSchema)
  async of(@Query() { ids, ...asked }: RunsSeriesQuery, @TheCaller() caller: Caller): Promise<RunsSeriesBody> {
    const experiments = await this.guard.mayReadAll(caller, [...new Set(ids.split(',').map(Number))]);
    const series = await this.series.each(experiments, asked);
    return experiments.map(({ id }, index) => ({ experiment_id: id, series: series[index] as SeriesBody }));
  }
}
