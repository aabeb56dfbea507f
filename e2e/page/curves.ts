// Does the page show a chain as one curve, with what was done again?
import type { CopyBody, SeriesBody } from '#contracts';
import { until } from '#testing';
import { clone, project, run, stop } from '../asking.ts';
import type { Platform } from '../platform.ts';
import type { PageUnderTest } from './browser.ts';

/** Saves at step 40 alone, as Keras does, and reports twenty steps more; what goes on from there does them again. */
const train = `import glob, os, time, zipfile
from polyaxon_client.tracking import log_checkpoint_loaded, log_metrics
saved = os.environ['POLYAXON_RUN_OUTPUTS_PATH'] + '/weights-40.keras'
start = 40 if os.path.exists(saved) else 0
if start: log_checkpoint_loaded('weights-40.keras', step=40)
for step in range(start + 1, start + 61):
    log_metrics(step=step, loss=float('nan') if step == 55 and start else 1.0 / step)
    if step == 40:
        with zipfile.ZipFile(saved, 'w') as archive:
            archive.writestr('model.weights.json', '...')
time.sleep(600)`;

/** Of a platform and a browser that are there, and are somebody's who is logged in. */
export function curves(there: () => { readonly platform: Platform; readonly browser: PageUnderTest }): void {
  let [original, resume] = [0, 0];
  const at = (id: number, tab: string) => `/app/${project}/experiments/${id}/${tab}`;
  const reported = (id: number, step: number) =>
    until(`experiment ${id} has reported step ${step}`, async () => {
      const body = (await there().platform.api('GET', `${project}/experiments/${id}/series`)).body as SeriesBody;
      return body.attempts.some((attempt) => attempt.experiment_id === id && attempt.last_step === step) ? body : null;
    }, 60_000);

  it('a run without metrics says how they are reported', async () => {
    const { platform, browser } = there();
    const { id } = await run(platform, 'true');
    await platform.done(id);
    await browser.goto(at(id, 'charts'));
    await browser.sees(/log_metrics\(step=step, loss=loss\)/);
    await browser.audit('charts, none');
    await browser.goto(at(id, 'checkpoints'));
    await browser.sees(/Nothing that the platform knows was saved/);
    await browser.sees(/torch\.save/);
    await browser.audit('checkpoints, none');
  });

  it('a run and its resume are one curve; what was done again is counted, and said in words', async () => {
    const { platform, browser } = there();
    original = (await run(platform, `python3 -c "${train}"`)).id;
    await reported(original, 60);
    await stop(platform, original);
    resume = (await clone(platform, 'resume', original, { params: { lr: 0.5 } })).id;
    expect(await reported(resume, 100)).toMatchObject({ lost_steps: 20, attempts: [{ kept_until: 40 }, { went_on_from: 40, went_on_by: 'checkpoint' }] });
    await browser.goto(at(resume, 'charts'));
    await browser.sees(/2 attempts of 2 runs in one line: 20 steps and .* were done again/);
    await browser.sees(new RegExp(`#${original} stopped by root`));
    await browser.sees(/went on from step 40 \(weights-40\.keras, which its program has read\)/);
    await browser.page.locator('.plot-canvas canvas').first().waitFor();
    await browser.page.getByText('As a table').first().click();
    await browser.page.getByRole('cell', { name: 'no, it was done again' }).first().waitFor();
    await browser.audit('charts');
  });

  it('the curve is read, and looked at closer, with nothing but the keyboard; the address keeps the part', async () => {
    const { page } = there().browser;
    await page.getByRole('img', { name: /^loss: last/ }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText(/^1 · loss 1$/).waitFor();
    await page.getByRole('button', { name: 'Closer' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/zoom=/);
    await page.getByRole('link', { name: 'Work paid for' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/x=work/);
    expect(new URL(page.url()).searchParams.has('zoom')).toBe(false);
  });

  it('its checkpoints lie on a line; they are pinned there, and a resume begins from the one that is chosen', async () => {
    const { platform, browser } = there();
    const { page } = browser;
    await browser.goto(at(resume, 'checkpoints'));
    await browser.sees(/^1 checkpoint\. If it were killed now, .* of work would be lost/);
    await page.getByRole('img', { name: /^Saves over time: step 40, whole/ }).waitFor();
    await browser.sees(/^In use by/);
    await page.getByRole('button', { name: 'Pin', exact: true }).click();
    await browser.sees('Pinned: no rule deletes its outputs.');
    expect((await platform.experiment(resume)).is_pinned).toBe(true);
    await browser.audit('checkpoints, timeline');
    await page.getByRole('link', { name: 'Copy up to weights-40.keras' }).click();
    await page.getByRole('dialog').getByText(/^To copy/).waitFor();
    expect(await page.getByRole('dialog').getByRole('combobox').inputValue()).toBe('weights-40.keras');
  });

  it('a copy that runs is told with how far it is, and one that ended with what it holds', async () => {
    const { platform, browser } = there();
    await browser.goto('/app/copies');
    const { id } = await clone(platform, 'copy', resume, { run: { cmd: 'true' } });
    await browser.page.getByRole('row', { name: new RegExp(`^#${id} of root in root/verbs #${resume} copied \\d+ files?, .* in`) }).waitFor();
    await browser.audit('copies');
    await browser.page.getByRole('link', { name: `#${id}`, exact: false }).first().click();
    await browser.page.waitForURL(`**/experiments/${id}`);
  });

  it('whatever a copy does, it says so', async () => {
    const { browser } = there();
    const at = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1000).toISOString();
    const running: CopyBody = {
      experiment_id: 90,
      name: null,
      project: 'root.verbs',
      started_by: 'root',
      source_id: original,
      outputs_path: 'x',
      phase: 'copying',
      asked_at: at(200),
      ended_at: null,
      progressed_at: at(1),
      files: null,
      size_bytes: null,
      tries: 0,
      problem: null,
      progress: { files_done: 1, files: 4, bytes_done: 25, bytes: 100, bytes_per_second: 10_000, seconds_left: 8 },
    };
    const still: CopyBody = { ...running, experiment_id: 91, progressed_at: at(150), tries: 1, problem: 'the store does not answer' };
    const failed: CopyBody = { ...running, experiment_id: 92, phase: 'failed', progress: null, ended_at: at(20), problem: 'no space is left' };
    await browser.page.route('**/api/v1/copies', (route) => route.fulfill({ json: [running, still, failed] }));
    await browser.goto('/app/copies');
    await browser.sees('2 copies running');
    await browser.page.getByRole('row', { name: /^#90 .* copying .*25% 1 of 4 25 B of 100 B 10 kB\/s, about 8 s left/ }).waitFor();
    await browser.sees(/nothing has come for 2 min .*: the store does not answer/);
    await browser.sees('no space is left');
    await browser.audit('copies, running and failed');
    await browser.page.unroute('**/api/v1/copies');
    await browser.page.route('**/api/v1/copies', (route) => route.fulfill({ json: [] }));
    await browser.goto('/app/copies');
    await browser.sees(/^Nothing was copied in the last 24 hours/);
    await browser.audit('copies, none');
    await browser.page.unroute('**/api/v1/copies');
  });

  it('the family is a picture, and a list; both lead to its runs', async () => {
    const { browser } = there();
    const { page } = browser;
    await browser.goto(at(original, 'lineage'));
    await browser.sees('3 runs with 2 outputs paths: 1 resume, 1 copy.');
    await page.locator('.lineage-box').getByRole('link', { name: `#${resume}` }).waitFor();
    await browser.audit('lineage, picture');
    await page.getByRole('link', { name: 'List' }).click();
    await page.getByText(`resume of #${original}`).waitFor();
    await page.getByText('As Mermaid text').click();
    await browser.sees(new RegExp(`e${original} -->\\|resume\\| e${resume}`));
    await browser.audit('lineage, list');
    await page.getByRole('link', { name: `#${resume}` }).last().click();
    await page.waitForURL(`**${at(resume, 'lineage')}`);
  });

  it('what differs between two runs comes first, and nothing is blank; one that isn’t there is told beside the others', async () => {
    const { browser } = there();
    await browser.goto(`/app/compare?ids=${original}`);
    await browser.sees(/One run alone differs from nothing/);
    await browser.page.getByLabel('Add run').fill(String(resume));
    await browser.page.keyboard.press('Enter');
    await browser.page.getByRole('row', { name: 'Params lr not set 0.5' }).waitFor();
    await browser.page.getByRole('row', { name: /^Metrics loss, lowest 0\.016667 at 60 0\.01 at 100$/ }).waitFor();
    await browser.sees(/Both have one outputs path/);
    await browser.page.locator('.plot-canvas canvas').first().waitFor();
    await browser.audit('compare');
    await browser.goto(`/app/compare?ids=${original},${resume},999`);
    await browser.sees(/there is no experiment 999/);
    await browser.page.getByRole('row', { name: 'Params lr not set 0.5' }).waitFor();
    await browser.audit('compare, one is not there');
    await browser.goto('/app/compare');
    await browser.sees(/Name two runs by their numbers/);
    await browser.audit('compare, nothing');
  });
}
