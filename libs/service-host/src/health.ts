// Is the service alive, may it be given work, and how is it doing?
import { Controller, Get, Header, Inject, Module, ServiceUnavailableException, type DynamicModule } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, register } from 'prom-client';

/** Rejects, or names what is missing, while the service should get no work. */
export type ReadinessCheck = () => Promise<string | undefined>;

const checks = Symbol('readiness checks');
const lesser = Symbol('checks of what may be away');

/** Nobody is ready who has to wait longer than this for what is needed. */
const answersWithinMs = 2000;

async function inTime(answer: Promise<string | undefined>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((done) => (timer = setTimeout(() => done(`something that is needed doesn't answer within ${answersWithinMs / 1000} s`), answersWithinMs)));
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

@Controller()
class HealthController {
  constructor(
    @Inject(checks) private readonly ready: readonly ReadinessCheck[],
    @Inject(lesser) private readonly whole: readonly ReadinessCheck[],
  ) {}

  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  async readiness(): Promise<{ status: string; degraded?: string }> {
    const [missing, degraded] = await Promise.all([missingOf(this.ready), missingOf(this.whole)]);
    if (missing.length > 0) throw new ServiceUnavailableException([...missing, ...degraded].join('; '));
    return { status: 'ok', ...(degraded.length > 0 && { degraded: degraded.join('; ') }) };
  }

  @Get('metrics')
  @Header('content-type', register.contentType)
  metrics(): Promise<string> {
    return register.metrics();
  }
}

async function missingOf(checks: readonly ReadinessCheck[]): Promise<string[]> {
  const answers = await Promise.all(checks.map((check) => inTime(check()).catch((error: Error) => error.message)));
  return answers.filter((answer) => answer !== undefined);
}

@Module({})
export class HealthModule {
  static of(readiness: readonly ReadinessCheck[], degraded: readonly ReadinessCheck[] = []): DynamicModule {
    if (!register.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics();
    register.removeSingleMetric('polyaxon_ready');
    const ready: Gauge = new Gauge({ name: 'polyaxon_ready', help: '1: what /ready says yes to', collect: async () => ready.set((await missingOf(readiness)).length === 0 ? 1 : 0) });
    return { module: HealthModule, controllers: [HealthController], providers: [{ provide: checks, useValue: readiness }, { provide: lesser, useValue: degraded }] };
  }
}
