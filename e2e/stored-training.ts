// Which training saves as frameworks do, and what must be true of it wherever its outputs live?
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentBody } from '#contracts';
import { until } from '#testing';
import { clone, project, run, statuses, stop } from './asking.ts';
import type { Platform } from './platform.ts';

/** Saves as frameworks do, a checkpoint and then what names it, and keeps two; `POLYAXON_PARAMS` says how many steps. */
const training = `
import json, os, time
folder = os.environ['POLYAXON_RUN_OUTPUTS_PATH']
def write(name, content):
    with open(os.path.join(folder, name + '.part'), 'wb') as file:
        file.write(content)
    time.sleep(0.02)
    os.replace(os.path.join(folder, name + '.part'), os.path.join(folder, name))
try:
    step = int(open(os.path.join(folder, 'latest')).read())
    assert open(os.path.join(folder, 'model-%d' % step)).read() == 'weights of %d' % step
except FileNotFoundError:
    step = 0
print('starts at', step, flush=True)
last = step + json.loads(os.environ['POLYAXON_PARAMS'])['steps']
while step < last:
    step += 1
    write('model-%d' % step, b'weights of %d' % step)
    write('latest', b'%d' % step)
    if step > 2:
        os.remove(os.path.join(folder, 'model-%d' % (step - 2)))
    time.sleep(0.05)
print('trained to', step, flush=True)
`;
export const command = `python3 -c "$TRAINING"`;
export const spec = (steps: number, image = 'python') => ({ params: { steps }, build: { image, env_vars: [['TRAINING', training]] } });

export const file = async (platform: Platform, { id }: ExperimentBody, path: string): Promise<string | null> => {
  const { status, text } = await platform.api('GET', `${project}/experiments/${id}/outputs/files?path=${path}`);
  return status === 200 ? text : null;
};
export const latest = async (platform: Platform, experiment: ExperimentBody): Promise<number> => Number(await file(platform, experiment, 'latest'));
export const stepsInStore = (platform: Platform, experiment: ExperimentBody, atLeast: number, withinMs = 60_000): Promise<number> =>
  until(`the store has step ${atLeast} of ${experiment.id}`, async () => {
    const step = await latest(platform, experiment);
    return step >= atLeast ? step : null;
  }, withinMs);
export const startOf = (log: string): number => Number(/starts at (\d+)/.exec(log)?.[1]);

/** As the page on save, resume and restart tells it. */
export function story(platform: () => Platform, image?: string): void {
  let stopped: ExperimentBody;

  it('a run whose outputs live there is stopped, and has lost nothing that it had saved', async () => {
    const first = await run(platform(), command, spec(100_000, image));
    await stepsInStore(platform(), first, 3);
    stopped = await stop(platform(), first.id);
    expect(stopped.last_status).toBe('stopped');
    const step = await latest(platform(), stopped);
    expect(await file(platform(), stopped, `model-${step}`)).toBe(`weights of ${step}`);
    expect(readdirSync(join(platform().home, 'working'), { recursive: true }).filter((name) => String(name).includes('model'))).toEqual([]); // nothing is left on the machine
  }, 120_000);

  it('a resume goes on from there, in the same outputs', async () => {
    const step = await latest(platform(), stopped);
    const resumed = await clone(platform(), 'resume', stopped.id, { params: { steps: 5 } });
    expect((await platform().done(resumed.id)).last_status).toBe('succeeded');
    expect(startOf(platform().log(resumed))).toBe(step);
    expect(await latest(platform(), stopped)).toBe(step + 5);
    expect(await file(platform(), resumed, `model-${step + 5}`)).toBe(`weights of ${step + 5}`);
    expect(await file(platform(), resumed, `model-${step}`)).toBeNull(); // it was rotated away
    stopped = resumed;
  }, 120_000);

  it('a restart begins with nothing, a copy with a copy', async () => {
    const step = await latest(platform(), stopped);
    const restarted = await clone(platform(), 'restart', stopped.id, { params: { steps: 2 } });
    const copied = await clone(platform(), 'copy', stopped.id, { params: { steps: 3 } });
    expect((await platform().done(restarted.id)).last_status).toBe('succeeded');
    expect((await platform().done(copied.id)).last_status).toBe('succeeded');
    expect(startOf(platform().log(restarted))).toBe(0);
    expect(startOf(platform().log(copied))).toBe(step);
    expect([await latest(platform(), stopped), await latest(platform(), restarted), await latest(platform(), copied)]).toEqual([step, 2, step + 3]);
    expect((await statuses(platform(), copied.id)).map(({ status }) => status)).toEqual(expect.arrayContaining(['created', 'copying', 'starting', 'running', 'succeeded']));
  }, 120_000);
}
