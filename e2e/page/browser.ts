// How does a test use the web page as a person does, and see what must not happen behind it?
import axe, { type AxeResults } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { chromiumFlags, chromiumPath } from '../../tools/stack/chromium/provide.ts';
import type { Platform } from '../platform.ts';

const waitMs = 30_000;
const tabsMax = 60;
/** Runs in the page, as does whatever else is text here. */
const reportViolations = `document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => reportViolation(violatedDirective + ' ' + blockedURI))`;
const scrollsSideways = 'document.documentElement.scrollWidth > window.innerWidth';
/** Whoever can't press a button is told why, also by a screen reader; what only takes a moment is busy. */
const deadButtons = `[...document.querySelectorAll('button[aria-disabled=true], button:disabled')]
  .filter((button) => button.ariaBusy !== 'true' && !document.getElementById(button.getAttribute('aria-describedby') ?? '')?.textContent)
  .map((button) => button.textContent)`;
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export class PageUnderTest {
  /** What the policy of the page had to forbid, what went elsewhere, what was thrown, what somebody could not read. Looked at in the end. */
  readonly faults: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly browser: Browser,
    private readonly url: string,
  ) {}

  static async open(platform: Platform): Promise<PageUnderTest> {
    const browser = await chromium.launch({ executablePath: chromiumPath() ?? '', args: [...chromiumFlags] });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(waitMs);
    const page = await context.newPage();
    const opened = new PageUnderTest(page, browser, platform.url);
    await opened.#watch(page);
    return opened;
  }

  async #watch(page: Page): Promise<void> {
    page.on('request', (request) => request.url().startsWith(`${this.url}/`) || request.url().startsWith('data:') || this.faults.push(`request to ${request.url()}`));
    page.on('pageerror', (error) => this.faults.push(`thrown: ${error.message}`));
    await page.exposeFunction('reportViolation', (violation: string) => this.faults.push(`policy: ${violation}`));
    await page.addInitScript({ content: reportViolations });
  }

  async goto(path: string): Promise<void> {
    await this.page.goto(`${this.url}${path}`);
  }

  /** Beside the first, with the same cookies. */
  async openTab(path: string): Promise<Page> {
    const page = await this.page.context().newPage();
    await this.#watch(page);
    await page.goto(`${this.url}${path}`);
    return page;
  }

  /** As somebody else: with the cookie of the page, and without its form. */
  async logIn(how: { readonly username: string; readonly password: string } | { readonly token: string }): Promise<void> {
    const { ok } = await this.page.evaluate(
      async (body) => fetch('/api/v1/users/session', { method: 'POST', headers: { 'content-type': 'application/json', 'x-polyaxon-page': '1' }, body }).then(({ ok }) => ({ ok })),
      JSON.stringify(how),
    );
    if (!ok) throw new Error('the login was refused');
  }

  /** Whatever of it is on the screen. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** With the Tab key alone, once it can be pressed: until a plan is there its button does nothing. */
  async reach(text: string): Promise<void> {
    await this.page.getByRole('button', { name: text, exact: true, disabled: false }).waitFor();
    for (let tabs = 0; tabs < tabsMax; tabs += 1) {
      if ((await this.page.evaluate<string>("document.activeElement?.textContent ?? ''")).trim() === text) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`${text} is not reached by ${tabsMax} tabs`);
  }

  /** In both themes, without a button that is dead for no reason, and without scrolling sideways where it is narrow. */
  async audit(what: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { violations } = await this.page.evaluate<AxeResults>(`${axe.source}; axe.run(document, { runOnly: ${JSON.stringify(rules)} })`);
      this.faults.push(...violations.map(({ id, nodes }) => `${what}, ${colorScheme}: ${id}: ${nodes.map(({ target }) => String(target)).join(' ')}`));
    }
    this.faults.push(...(await this.page.evaluate<string[]>(deadButtons)).map((text) => `${what}: nothing says why ${text} can't be pressed`));
    await this.page.setViewportSize({ width: 320, height: 640 });
    if (await this.page.evaluate(scrollsSideways)) this.faults.push(`${what}: scrolls sideways at 320 px`);
    await this.page.setViewportSize({ width: 1280, height: 800 });
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
