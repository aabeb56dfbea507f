// What does somebody see when the platform is away, a login is over, something isn't theirs, or the world has moved on?
import { until } from '#testing';
import { project, run } from '../asking.ts';
import type { Platform } from '../platform.ts';
import type { PageUnderTest } from './browser.ts';

/** `stopped`: a run that has ended and can be resumed. */
export function bearsBadInput(stopped: number, given: () => { readonly platform: Platform; readonly browser: PageUnderTest }): void {
  const runPage = (id: number) => `/app/${project}/experiments/${id}`;
  /** Runs until the last of these that needs it: slots are few. */
  let live = 0;
  const token = () => given().platform.authorization.authorization.replace('Token ', '');
  const logInHere = async () => {
    const { browser } = given();
    await browser.page.getByRole('button', { name: 'Use a token' }).click();
    await browser.page.getByLabel('Token').fill(token());
    await browser.page.getByRole('button', { name: 'Log in' }).click();
  };

  it('what has changed since a plan was shown is told, and nothing is done', async () => {
    const { platform, browser } = given();
    await browser.goto(`${runPage(stopped)}?do=restart`);
    await browser.page.getByText('none: it runs the same').waitFor();
    await platform.api('POST', `${project}/experiments/${stopped}/pin`, {});
    const runs = async () => (await platform.api('GET', `${project}/experiments?limit=1`)).body.count;
    const before = await runs();
    await browser.page.getByRole('button', { name: `Restart #${stopped}` }).click();
    await browser.sees(/^Nothing was done: the plan does not hold any more: since then there was ExperimentPinned by root/);
    expect(await runs()).toBe(before);
    await browser.audit('plan that does not hold');
    await browser.page.getByRole('button', { name: `Restart #${stopped}` }).click();
    await until('it was restarted', async () => (await runs()) !== before || null);
  });

  it('a refusal leads to the event that it comes of', async () => {
    const { platform, browser } = given();
    const { id } = await run(platform, 'exec sleep 600');
    await platform.status((live = id), 'running');
    await browser.goto(`${runPage(id)}?do=resume`);
    await browser.page.getByText('Refused.').waitFor();
    await browser.page.getByText(`polyaxon experiment -xp ${id} stop`).waitFor();
    await browser.page.getByRole('link', { name: `what root did with #${id}` }).click();
    await browser.page.locator('.then', { hasText: 'after event 1: root asked for it' }).waitFor();
  });

  it('a history stays with its age while the gateway is away, and goes on without a lost or a doubled event', async () => {
    const { platform, browser } = given();
    await browser.goto(`${runPage(live)}/history`);
    await browser.sees('its program started');
    const shown = () => browser.page.locator('.event').count();
    const before = await shown();
    await platform.kill('api-gateway');
    await browser.sees(/What you see is \d+ s old/);
    await browser.audit('the gateway is away');
    expect(await shown()).toBeGreaterThanOrEqual(before);
    await platform.write('POST', `${project}/experiments/${live}/stop`);
    await browser.sees('root asked it to stop');
    await platform.done(live);
    const { body } = await platform.api('GET', `${project}/experiments/${live}/history`);
    await until('all of it is there, once', async () => (await shown()) === (body as unknown as unknown[]).length || null, 30_000);
    await browser.page.getByText('live', { exact: true }).waitFor();
  });

  it('a login that is over while somebody looks leads back to this very place', async () => {
    const { browser } = given();
    for (const path of ['/app/fleet', `${runPage(stopped)}?do=resume&from=m-1`]) {
      await browser.goto(path);
      await browser.page.getByRole('heading', { level: path === '/app/fleet' ? 1 : 2, name: path === '/app/fleet' ? 'Fleet' : /^Resume #/ }).waitFor();
      await browser.page.context().clearCookies();
      if (path !== '/app/fleet') await browser.page.reload();
      await browser.page.waitForURL(`**/app/token?next=${encodeURIComponent(path)}`);
      await logInHere();
      await browser.page.waitForURL(`**${path}`);
    }
  });

  it('what is somebody else’s looks like what is not there', async () => {
    const { platform, browser } = given();
    await platform.api('POST', 'projects', { name: 'hidden', is_public: false });
    const { body } = await platform.api('POST', 'root/hidden/experiments', { is_managed: false });
    const id = String(body.id);
    await platform.api('POST', 'users', { username: 'olga', password: 'the password of olga' });
    await browser.logIn({ username: 'olga', password: 'the password of olga' });
    for (const rest of ['', `/experiments/${id}`, `/experiments/${id}/history`]) {
      const said: string[] = [];
      for (const name of ['hidden', 'absent']) {
        await browser.goto(`/app/root/${name}${rest}`);
        await browser.page.locator('.note.is-bad').first().waitFor();
        said.push((await browser.page.locator('main').innerText()).replaceAll(name, 'it').replaceAll(/request \S+/g, 'request'));
      }
      expect(said[0]).toBe(said[1]);
      expect(said[0]).toContain('project-not-found');
    }
    await browser.audit('not theirs');
    await browser.goto('/app/root/hidden/groups');
    await browser.page.locator('.note.is-bad').first().waitFor();
    await browser.audit('groups, not theirs');
    await browser.logIn({ token: token() });
  });
}
