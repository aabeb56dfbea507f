// Is one connection enough for all the tabs of a browser, and does another tab go on with it when the one that had it is gone?
import type { Page, Request } from 'playwright-core';
import { until } from '#testing';
import { project, run, stop } from '../asking.ts';
import type { Platform } from '../platform.ts';
import type { PageUnderTest } from './browser.ts';

const tabsAtOnce = 12;

export function sharesOneStream(given: () => { readonly platform: Platform; readonly browser: PageUnderTest }): void {
  it(`tabs: ${tabsAtOnce} of them listen over one connection, see the same once, and go on when the one that listened is gone`, async () => {
    const { platform, browser } = given();
    const listening = new Set<Request>();
    const context = browser.page.context();
    const isStream = (request: Request) => new URL(request.url()).pathname === '/api/v1/events';
    const begun = (request: Request) => isStream(request) && listening.add(request);
    const ended = (request: Request) => listening.delete(request);
    context.on('request', begun).on('requestfailed', ended).on('requestfinished', ended);
    const runs = `/app/${project}`;
    await browser.goto(runs);
    const others: Page[] = [];
    for (let tab = 1; tab < tabsAtOnce; tab += 1) others.push(await browser.openTab(runs));
    for (const tab of others) await tab.getByText('live', { exact: true }).first().waitFor();
    expect(listening.size).toBe(1);

    const { id } = await run(platform, 'exec sleep 600');
    const rowIn = (tab: Page) => tab.getByRole('row').filter({ has: tab.locator(`.run-link[data-run="${id}"]`) });
    for (const tab of [browser.page, ...others]) await rowIn(tab).getByText('running').first().waitFor();
    expect(await Promise.all(others.map((tab) => rowIn(tab).count()))).toEqual(others.map(() => 1));

    await browser.page.goto('about:blank'); // it was the first, and had the connection
    await until('another tab listens', () => listening.size === 1 && others.some((tab) => tab.mainFrame() === [...listening][0]?.frame()));
    await stop(platform, id);
    for (const tab of others) await rowIn(tab).getByText('stopped').first().waitFor();
    expect(listening.size).toBe(1);
    for (const tab of others) await tab.close();
    context.off('request', begun).off('requestfailed', ended).off('requestfinished', ended);
  }, 120_000);
}
