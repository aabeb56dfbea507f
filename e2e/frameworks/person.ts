// How does a person train with a real framework on the platform, and see how far it got?
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClonePlan, ExperimentBody } from '#contracts';
import { until } from '#testing';
import { binFolder, missingFramework, type FrameworkName } from '../../tools/stack/frameworks/frameworks.ts';
import { Platform, root } from '../platform.ts';

/** Where nobody watches, frameworks are always there: without them the test fails instead. */
export const withFramework = (name: FrameworkName, story: () => void): void => {
  const reason = missingFramework(name);
  if (!reason || process.env.CI) describe(`with the real ${name}`, story);
  else describe.skip(`with the real ${name} (${reason})`, story);
};

/** Importing a framework takes seconds, and on a loaded machine many. */
const patienceMs = 150_000;
/** The log is looked at often, the platform is asked now and then: trainings need the processors. */
const looksPerQuestion = 40;

/** How far a training was, and the norm of its weights there: two trainings that agree on it have the same weights. */
export interface Point {
  readonly at: number;
  readonly weights: number;
}

const isFurther = (points: readonly Point[], further: number): boolean => (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0) >= further;

export class Person {
  private constructor(
    readonly platform: Platform,
    readonly folder: string,
    private readonly framework: FrameworkName,
  ) {}

  /** Their folder holds the examples as the docs show them. */
  static async start(framework: FrameworkName): Promise<Person> {
    const platform = await Platform.start({
      PATH: `${binFolder(framework)}:${process.env.PATH ?? ''}`, POLYAXON_GRACE_PERIOD_SECONDS: '60', POLYAXON_MAX_CONCURRENT_RUNS: '3', TF_CPP_MIN_LOG_LEVEL: '3',
    });
    const folder = platform.workspace('work', { '.polyaxonignore': '*.yml\n' });
    expect(await platform.cli(folder, 'project', 'create', '--name', 'frameworks', '--init')).toMatchObject({ code: 0 });
    return new Person(platform, folder, framework);
  }

  write(file: string, content: string): void {
    writeFileSync(join(this.folder, file), content);
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  /** As a user types it, to the letter; resolves with the new experiment. */
  async types(line: string): Promise<ExperimentBody> {
    const said = await this.platform.cli(this.folder, ...line.split(' ').slice(1));
    expect([line, said.code, said.code === 0 ? '' : said.err + said.out]).toEqual([line, 0, '']);
    return this.platform.experiment(Number(/(?:Experiment `|with id )(\d+)/.exec(said.out)?.[1]));
  }

  async plan(line: string): Promise<ClonePlan> {
    const { out } = await this.platform.cli(this.folder, ...line.split(' ').slice(1), '--plan', '-o', 'json');
    return JSON.parse(out) as ClonePlan;
  }

  outputs({ outputs_path: path }: ExperimentBody): string {
    return this.platform.outputs(path);
  }

  /** Where it started, and all that it saved so far, as it says itself. */
  points(experiment: ExperimentBody): Point[] {
    if (!existsSync(join(this.platform.home, 'logs', experiment.logs_path, 'run.log'))) return [];
    const lines = this.platform.log(experiment).matchAll(/^(?:starts|saved) at (?:step|epoch) (\d+), weights ([\d.]+)$/gm);
    return [...lines].map(([, at, weights]) => ({ at: Number(at), weights: Number(weights) }));
  }

  /** Resolves with where it started, once it has saved so much further on. */
  async trained(experiment: ExperimentBody, further: number): Promise<Point> {
    let looks = 0;
    const points = await until(`experiment ${experiment.id} has saved ${further} further on`, async () => {
      const found = this.points(experiment);
      if (isFurther(found, further)) return found;
      looks += 1;
      if (looks % looksPerQuestion !== 0) return null;
      const { last_status: status } = await this.platform.experiment(experiment.id);
      return ['failed', 'succeeded', 'stopped', 'upstream_failed'].includes(status) ? this.points(experiment) : null;
    }, patienceMs);
    // It may have ended by itself; its log then says why.
    expect(isFurther(points, further) ? '' : this.platform.log(experiment)).toBe('');
    return points[0] as Point;
  }

  /** Resolves with what it saved last. */
  async stops(experiment: ExperimentBody): Promise<Point> {
    expect((await this.platform.cli(this.folder, 'experiment', '-xp', String(experiment.id), 'stop', '-y')).code).toBe(0);
    expect(await this.platform.done(experiment.id)).toMatchObject({ last_status: 'stopped' });
    return this.points(experiment).at(-1) as Point;
  }

  /** What the platform recorded of it, with the points' precision. */
  async metrics({ id }: ExperimentBody): Promise<Point[]> {
    const rows: Record<string, number>[] = [];
    for (let more = true; more; ) {
      const { body } = await this.platform.api('GET', `root/frameworks/experiments/${id}/metrics?limit=500&offset=${rows.length}`);
      const page = body as { results: { values: Record<string, number> }[]; next: string | null };
      rows.push(...page.results.map(({ values }) => values));
      more = page.next !== null;
    }
    const points = rows.filter(({ weights }) => weights !== undefined).map(({ step, weights }) => ({ at: step as number, weights: Number(weights?.toFixed(6)) }));
    return points.sort((one, other) => one.at - other.at);
  }

  /** What the newest checkpoint in each outputs path holds, read by another program than wrote it. */
  async inspects(program: string, ...experiments: ExperimentBody[]): Promise<Point[]> {
    const python = join(binFolder(this.framework), 'python3');
    const script = join(root, 'e2e/frameworks/inspect', program);
    const { stdout } = await promisify(execFile)(python, [script, ...experiments.map((one) => this.outputs(one))], { env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' }, timeout: patienceMs });
    return stdout.trim().split('\n').map((line) => {
      const [at, weights] = JSON.parse(line) as [number, number];
      return { at, weights: Number(weights.toFixed(6)) };
    });
  }
}
