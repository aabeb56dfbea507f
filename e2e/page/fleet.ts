// Does whoever is on call see on one page what is stuck, who is away, and what could not be handled?
import { until } from '#testing';
import { project, run } from '../asking.ts';
import type { Platform } from '../platform.ts';
import type { PageUnderTest } from './browser.ts';

const deadLetter = `INSERT INTO event_store.dead_letters (consumer_group, message_id, stream_name, type, reason, tries)
  SELECT 'scheduler', id, stream_name, type, 'TypeError: <b>poison</b>', 1 FROM event_store.messages WHERE type = 'ExperimentCreated' ORDER BY global_position LIMIT 1`;

export function seesTheFleet(given: () => { readonly platform: Platform; readonly browser: PageUnderTest }): void {
  it('fleet: all is well', async () => {
    const { platform, browser } = given();
    await browser.goto('/app/token');
    await browser.logIn({ token: platform.authorization.authorization.replace('Token ', '') });
    await browser.goto('/app');
    await browser.page.getByRole('link', { name: 'Fleet' }).click();
    await browser.sees('All is well: nothing is stuck, and everybody has caught up.');
    for (const service of ['api-gateway', 'scheduler', 'storage-manager', 'log-collector']) await browser.page.getByRole('row', { name: new RegExp(`^${service} ready`) }).waitFor();
    await browser.sees(/^\d+ slots? of 4 taken, \d free\.$/);
    await browser.page.getByRole('row', { name: /^it was given a checkpoint, and has read it \d+$/ }).waitFor();
    await browser.page.getByRole('row', { name: /^root\/verbs .* \d+ % .*#\d+ / }).waitFor();
    await browser.sees(/^[\d.]+ [kMG]?B in \d+ outputs paths/);
    await browser.audit('fleet');
  });

  it('fleet: a service that hangs is told, with what waits for it and since when', async () => {
    const { platform, browser } = given();
    const pids = platform.pids('scheduler');
    expect(pids).not.toEqual([]);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await browser.sees('The scheduler does not answer.');
      const { id } = await run(platform, 'true');
      await browser.page.getByRole('row', { name: new RegExp(`#${id}.*the scheduler has not picked it up`) }).waitFor();
      await browser.page.getByRole('row', { name: /^scheduler does not answer \d/ }).waitFor(); // its version, as it was
      await browser.audit('fleet, a service is away');
      await browser.page.getByRole('link', { name: `#${id}` }).click();
      await browser.page.waitForURL(`**/app/${project}/experiments/${id}/history`);
      await browser.sees(/^Missing for /);
      await browser.audit('history, something is missing');
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    await browser.goto('/app/fleet');
    await browser.page.getByRole('row', { name: /^scheduler ready/ }).waitFor();
  });

  it('fleet: a dead letter is shown as text, and dropped with a reason by keyboard alone', async () => {
    const { platform, browser } = given();
    await platform.rows(deadLetter);
    await browser.sees('1 event could not be handled by the scheduler: look at the dead letters.');
    await browser.sees('<b>poison</b>');
    await browser.page.getByText('What is in it').click();
    await browser.audit('fleet, a dead letter');
    const { keyboard } = browser.page;
    await browser.page.locator('summary', { hasText: 'Drop it' }).focus();
    await keyboard.press('Enter');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await browser.sees('Drop it for good: say why first');
    expect(await platform.rows('SELECT FROM event_store.dead_letters')).toHaveLength(1);
    await keyboard.press('Shift+Tab');
    await keyboard.type('its run is gone');
    await keyboard.press('Enter');
    await browser.sees('1 letter was dropped');
    expect(await platform.rows('SELECT dropped_by, dropped_because FROM event_store.dropped_letters')).toEqual([{ dropped_by: 'root', dropped_because: 'its run is gone' }]);
    await browser.sees('None: every event could be handled.');
  });

  it('fleet: who is no administrator is told so, and sees no link to it', async () => {
    const { platform, browser } = given();
    await platform.api('POST', 'users', { username: 'mona', password: 'the password of mona' });
    await browser.logIn({ username: 'mona', password: 'the password of mona' });
    await browser.goto('/app/fleet');
    await browser.sees('only an administrator may do this');
    expect(await browser.page.getByRole('link', { name: 'Fleet' }).count()).toBe(0);
    await browser.audit('fleet, refused');
    await browser.logIn({ token: platform.authorization.authorization.replace('Token ', '') });
    await browser.goto('/app/fleet');
    await until('it is there again', async () => (await browser.page.getByText('All is well').count()) > 0 || null);
  });
}
