// Is the service alive, may it be given work, and how is it doing?
import { Controller, Get, Header, Inject, Module, ServiceUnavailableException, type DynamicModule } from '@nestjs/common';
import { collectDefaultMetrics, register } from 'prom-client';
import { gauge } from './metrics/instruments.ts';
import { platformVersion } from './version.ts';

/** Rejects, or names what is missing, while the service should get no work. */
export type ReadinessCheck = () => Promise<string | undefined>;

/** By what they ask for, in a word. */
export type ReadinessChecks = Readonly<Record<string, ReadinessCheck>>;

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
    @Inject(checks) private readonly ready: ReadinessChecks,
    @Inject(lesser) private readonly whole: ReadinessChecks,
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

type Answers = readonly (readonly [dependency: string, missing: string | undefined])[];

async function answersOf(checks: ReadinessChecks): Promise<Answers> {
  return Promise.all(Object.entries(checks).map(async ([dependency, check]) => [dependency, await inTime(check()).catch((error: Error) => error.message)] as const));
}

function missingIn(answers: Answers): string[] {
  return answers.map(([, missing]) => missing).filter((missing) => missing !== undefined);
}

export async function missingOf(checks: ReadinessChecks): Promise<string[]> {
  return missingIn(await answersOf(checks));
}

/** Asked once for both, whichever of them is looked at first. */
function showReadiness(readiness: ReadinessChecks, degraded: ReadinessChecks): void {
  let asking: Promise<void> | undefined;
  const look = async () => {
    const [needed, lesser] = await Promise.all([answersOf(readiness), answersOf(degraded)]);
    ready.set(missingIn(needed).length === 0 ? 1 : 0);
    for (const [dependency, missing] of [...needed, ...lesser]) up.set({ dependency }, missing === undefined ? 1 : 0);
  };
  const collect = () => (asking ??= look().finally(() => (asking = undefined)));
  const ready = gauge('ready', collect);
  const up = gauge('dependency_up', collect);
}

@Module({})
export class HealthModule {
  static of(readiness: ReadinessChecks, degraded: ReadinessChecks = {}): DynamicModule {
    if (!register.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics();
    showReadiness(readiness, degraded);
    gauge('build_info').set({ version: platformVersion() }, 1);
    return { module: HealthModule, controllers: [HealthController], providers: [{ provide: checks, useValue: readiness }, { provide: lesser, useValue: degraded }] };
  }
}
