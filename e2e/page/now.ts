// Does somebody see on the first page what needs them, and is it gone when they have seen it?
import { project, run } from '../asking.ts';
import type { Platform } from '../platform.ts';
import type { PageUnderTest } from './browser.ts';

export function seesNow(given: () => { readonly platform: Platform; readonly browser: PageUnderTest }): void {
  it('now: who has run nothing yet is told how', async () => {
    const { platform, browser } = given();
    await platform.api('POST', 'users', { username: 'lisa', password: 'the password of lisa' });
    await browser.goto('/app/token');
    await browser.logIn({ username: 'lisa', password: 'the password of lisa' });
    await browser.goto('/app');
    await browser.sees('Run something');
    expect(await browser.page.locator('.copyable').count()).toBe(3);
    await browser.audit('now, nothing yet');
    await browser.goto('/app/lisa');
    await browser.page.getByRole('heading', { level: 1 }).waitFor();
    await browser.audit('projects, none');
    await browser.logIn({ token: platform.authorization.authorization.replace('Token ', '') });
  });

  it('now: what failed comes by itself, with what to do next, and can be dismissed and had back', async () => {
    const { platform, browser } = given();
    await browser.goto('/app');
    await browser.page.getByRole('heading', { name: 'Needs you' }).waitFor();
    const { id } = await run(platform, 'echo no; exit 3');
    const row = browser.page.getByRole('listitem').filter({ hasText: `#${id} ` }).filter({ hasText: 'failed' });
    await row.getByRole('link', { name: `Resume … #${id}` }).waitFor();
    await browser.audit('now');
    await row.getByRole('button', { name: `Dismiss #${id}` }).press('Enter');
    await browser.sees('1 row dismissed.');
    await row.waitFor({ state: 'detached' });
    await browser.page.getByRole('button', { name: 'Undo' }).press('Enter');
    await row.getByRole('link', { name: `Logs #${id}` }).click();
    await browser.page.waitForURL(`**/app/${project}/experiments/${id}/logs`);
  });

  it('now: what was refused is there with the command that mends it', async () => {
    const { platform, browser } = given();
    const { id } = await run(platform, 'exec sleep 600');
    await platform.status(id, 'running');
    expect((await platform.api('POST', `${project}/experiments/${id}/resume`, {})).body).toMatchObject({ code: 'experiment-not-done' });
    await browser.goto('/app');
    await browser.sees(/To resume it was refused: experiment \d+ is not done/);
    await browser.page.getByText(`polyaxon experiment -xp ${id} stop`).waitFor();
    await browser.audit('now, something was refused');
    await platform.api('POST', `${project}/experiments/${id}/stop`, {});
    const done = browser.page.getByRole('listitem').filter({ hasText: `#${id} ` }).filter({ hasText: 'stopped' });
    await done.getByRole('link', { name: `Resume … #${id}` }).waitFor();
    await browser.page.getByRole('button', { name: 'I have seen these' }).click();
    await browser.sees('Nothing that you have not seen.');
  });
}
