// What image does a polyaxonfile want built, and by which name will whoever wants the same find it?
import { createHash } from 'node:crypto';
import { normalize } from 'node:path/posix';
import type { ExperimentOrder } from '#contracts';
import { buildStepsOf, buildVariablesOf } from '../../build.ts';
import type { BuildSettings, ClusterSettings } from './cluster-settings.ts';
import { impossible } from './wanted.ts';

/** Where an image has the code that its steps have worked on. */
export const builtCode = '/polyaxon/code';

export interface BuildPlan {
  /** Of all that goes into it: equal for equal builds of one installation. */
  readonly key: string;
  /** Of its Job and its Secret. */
  readonly name: string;
  readonly image: string;
  /** A Dockerfile in the code, or an image to begin with. */
  readonly base: { readonly dockerfile: string } | { readonly image: string };
  /** The folder of the code that a build sees. */
  readonly context: string;
  /** What the Dockerfile goes on with; empty: nothing. */
  readonly lines: readonly string[];
  /** For users. */
  readonly what: string;
  readonly isFresh: boolean;
}

type PlanSettings = Pick<ClusterSettings, 'build' | 'programImage' | 'platformId'>;

/** Null: it runs in an image that is there. Throws `LaunchFailed` for what can't be built. */
export function buildPlanOf(order: ExperimentOrder, settings: PlanSettings): BuildPlan | null {
  const { build: builder } = settings;
  const build = order.build ?? {};
  if (builder === null || (build.ref !== undefined && build.ref !== null)) return null;
  const steps = buildStepsOf(order);
  const dockerfile = typeof build.dockerfile === 'string' ? build.dockerfile : null;
  const image = typeof build.image === 'string' ? build.image : settings.programImage;
  if (dockerfile === null && (steps.length === 0 || image === null)) return null;
  if (dockerfile !== null && order.codeRevision === null) {
    throw impossible(`build.dockerfile: ${dockerfile} is a file of the code, and this experiment has none`, 'send the code with it (polyaxon run -f FILE -u)');
  }
  const context = folderOf('build.context', build.context ?? '.');
  const base = dockerfile === null ? { image: image! } : { dockerfile: folderOf('build.dockerfile', dockerfile) };
  const lines = linesOf(order, steps, context);
  const isFresh = build.nocache === true;
  const content = [1, settings.platformId, builder.repository, base, context, order.codeRevision, lines, isFresh ? order.experimentId : null];
  const key = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 20);
  const what = [dockerfile ?? image!, ...(steps.length > 0 ? [`${steps.length} build step${steps.length > 1 ? 's' : ''}`] : [])].join(' and ');
  return { key, name: `build-${key}`, image: taggedBy(builder, key), base, context, lines, what, isFresh };
}

/** Those that run before the command, in its container; where an image is built they are in it already. */
export function stepsInPod(order: ExperimentOrder, settings: PlanSettings): readonly string[] {
  return buildPlanOf(order, settings) === null ? buildStepsOf(order) : [];
}

/** An image that was built before, by the name that its build has; null: none is referred to. */
export function referredImage({ build }: ExperimentOrder, { build: builder }: Pick<ClusterSettings, 'build'>): string | null {
  const ref = build?.ref;
  if (ref === undefined || ref === null) return null;
  if (builder === null) throw impossible('build.ref: no images are built here, since no registry is configured', 'build it, push it, and name it in build.image');
  const [, key] = /^(?:build-)?([0-9a-f]{20})$/.exec(String(ref)) ?? [];
  if (key === undefined) throw impossible(`build.ref: no build is called ${JSON.stringify(ref)}`, 'use the name that the statuses of an experiment say (build-...), or another section: image, dockerfile');
  return taggedBy(builder, key);
}

function taggedBy({ repository }: BuildSettings, key: string): string {
  return `${repository}:${key}`;
}

/** Of the code, and of nothing beside it; links are looked at where the files are. */
function folderOf(section: string, value: unknown): string {
  const path = normalize(String(value)).replace(/\/+$/, '');
  if (!path.startsWith('/') && path !== '..' && !path.startsWith('../')) return path;
  throw impossible(`${section}: ${String(value)} is not in the code`, 'name it from the top of the code, as in `docker/Dockerfile`');
}

/** Steps find the code in their folder, as they do where no image is built, and what they make of it is there for the command. */
function linesOf(order: ExperimentOrder, steps: readonly string[], context: string): string[] {
  if (steps.length === 0) return [];
  const folder = context === '.' ? builtCode : `${builtCode}/${context}`;
  const variables = Object.entries(buildVariablesOf(order)).map(([name, value]) => `export ${name}=${quoted(value)}\n`).join('');
  return [
    ...(order.codeRevision === null ? [] : [`COPY [".", ${JSON.stringify(`${folder}/`)}]`]),
    `WORKDIR ${builtCode}`,
    ...steps.map((step, index) => `RUN ${JSON.stringify(['/bin/sh', '-c', runner, `${variables}${step}`, `build step ${index + 1} of ${steps.length}`])}`),
  ];
}

/** As attempt.sh runs them: with bash where there is one. */
const runner = 'echo "$1"; [ ! -x /bin/bash ] || exec /bin/bash -c -- "$0"; exec /bin/sh -c -- "$0"';

function quoted(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
