// Why was an image not built, and whose fault was that?
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { bringExitCode } from '#storage';
import { LaunchFailed } from '../executor.ts';
import { disruptionOf } from './end-of.ts';
import { builderBring, builderContainer } from './objects/build-objects.ts';
import type { BuildPlan } from './objects/build-plan.ts';
import type { BuildSettings } from './objects/cluster-settings.ts';
import { statusOf } from './said-by-pod.ts';

/** code: it could not be brought, which may be the end of the attempt whose it was. */
export type BuildFailure = LaunchFailed | 'code';

const shownCharacters = 1500;

/** Of a Job that has failed, by its pod: what is wrong fails whoever waits for it, what was taken away is built again. */
export function buildFailureOf(job: V1Job, pod: V1Pod | undefined, plan: BuildPlan, build: BuildSettings, isOwnCode: boolean): BuildFailure {
  const wrong = (why: string): LaunchFailed => new LaunchFailed('build', `its image could not be built (${plan.what}): ${why}; all of it: ${outputOf(plan, build)}`);
  const taken = (why: string): LaunchFailed => new LaunchFailed('build', `the build of its image was interrupted (${plan.name}): ${why}`, { taken: 'infrastructure' });
  const failed = job.status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');
  if (failed?.reason === 'DeadlineExceeded') return wrong(`it was not done after ${build.timeoutSeconds} s, which POLYAXON_KUBERNETES_BUILD_SECONDS allows`);
  if (!pod) return taken('its pod is gone');
  const disruption = disruptionOf(pod, undefined);
  if (disruption) return taken(disruption.message);
  const brought = statusOf(pod, builderBring)?.state?.terminated;
  if (brought && brought.exitCode !== 0) {
    if (brought.exitCode !== bringExitCode.lasting) return taken(brought.message?.trim() || `what it needs could not be brought (exit code ${brought.exitCode})`);
    return isOwnCode ? new LaunchFailed('build', brought.message?.trim() || 'its code could not be brought to where its image is built') : 'code';
  }
  const ended = statusOf(pod, builderContainer)?.state?.terminated;
  if (!ended || ended.reason === 'ContainerStatusUnknown') return taken(pod.status?.message ?? 'its pod has left no exit code');
  if (ended.reason === 'OOMKilled') return wrong('it used more memory than a build may; have its administrator raise POLYAXON_KUBERNETES_BUILD_LIMITS');
  const said = (ended.message ?? '').trim();
  if (ended.exitCode > 128 || isRegistryAway(said, build)) return taken(said === '' ? `exit code ${ended.exitCode}` : lastOf(said));
  return wrong(said === '' ? `the builder exited with code ${ended.exitCode}` : lastOf(said));
}

/** Where all that a build has printed can be read, while it is remembered. */
export function outputOf({ name }: Pick<BuildPlan, 'name'>, { namespace }: Pick<BuildSettings, 'namespace'>): string {
  return `kubectl -n ${namespace} logs job/${name} -c ${builderContainer}`;
}

/**
 * That a registry doesn't answer now, or says so itself, is nobody's fault; that it has no such image, or nobody knows a registry of that name, is the polyaxonfile's,
 * unless it is the one that the installation names. What a step doesn't reach is the step's affair: of BuildKit only what it has failed with is looked at, which of a step is its command.
 */
function isRegistryAway(said: string, { repository }: BuildSettings): boolean {
  const failedWith = said.slice(Math.max(0, said.lastIndexOf('failed to solve: ')));
  if (/failed to solve: process "/.test(failedWith) || !/push|pull|failed to (resolve|do request|copy|fetch|authorize)/i.test(failedWith)) return false;
  const isOurs = failedWith.includes(repository.split('/')[0]!);
  return away.test(failedWith) || (isOurs && /no such host|no route to host|network is unreachable/i.test(failedWith));
}

const away = /connection (refused|reset)|i\/o timeout|TLS handshake timeout|unexpected status[^\n]*\b(5\d\d|429)\b|unexpected EOF|server misbehaving/i;

function lastOf(said: string): string {
  return said.length > shownCharacters ? `... ${said.slice(-shownCharacters)}` : said;
}
