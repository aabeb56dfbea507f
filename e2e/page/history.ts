// Can somebody go back in what happened to a run, by buttons, by number and by keys, and see how it was then?
import { until } from '#testing';
import { project } from '../asking.ts';
import type { Platform } from '../platform.ts';
import type { PageUnderTest } from './browser.ts';

/** Of a run that was resumed and stopped. */
export function goesBackInHistory(id: number, given: () => { readonly platform: Platform; readonly browser: PageUnderTest }): void {
  const at = `/app/${project}/experiments/${id}/history`;
  const place = async () => new URL(given().browser.page.url()).searchParams.get('at');
  const isAt = (wanted: string | null) => until(`the place is ${wanted}`, async () => (await place()) === wanted || null);

  it('history: it reads as a story, and what services tell each other is folded', async () => {
    const { browser } = given();
    await browser.goto(at);
    await browser.sees(/^root resumed #\d+$/);
    await browser.sees('root asked it to stop');
    await browser.sees(/steps? between the services$/);
  });

  it('history: an arrow leads to what another service made of an event, and back', async () => {
    const { browser } = given();
    await browser.goto(at);
    await browser.page.getByRole('link', { name: /^led to event \d+ of the scheduler/ }).first().focus();
    await browser.page.keyboard.press('Enter');
    const reached = browser.page.locator('.event.is-here');
    await reached.getByRole('link', { name: /^came of event 1 of the api-gateway/ }).waitFor();
    await until('it has the focus', async () => browser.page.evaluate<boolean>("document.activeElement?.closest('.event.is-here') != null"));
    await browser.audit('history, arrows');
    await reached.getByRole('link', { name: /^came of event 1 / }).click();
    await browser.page.locator('#event-1.is-here').waitFor();
    await browser.goto(at);
    await browser.sees('root asked it to stop');
  });

  it('history: with keys, buttons, the slider and the number it is shown as it was, and what is different', async () => {
    const { platform, browser } = given();
    const { body } = await platform.api('GET', `${project}/experiments/${id}/history`);
    const types = (body as unknown as { type: string }[]).map(({ type }) => type);
    const [of, running] = [types.length, types.indexOf('RunStarted') + 1];
    await browser.page.keyboard.press(',');
    await isAt(String(of - 1));
    await browser.page.getByRole('button', { name: 'Earlier' }).click();
    await isAt(String(of - 2));
    await browser.page.getByRole('slider').press('ArrowLeft');
    await isAt(String(of - 3));
    await browser.page.getByRole('spinbutton', { name: /^event/ }).fill(String(running));
    await browser.page.keyboard.press('Tab');
    await isAt(String(running));
    await browser.page.locator('.then', { hasText: 'its program started' }).getByText('running', { exact: true }).waitFor();
    await browser.page.getByLabel(/Compared with event/).fill('1');
    await browser.page.keyboard.press('Tab');
    await browser.page.locator('.then .diff').getByText('+ last_status: running').waitFor();
    await browser.audit('history, as it was');
    await browser.page.reload();
    await browser.page.locator('.then .diff').getByText('− last_status: created').waitFor();
    await browser.page.getByRole('button', { name: 'Now', exact: true }).click();
    await isAt(null);
    await browser.page.locator('.then').waitFor({ state: 'detached' });
  });
}
