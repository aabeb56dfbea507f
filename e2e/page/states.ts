// Is the whole story done without a mouse, and can everybody use each screen also when there is nothing on it, or something is wrong?
import { until } from '#testing';
import { created, polyaxonfile, project, run } from '../asking.ts';
import type { Platform } from '../platform.ts';
import type { PageUnderTest } from './browser.ts';

/** `seen`: a run with all there may be. */
export function bearsEveryState(seen: number, program: string, given: () => { readonly platform: Platform; readonly browser: PageUnderTest }): void {
  const runs = `/app/${project}`;
  const runPage = (id: number) => `${runs}/experiments/${id}`;
  const tabs = ['charts', 'history', 'logs', 'outputs', 'checkpoints', 'lineage', 'spec'];
  const allOfItIsThere = async () => {
    const { page } = given().browser;
    await page.locator('main').waitFor();
    await until('all of it is there', async () => (await page.locator('.waiting').count()) === 0 || null);
  };

  it('run, stop, resume, restart and copy with nothing but the keyboard', async () => {
    const { platform, browser } = given();
    const { keyboard } = browser.page;
    await platform.api('POST', 'projects', { name: 'keys' });
    const at = (id: number) => `/app/root/keys/experiments/${id}`;
    const act = async (key: string, button: string) => {
      await keyboard.press(key);
      await browser.reach(button);
      await keyboard.press('Enter');
    };
    const isAtNext = async (after: number): Promise<number> => {
      await browser.page.waitForURL((url) => /\/experiments\/\d+$/.test(url.pathname) && !url.pathname.endsWith(`/${after}`));
      const id = Number(browser.page.url().split('/').at(-1));
      await platform.status(id, 'running');
      return id;
    };
    const stopHere = async (id: number) => {
      await act('s', `Stop #${id}`);
      await browser.page.locator('dialog[open]').waitFor({ state: 'detached' }); // as long as it is open, keys are its own
      await browser.sees(/Its work is safe: a resume goes on from step 40/);
    };
    const saved = async (id: number) => until('it has saved', async () => (await platform.api('GET', `root/keys/experiments/${id}/checkpoints`)).body.next ?? null);

    const { id: first } = await created(platform.api('POST', 'root/keys/experiments', { content: polyaxonfile(program) }));
    await platform.status(first, 'running');
    await saved(first);
    await browser.goto('/app/root/keys');
    await browser.page.getByRole('row', { name: new RegExp(`^Select ${first} `) }).waitFor();
    await keyboard.press('j');
    await keyboard.press('Enter');
    await browser.page.waitForURL(`**${at(first)}`);
    await browser.sees(/If it stopped now, a resume would go on from step 40/);
    await stopHere(first);
    await act('r', `Resume #${first}`);
    const second = await isAtNext(first);
    await browser.sees(/If it stopped now/);
    await stopHere(second);
    await act('t', `Restart #${second}`);
    const third = await isAtNext(second);
    await saved(third);
    await browser.sees(/If it stopped now/);
    await stopHere(third);
    await act('y', `Copy #${third}`);
    const fourth = await isAtNext(third);
    const strategies = await Promise.all([second, third, fourth].map(async (id) => (await platform.experiment(id)).cloning_strategy));
    expect(strategies).toEqual(['resume', 'restart', 'copy']);
    await platform.api('POST', `root/keys/experiments/${fourth}/stop`);
  });

  it('resume by mouse', async () => {
    const { platform, browser } = given();
    await browser.goto(runPage(seen));
    await browser.page.getByRole('link', { name: /^Resume/ }).first().click();
    await browser.page.getByRole('button', { name: `Resume #${seen}` }).click();
    await browser.page.waitForURL((url) => /\/experiments\/\d+$/.test(url.pathname) && !url.pathname.endsWith(`/${seen}`));
    const id = Number(browser.page.url().split('/').at(-1));
    expect(await platform.status(id, 'running')).toMatchObject({ cloning_strategy: 'resume' });
    await platform.api('POST', `${project}/experiments/${id}/stop`);
  });

  it('every screen when there is nothing on it', async () => {
    const { platform, browser } = given();
    await platform.api('POST', 'projects', { name: 'bare' });
    const { body } = await platform.api('POST', 'root/bare/experiments', { is_managed: false });
    const bare = `/app/root/bare/experiments/${String(body.id)}`;
    for (const path of ['/app/root/nothing', '/app/root/nothing/groups', bare, ...tabs.map((tab) => `${bare}/${tab}`)]) {
      await browser.goto(path);
      await allOfItIsThere();
      await browser.audit(`${path}, nothing there`);
    }
  });

  it('every sheet and screen that nobody has looked at yet', async () => {
    const { platform, browser } = given();
    await platform.done(seen);
    for (const [path, shows] of [
      ['/app/root', /^verbs/], [`${runPage(seen)}?do=restart`, 'none: it runs the same'], [`${runPage(seen)}?do=copy`, /^To copy/], [`${runPage(seen)}?do=stop`, /There is nothing to stop/],
      [`${runs}?fold=0&selected=1,${seen}&do=resume`, /Of what you chose/], [`${runs}?fold=0&selected=1,${seen}&do=stop`, /Not done:/], [`${runs}/groups/999`, /999/],
      ['/app/nobody', 'Projects of nobody'], [`${runPage(seen)}/nonsense`, 'There is nothing at this address'],
    ] as const) {
      await browser.goto(path);
      await allOfItIsThere();
      await browser.sees(shows);
      await browser.audit(path);
    }
    await browser.goto(runs);
    await allOfItIsThere();
    await browser.page.keyboard.press('?');
    await browser.page.getByRole('heading', { name: 'Keys' }).waitFor();
    await browser.audit('keys');
  });

  it('every screen while what it asks for can not be had', async () => {
    const { platform, browser } = given();
    const { id: live } = await run(platform, 'exec sleep 600');
    await platform.status(live, 'running');
    const groups = (await platform.api('GET', `${project}/groups`)).body as { results?: { id: number }[] };
    const group = groups.results?.[0]?.id ?? 1;
    const answers = new RegExp(`/api/v1/(users|events|${project}/experiments/\\d+)$`);
    const problem = { code: 'internal-error', title: 'Internal error', status: 500, detail: 'What is needed for this is broken <b>now</b>.', requestId: 'r-1' };
    await browser.page.route('**/api/v1/**', async (route) => {
      if (answers.test(new URL(route.request().url()).pathname)) await route.continue();
      else await route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(problem) });
    });
    const plans = [...['resume', 'restart', 'copy'].map((verb) => `${runPage(seen)}?do=${verb}`), `${runs}?fold=0&selected=1,${seen}&do=resume`];
    for (const path of ['/app', '/app/root', runs, `${runs}/groups`, `${runs}/groups/${group}`, '/app/copies', `/app/compare?ids=1,${seen}`, '/app/fleet', ...tabs.map((tab) => `${runPage(seen)}/${tab}`), ...plans]) {
      await browser.goto(path);
      await allOfItIsThere();
      if (!path.endsWith('/spec')) await browser.sees('What is needed for this is broken <b>now</b>.'); // the run itself has all of it
      await browser.audit(`${path}, broken`);
    }

    await browser.goto(`${runPage(live)}?do=stop`);
    await browser.page.getByRole('button', { name: `Stop #${live}`, exact: true }).click();
    await browser.sees('What is needed for this is broken <b>now</b>.');
    await browser.audit('a stop that fails');
    await browser.page.context().clearCookies();
    await browser.goto('/app/token');
    await browser.page.getByLabel('Name').fill('root');
    await browser.page.getByLabel('Password').fill('a password');
    await browser.page.getByRole('button', { name: 'Log in' }).click();
    await browser.sees('What is needed for this is broken <b>now</b>.');
    await browser.audit('a login that fails');
    await browser.page.unroute('**/api/v1/**');
    await browser.logIn({ token: platform.authorization.authorization.replace('Token ', '') });
    await platform.api('POST', `${project}/experiments/${live}/stop`);
  });
}
