// Which service answers here, of which version, and what does it say of itself?
import { Controller, Get, Inject, Module, type DynamicModule } from '@nestjs/common';
import type { ServiceBody } from '#contracts';
import { missingOf, type ReadinessChecks } from './health.ts';
import { platformVersion } from './version.ts';

interface Known {
  readonly service: string;
  readonly ready: ReadinessChecks;
  readonly degraded: ReadinessChecks;
  readonly lagMs: () => Promise<number>;
}

const version = platformVersion();
const startedAt = new Date(Date.now() - process.uptime() * 1000).toISOString();

export class About {
  constructor(private readonly own: Known) {}

  /** Beside /ready, for a person: there is always an answer, with all there is to say. */
  async tell(): Promise<ServiceBody> {
    const { service, ready, degraded, lagMs } = this.own;
    const [missing, lesser, lag] = await Promise.all([missingOf(ready), missingOf(degraded), lagMs().catch(() => null)]);
    return { service, version, started_at: startedAt, missing, degraded: lesser, lag_seconds: lag === null ? null : lag / 1000 };
  }
}

@Controller()
class AboutController {
  constructor(@Inject(About) private readonly own: About) {}

  @Get('about')
  about(): Promise<ServiceBody> {
    return this.own.tell();
  }
}

@Module({})
export class AboutModule {
  static of(own: Known): DynamicModule {
    return { module: AboutModule, controllers: [AboutController], providers: [{ provide: About, useValue: new About(own) }] };
  }
}
