// Can somebody do with the web page what they do in a terminal, by mouse and by keyboard, and is it as safe as it looks?
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '#testing';
import { missingChromium } from '../tools/stack/chromium/provide.ts';
import { project, run, statuses, written } from './asking.ts';
import { bearsBadInput } from './page/bad-input.ts';
import { PageUnderTest } from './page/browser.ts';
import { curves } from './page/curves.ts';
import { listsOf } from './page/lists.ts';
import { seesTheFleet } from './page/fleet.ts';
import { goesBackInHistory } from './page/history.ts';
import { seesNow } from './page/now.ts';
import { bearsEveryState } from './page/states.ts';
import { sharesOneStream } from './page/tabs.ts';
import { Platform } from './platform.ts';

const missing = process.env.CI ? undefined : missingChromium();
const runs = `/app/${project}`;
const runPage = (id: number) => `${runs}/experiments/${id}`;
/** A checkpoint as Keras leaves it, something in colour, and then it waits. It appears whole: a resume writes it again, and may be stopped in the middle of that. */
const save = `import os, zipfile
path = os.environ['POLYAXON_RUN_OUTPUTS_PATH'] + '/weights-40.keras'
with zipfile.ZipFile(path + '.part', 'w') as saved:
    saved.writestr('model.weights.json', '{}')
os.replace(path + '.part', path)`;
const train = `python3 -c "${save}"; printf '\\033[32mgreen\\033[0m <b>bold</b>\\n10%%\\r20%%\\rdone\\n'; exec sleep 600`;

let platform: Platform;
let browser: PageUnderTest;

(missing ? describe.skip : describe)(missing ?? 'the web page', () => {
  beforeAll(async () => {
    platform = await Platform.start({ POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '4' });
    await platform.api('POST', 'projects', { name: 'verbs' });
    await platform.api('POST', 'projects', { name: 'nothing' });
    browser = await PageUnderTest.open(platform);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await platform?.remove();
  }, 60_000);

  const click = (name: string | RegExp, role: 'button' | 'link' = 'button') => browser.page.getByRole(role, { name }).first().click();
  const isAt = async (id: number) => {
    await browser.page.waitForURL(`**${runPage(id)}`);
    await browser.page.getByRole('heading', { name: `#${id}` }).waitFor();
  };

  it('whoever is not logged in logs in, and is where they wanted to be', async () => {
    await browser.goto(`${runs}?q=status%3A+running`);
    await browser.page.waitForURL('**/app/token?next=*');
    await browser.page.getByLabel('Name').waitFor();
    await browser.audit('login');
    await browser.page.getByLabel('Name').fill('root');
    await browser.page.getByLabel('Password').fill('not the password');
    await click('Log in');
    await browser.sees('the user name or the password is wrong');
    await browser.audit('login refused');
    await browser.page.getByLabel('Password').fill(readFileSync(join(platform.home, 'admin-password'), 'utf8').trim());
    await click('Log in');
    await browser.page.waitForURL(`**${runs}?q=status%3A+running`);
    await browser.sees('No run matches');
    await browser.audit('runs, none found');
  });

  it('a run that somebody starts elsewhere is there by itself', async () => {
    await browser.goto(runs);
    await browser.sees('Nothing was run here yet');
    const { id } = await run(platform, train, { params: { lr: 0.1 } });
    expect(id).toBe(1);
    await browser.page.getByRole('row', { name: /^Select 1 1 running/ }).waitFor();
    await browser.audit('runs');
    await browser.goto(`${runs}?q=statu: x&columns=status,params.lr`);
    await browser.sees(/there is no field "statu", did you mean status/);
    await browser.audit('runs, search refused');
  });

  it('it is stopped by mouse, after the page has said what that costs', async () => {
    await written(platform, await platform.experiment(1), 'weights-40.keras');
    await browser.goto(runs);
    await click('1', 'link');
    await browser.sees(/If it stopped now, a resume would go on from step 40/);
    await click(/^Stop/, 'link');
    await browser.audit('stop');
    await click('Stop #1');
    await browser.sees(/Its work is safe: a resume goes on from step 40/);
    expect((await statuses(platform, 1)).at(-1)?.status).toBe('stopped');
    await browser.audit('run that was stopped');
  });

  it('it is resumed with nothing but the keyboard', async () => {
    const { keyboard } = browser.page;
    await keyboard.press('r');
    await browser.page.getByRole('dialog').getByText(/shared with #1/).waitFor();
    await browser.audit('resume');
    await browser.reach('Resume #1');
    await keyboard.press('Enter');
    await isAt(2);
    await browser.page.getByText(/^resume of/).waitFor();
    expect(await platform.status(2, 'running')).toMatchObject({ cloning_strategy: 'resume', outputs_path: `${project}/experiments/1` });
  });

  it('a resume that is refused says why, and its way out leads there', async () => {
    await browser.goto(`${runPage(2)}?do=resume`);
    await browser.sees('Refused.');
    await browser.page.getByText('polyaxon experiment -xp 2 stop').waitFor();
    await browser.audit('resume refused');
    await click(/^Stop #2/, 'link');
    await click('Stop #2');
    await browser.sees(/Its work is safe/);
  });

  it('a restart and a copy show what will be different, and do just that', async () => {
    await click(/^Restart/, 'link');
    await browser.page.getByLabel('What is different').fill('params: {lr: 0.5}');
    await browser.page.getByText('+ params.lr: 0.5').waitFor();
    await browser.page.getByText('The same in a terminal').click();
    await browser.page.getByText(`polyaxon experiment -p ${project} -xp 2 restart -f override.yml`).waitFor();
    await click('Restart #2');
    await isAt(3);
    expect(await platform.experiment(3)).toMatchObject({ cloning_strategy: 'restart', params: { lr: 0.5 }, outputs_path: `${project}/experiments/3` });
    await browser.goto(`${runPage(2)}?do=copy`);
    await browser.page.getByText(/^To copy/).waitFor();
    await click('Copy #2');
    await isAt(4);
    expect(await platform.status(4, 'running')).toMatchObject({ cloning_strategy: 'copy', source_id: 2 });
  });

  it('what it printed is there line by line, in colour, and only as text', async () => {
    await browser.goto(`${runPage(1)}/logs#L2`);
    await browser.page.locator('.line.is-marked', { hasText: 'done' }).waitFor();
    await browser.page.locator('.ansi-green', { hasText: 'green' }).waitFor();
    await browser.sees('<b>bold</b>');
    await browser.audit('logs');
  });

  it.each(['history', 'outputs', 'checkpoints', 'spec'])('%s', async (tab) => {
    await browser.goto(`${runPage(1)}/${tab}`);
    await browser.page.locator('.tabs [aria-current=page]').waitFor();
    await until('all of it is there', async () => (await browser.page.locator('.waiting').count()) === 0 || null);
    await browser.audit(tab);
  });

  it('what is not there says so, and leads on', async () => {
    await browser.goto(runPage(999));
    await browser.sees(/999/);
    await browser.audit('not there');
  });

  it('the gateway goes away and comes back: what was there stays, and what happened meanwhile is there once', async () => {
    await browser.goto(`${runs}?fold=0`);
    await browser.page.getByRole('row', { name: /^Select 4 4 running/ }).waitFor();
    await platform.kill('api-gateway');
    await browser.sees(/The platform does not answer/);
    await browser.page.getByRole('row', { name: /^Select 4 4 running/ }).waitFor();
    await until('a run is accepted', async () => (await platform.api('POST', `${project}/experiments`, { is_managed: false }).catch(() => null))?.status === 201 || null, 60_000);
    await browser.page.getByRole('row', { name: /^Select 5 / }).waitFor({ timeout: 30_000 });
    expect(await browser.page.getByRole('row', { name: /^Select \d+ / }).count()).toBe(5);
    await browser.page.getByText('live', { exact: true }).waitFor();
  });

  listsOf(() => ({ platform, browser }));

  it('a session that is over leads back to this very place', async () => {
    await browser.page.context().clearCookies();
    await browser.goto(`${runPage(4)}/checkpoints`);
    await browser.page.waitForURL(`**/app/token?next=${encodeURIComponent(`${runPage(4)}/checkpoints`)}`);
    await click('Use a token');
    await browser.page.getByLabel('Token').fill(platform.authorization.authorization.replace('Token ', ''));
    await click('Log in');
    await browser.page.waitForURL(`**${runPage(4)}/checkpoints`);
  });

  curves(() => ({ platform, browser }));
  seesTheFleet(() => ({ platform, browser }));
  seesNow(() => ({ platform, browser }));
  sharesOneStream(() => ({ platform, browser }));
  goesBackInHistory(2, () => ({ platform, browser }));
  bearsBadInput(2, () => ({ platform, browser }));
  bearsEveryState(2, train, () => ({ platform, browser }));

  it('everybody can read it, nothing went to anybody else, nothing had to be forbidden, nothing was thrown', () => expect(browser.faults).toEqual([]));
});
