// Where do the outputs, logs and code of an identity live, and whose is a path?
import { namePattern, type ExperimentIdentity, type Revision } from '#contracts';
import { Refusal } from '#decider';

/**
 * `<user>/<project>/experiments/<id>`, for a member of a group `<user>/<project>/groups/<group id>/<id>`; relative to the outputs root and to the
 * logs root alike. Two identities never share a path, and none is inside another's.
 */
export function experimentPath({ user, project, groupId, experimentId }: ExperimentIdentity): string {
  const owner = projectPath(user, project);
  return groupId === null ? `${owner}/experiments/${id(experimentId)}` : `${owner}/groups/${id(groupId)}/${id(experimentId)}`;
}

/** The identity that owns a path, or null when it is nobody's. The inverse of `experimentPath`. */
export function parseExperimentPath(path: string): ExperimentIdentity | null {
  const [, user, project, groupId, experimentId] = /^([^/]+)\/([^/]+)\/(?:experiments|groups\/([1-9]\d*))\/([1-9]\d*)$/.exec(path) ?? [];
  if (!user || !project || !experimentId || !namePattern.test(user) || !namePattern.test(project)) return null;
  return { user, project, groupId: groupId ? Number(groupId) : null, experimentId: Number(experimentId) };
}

/** The one file of console output in the folder that is an experiment's logs path. */
export function runLogPath(logsPath: string): string {
  return `${logsPath}/run.log`;
}

/** Content-addressed uploads, relative to the code root. The same files uploaded twice are one. */
export function codePath(user: string, project: string, revision: Revision): string {
  if (!/^[0-9a-f]{64}$/.test(revision)) throw new Refusal('path-invalid', `a revision is 64 hexadecimal digits, not ${JSON.stringify(revision)}`);
  return `${projectPath(user, project)}/${revision}.tar.gz`;
}

function projectPath(user: string, project: string): string {
  return `${name('user', user)}/${name('project', project)}`;
}

function name(of: string, value: string): string {
  if (!namePattern.test(value)) throw new Refusal('name-invalid', `a ${of} name is 1 to 64 of [-a-zA-Z0-9_], not ${JSON.stringify(value)}`);
  return value;
}

function id(value: number): string {
  if (!Number.isSafeInteger(value) || value < 1) throw new Refusal('path-invalid', `an id is a whole number from 1, not ${JSON.stringify(value)}`);
  return String(value);
}
