// How does a test ask for an experiment in one line?
import type { CloneRequest, ExperimentBody, StatusBody } from '#contracts';
import { until } from '#testing';
import type { Answer, Platform } from './platform.ts';

export const project = 'root/verbs';
export type Verb = 'resume' | 'restart' | 'copy';

/** Lives until it is stopped, and leaves at once then. */
export const untilStopped = 'echo trained > $POLYAXON_RUN_OUTPUTS_PATH/model; exec sleep 600';
/** Leaves something to go on from. */
export const saveAndEnd = 'echo trained > $POLYAXON_RUN_OUTPUTS_PATH/model';

export const polyaxonfile = (cmd: string, more: object = {}): string => JSON.stringify({ version: 1, kind: 'experiment', ...more, run: { cmd } });

export async function created(answer: Promise<Answer>): Promise<ExperimentBody> {
  const { status, text, body } = await answer;
  expect([status, status === 201 ? '' : text]).toEqual([201, '']);
  return body as ExperimentBody;
}

export const run = (platform: Platform, cmd: string, more: object = {}): Promise<ExperimentBody> =>
  created(platform.api('POST', `${project}/experiments`, { content: polyaxonfile(cmd, more) }));

export const ask = (platform: Platform, verb: Verb, id: number, request: CloneRequest = {}): Promise<Answer> => platform.api('POST', `${project}/experiments/${id}/${verb}`, request);

/** `change` is the override, as in `-f`. */
export const clone = (platform: Platform, verb: Verb, id: number, change?: object, request: CloneRequest = {}): Promise<ExperimentBody> =>
  created(ask(platform, verb, id, { ...(change && { content: JSON.stringify(change) }), ...request }));

export async function stop(platform: Platform, id: number): Promise<ExperimentBody> {
  expect(await platform.api('POST', `${project}/experiments/${id}/stop`)).toMatchObject({ status: 200 });
  return platform.done(id);
}

/** Until its program has written this file, whose text it resolves with. */
export async function written(platform: Platform, { id, outputs_path: path }: ExperimentBody, file: string): Promise<string> {
  await until(`experiment ${id} has written ${file}`, () => platform.output(`${path}/${file}`) !== null, 30_000);
  return platform.output(`${path}/${file}`) ?? '';
}

export async function statuses(platform: Platform, id: number): Promise<StatusBody[]> {
  return (await platform.api('GET', `${project}/experiments/${id}/statuses?limit=100`)).body.results as StatusBody[];
}

/** Types of its events, in order. */
export async function history(platform: Platform, id: number): Promise<string[]> {
  return ((await platform.api('GET', `${project}/experiments/${id}/history`)).body as { type: string }[]).map(({ type }) => type);
}

export async function eventCount(platform: Platform): Promise<number> {
  const [{ count }] = (await platform.rows<{ count: number }>('SELECT count(*)::int AS count FROM event_store.messages')) as [{ count: number }];
  return count;
}
