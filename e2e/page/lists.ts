// Does the page find any line of a log, do something with several runs at once, and show a search as a whole?
import type { ExperimentBody, GroupBody, Page } from '#contracts';
import { until } from '#testing';
import { project } from '../asking.ts';
import type { Platform } from '../platform.ts';
import type { PageUnderTest } from './browser.ts';

interface Stage {
  readonly platform: Platform;
  readonly browser: PageUnderTest;
}

const talkative = `python3 -c "
for line in range(1, 20001): print('line %d%s' % (line, ' needle' if line % 5000 == 0 else ''), flush=line == 20000)"; exec sleep 600`;
const search = {
  version: 1, kind: 'group', hptuning: { concurrency: 3, matrix: { lr: { values: [0.1, 0.01, 0.001] } } },
  run: { cmd: 'python3 -c "from polyaxon_client.tracking import Experiment; Experiment().log_metrics(loss={{ lr }} * 2)"' },
};

/** On the platform and in the browser of the story around it. */
export function listsOf(stage: () => Stage): void {
  const runPage = (id: number) => `/app/${project}/experiments/${id}`;
  const page = () => stage().browser.page;
  const made = async (content: object): Promise<number> => ((await stage().platform.api('POST', `${project}/experiments`, { content: JSON.stringify(content) })).body as ExperimentBody).id;
  let ids: number[] = [];

  it('a log is searched as a whole, and each hit is a key away', async () => {
    const { platform, browser } = stage();
    await Promise.all([1, 2, 3, 4].map((id) => platform.api('POST', `${project}/experiments/${id}/stop`)));
    const id = await made({ version: 1, kind: 'experiment', run: { cmd: talkative } });
    await platform.status(id, 'running');
    await until('it has printed all', async () => ((await platform.api('GET', `${project}/experiments/${id}/logs/lines`)).body as { lines: number }).lines === 20_000 || null);
    await browser.goto(`${runPage(id)}/logs`);
    await browser.sees('20,000 lines until now');
    await page().getByLabel('Search the log').fill('NEEDLE');
    await page().keyboard.press('Enter');
    await browser.sees('1 of 4 lines');
    await page().locator('.line.is-marked.is-hit', { hasText: 'line 5000 needle' }).waitFor();
    await page().getByRole('region', { name: 'Console output' }).focus();
    await page().keyboard.press('N');
    await page().locator('.line.is-marked', { hasText: 'line 20000 needle' }).waitFor();
    await page().waitForURL('**#L20000');
    await browser.audit('log, searched');
    await page().getByLabel('expression').check();
    await page().getByLabel('Search the log').fill('(');
    await page().keyboard.press('Enter');
    await browser.sees(/no regular expression/);
    await browser.audit('log, search refused');
    await platform.api('POST', `${project}/experiments/${id}/stop`);
    await browser.goto(`${runPage(id)}/logs?wrap=1#L10-L20`);
    await browser.sees('Copy lines 10–20');
    expect(await page().locator('.line.is-marked').count()).toBe(11);
    await browser.sees('complete, 20,000 lines');
    await browser.audit('log, wrapped');
  });

  it('runs are chosen by keyboard, and what happens to each is said before it does', async () => {
    const { platform, browser } = stage();
    const { results } = (await platform.api('GET', `${project}/experiments?query=status: stopped`)).body as Page<ExperimentBody>;
    ids = results.slice(0, 2).map(({ id }) => id);
    const live = await made({ version: 1, kind: 'experiment', run: { cmd: 'exec sleep 600' } });
    await browser.goto(`/app/${project}?fold=0`);
    await page().getByRole('row', { name: new RegExp(` ${live} running`) }).waitFor();
    await page().keyboard.press('j');
    await page().keyboard.press('x');
    await browser.sees('1 run chosen');
    for (const id of ids) await page().getByLabel(`Select ${id}`, { exact: true }).check();
    await browser.sees('3 runs chosen');
    await browser.audit('runs, chosen');
    await page().getByRole('link', { name: /^Stop/ }).click();
    await browser.sees('Of what you chose: 1 of 3 runs.');
    await browser.sees(/it has ended already: stopped/);
    await browser.audit('joint plan');
    await page().getByRole('button', { name: 'Stop 1 run' }).click();
    await browser.sees('it was asked to stop');
    await platform.status(live, 'stopped');
    await page().getByRole('button', { name: 'Close, and choose none' }).click();
    await page().getByRole('dialog').waitFor({ state: 'detached' });
    expect(new URL(page().url()).searchParams.has('selected')).toBe(false);
  });

  it('the list goes on by itself where it is scrolled to its end, and with the keyboard; the address keeps how far', async () => {
    const { platform, browser } = stage();
    await platform.api('POST', 'projects', { name: 'long' });
    for (let batch = 0; batch < 12; batch += 1) await Promise.all(Array.from({ length: 10 }, () => platform.api('POST', 'root/long/experiments', { is_managed: false })));
    const listed = async () => (await page().locator('.run-link').allTextContents()).map(Number);
    const all = (count: number) => until(`${count} are there`, async () => ((await listed()).length === count ? listed() : null));
    await browser.goto('/app/root/long');
    const [newest = 0] = await all(50);
    await browser.audit('runs, more behind');
    await page().mouse.wheel(0, 100_000);
    await all(100);
    expect(new URL(page().url()).searchParams.get('more')).toBe('1');
    await page().reload();
    await all(100);
    await page().locator('.run-link').last().focus();
    await page().keyboard.press('j');
    expect(await all(120)).toEqual(Array.from({ length: 120 }, (_, place) => newest - place));
    await browser.sees('1–120 of 120');
    expect(await page().getByRole('button', { name: 'Show 50 more' }).count()).toBe(0);
    await page().evaluate('document.activeElement.blur()'); // else nothing would move under whoever reads
    const { body } = await platform.api('POST', 'root/long/experiments', { is_managed: false });
    await page().getByRole('link', { name: String(body.id), exact: true }).waitFor();
    await until('each is there once', async () => JSON.stringify(await listed()) === JSON.stringify(Array.from({ length: 121 }, (_, place) => newest + 1 - place)) || null);
    await browser.audit('runs, loaded on');
  });

  it('several are restarted with one plan', async () => {
    const { platform, browser } = stage();
    await browser.goto(`/app/${project}?fold=0&selected=${ids.join(',')}&do=restart`);
    await page().getByRole('button', { name: 'Restart 2 runs' }).click();
    await until('both are made', async () => (await page().locator('.outcome.is-done').count()) === 2 || null);
    const { results } = (await platform.api('GET', `${project}/experiments?query=cloning_strategy: restart&limit=2`)).body as Page<ExperimentBody>;
    expect(results.map(({ source_id: source }) => source).sort()).toEqual([...ids].sort());
    await Promise.all(results.map(({ id }) => platform.api('POST', `${project}/experiments/${id}/stop`)));
  });

  it('a chain is one row, which folds out', async () => {
    const { browser } = stage();
    await browser.goto(`/app/${project}`);
    await page().getByRole('button', { name: 'Runs of the chain of 1' }).click();
    await page().locator('tr.is-older', { hasText: 'stopped' }).first().waitFor();
    await browser.audit('runs, folded');
  });

  it('a group shows its search: the best, the way there, and each member', async () => {
    const { platform, browser } = stage();
    const group = ((await platform.api('POST', `${project}/groups`, { content: JSON.stringify(search) })).body as GroupBody).id;
    await until('the search is over', async () => ((await platform.api('GET', `${project}/groups/${group}`)).body as GroupBody).last_status === 'done' || null, 60_000);
    await browser.goto(`/app/${project}/groups`);
    await page().getByRole('link', { name: String(group), exact: true }).first().click();
    await browser.sees(/^Best so far/);
    await page().getByRole('img', { name: /3 of 3 members have loss\. The best, #\d+, has 0\.002 with lr 0\.001/ }).waitFor();
    expect(await page().locator('.parallel polyline').count()).toBe(3);
    await browser.audit('group');
    await browser.goto(`/app/${project}/groups/${group}?do=resume`);
    await browser.sees(/every member of group \d+ has succeeded/);
    await browser.audit('group, resume refused');
    await browser.goto(`/app/${project}/groups`);
    await browser.sees('3 succeeded');
    await browser.audit('groups');
  });
}
