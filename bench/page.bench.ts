// How soon does a person see what they asked the web page for?
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { ExperimentBody, LineIndexBody, ProjectBody, RunHeld } from '#contracts';
import { EventStore, openPool, VersionConflict } from '#event-store';
import { chromiumFlags, chromiumPath, missingChromium } from '../tools/stack/chromium/provide.ts';
import { addManyRuns, manyRuns } from './many-runs.ts';
import { startPlatform, type ScratchPlatform } from './platform.ts';
import { correct, Incorrect, median, type BenchRow } from './result.ts';
import { inMemory, inScratch, type Undo } from './scratch.ts';

const loads = 7;
const jumps = 60;
const lines = 1_000_000;
const lineLength = 105;
const eventsPerSecond = 200;
const eventSeconds = 10;
/** Before them, as nothing has run for long in a platform that has just started. */
const warmSeconds = 3;
const liveRuns = 40;
const curveRuns = 50;
const curvePoints = 1000;
const waitMs = 120_000;

/** Runs in the page: when the first row was there, by its own clock. */
const watchRows = `new MutationObserver((_, self) => { if (document.querySelector('.run-link')) { window.rowsAt = performance.now(); self.disconnect(); } }).observe(document, { childList: true, subtree: true })`;

/** Runs in the page: how many lines were drawn, and when the frame with the last one was: strokes are only noted down, and cost their time when it is made. */
const watchStrokes = `window.strokes = 0; window.drawnAt = 0; window.isDrawing = false; const stroke = CanvasRenderingContext2D.prototype.stroke;
const drawn = () => { window.isDrawing = false; window.drawnAt = performance.now(); };
CanvasRenderingContext2D.prototype.stroke = function (...of) {
  window.strokes += 1;
  if (!window.isDrawing) requestAnimationFrame(() => setTimeout(drawn));
  window.isDrawing = true;
  return stroke.apply(this, of);
}`;

type Measured = readonly [name: string, ours: number, goal: number | null, unit: string];

/** The real platform, in real Chromium: what is told is what a person waits for, the network and the painting included. */
export function bench(): Promise<BenchRow[]> {
  const missing = missingChromium();
  if (missing !== undefined) throw new Error(missing);
  return inScratch(inMemory, async (folder, later) => {
    const platform = await startPlatform(folder, later);
    const browser = await chromium.launch({ executablePath: chromiumPath() ?? '', args: [...chromiumFlags] });
    later(() => browser.close());
    const state = await loggedIn(browser, platform);
    const fresh = () => browser.newContext({ storageState: state, viewport: { width: 1280, height: 800 } });
    await seed(platform, later);
    const log = await printMuch(platform);
    const parts = [() => ofLists(platform, fresh), () => ofCurves(platform, fresh), () => ofLogs(platform, log, fresh), () => ofEvents(platform, fresh)];
    const rows: BenchRow[] = [];
    for (const [index, part] of parts.entries()) rows.push(...(await measured(['lists', 'curves', 'logs', 'events'][index] ?? '', part)));
    return rows;
  });
}

/** One that can't be measured takes no other with it. */
async function measured(name: string, part: () => Promise<Measured[]>): Promise<BenchRow[]> {
  try {
    return (await part()).map(([what, ours, goal, unit]) => ({ name: what, peer: null, ours, theirs: null, ratio: null, goal, bound: 'at most', unit }));
  } catch (error) {
    if (error instanceof Incorrect) throw error;
    const { message, cause } = error as Error;
    return [{ name, notRun: cause instanceof Error ? `${message}: ${cause.message}` : message }];
  }
}

async function loggedIn(browser: Browser, { url, token }: ScratchPlatform): Promise<Awaited<ReturnType<BrowserContext['storageState']>>> {
  const context = await browser.newContext();
  const answer = await context.request.post(`${url}/api/v1/users/session`, { data: { token }, headers: { 'x-polyaxon-page': '1', origin: url } });
  correct('the browser is logged in', answer.ok());
  const state = await context.storageState();
  await context.close();
  return state;
}

/** With the first numbers there are, so that the real ones come behind them. */
async function seed(platform: ScratchPlatform, later: (undo: Undo) => void): Promise<void> {
  const { id } = await platform.call<ProjectBody>('POST', '/projects', { name: 'many' });
  const pool = openPool(platform.databaseUrl);
  later(() => pool.end());
  await addManyRuns(pool, id);
  await pool.query(`SELECT setval('api_gateway.experiment_ids', $1)`, [manyRuns]);
}

async function ofLists(platform: ScratchPlatform, fresh: () => Promise<BrowserContext>): Promise<Measured[]> {
  const opened = await timesOf(loads, () => opening(fresh, `${platform.url}/app/root/many`));
  const searched = await timesOf(loads, () => opening(fresh, `${platform.url}/app/root/many?q=${encodeURIComponent('metrics.loss: <=0.5')}&sort=-metrics.loss`));
  const context = await fresh();
  const page = await context.newPage();
  await page.goto(`${platform.url}/app/root/many`);
  await page.getByLabel('Page', { exact: true }).fill(String(manyRuns / 50));
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: '1', exact: true }).waitFor({ timeout: waitMs });
  correct('the last page ends with the very first run', (await page.locator('.run-link').last().textContent()) === '1');
  const heap = await heapOf(page);
  await context.close();
  return [
    ['first load, script, gzip', median(opened.map(({ scriptBytes }) => scriptBytes)) / 1000, 60, 'kB'],
    ['first load, styles, gzip', median(opened.map(({ styleBytes }) => styleBytes)) / 1000, 12, 'kB'],
    ['first contentful paint', median(opened.map(({ paintMs }) => paintMs)), 400, 'ms'],
    ['rows of 100,000 runs on the screen', median(opened.map(({ rowsMs }) => rowsMs)), 1000, 'ms'],
    ['their first page, from the gateway', median(opened.map(({ listMs }) => listMs)), 150, 'ms'],
    ['their first page, as it is sent', median(opened.map(({ listBytes }) => listBytes)) / 1000, 60, 'kB'],
    ['searched and sorted by a metric, from the gateway', median(searched.map(({ listMs }) => listMs)), 300, 'ms'],
    ['heap of the page with them', heap, 80, 'MB'],
  ];
}

interface Opened {
  readonly scriptBytes: number;
  readonly styleBytes: number;
  readonly paintMs: number;
  readonly rowsMs: number;
  readonly listMs: number;
  readonly listBytes: number;
}

/** Nothing is remembered from the time before. */
async function opening(fresh: () => Promise<BrowserContext>, address: string): Promise<Opened> {
  const context = await fresh();
  try {
    const page = await context.newPage();
    await page.addInitScript({ content: watchRows });
    await page.goto(address);
    await page.locator('.run-link').first().waitFor({ timeout: waitMs });
    return await page.evaluate<Opened>(`(async () => {
      const all = performance.getEntriesByType('resource');
      const sum = (ending) => all.filter(({ name }) => new URL(name).pathname.endsWith(ending)).reduce((bytes, { encodedBodySize }) => bytes + encodedBodySize, 0);
      const list = all.find(({ name }) => /\\/experiments\\?/.test(name));
      return { scriptBytes: sum('.js'), styleBytes: sum('.css'), paintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN, rowsMs: window.rowsAt, listMs: list.responseEnd - list.requestStart,
        listBytes: list.encodedBodySize };
    })()`);
  } finally {
    await context.close();
  }
}

/** From the moment somebody asks for another metric of them all until its last curve is drawn. */
async function ofCurves(platform: ScratchPlatform, fresh: () => Promise<BrowserContext>): Promise<Measured[]> {
  await platform.call('POST', '/projects', { name: 'curves' });
  const ids: number[] = [];
  for (let run = 0; run < curveRuns; run += 1) ids.push((await platform.call<ExperimentBody>('POST', '/root/curves/experiments', { is_managed: false })).id);
  const pool = openPool(platform.databaseUrl);
  try {
    await pool.query(
      `INSERT INTO api_gateway.metrics (experiment_id, values, created_at)
       SELECT id, jsonb_build_object('step', n, 'accuracy', random(), 'loss', random()), now() - (1000 - n) * interval '1 second' FROM unnest($1::int[]) id, generate_series(1, $2) n`,
      [ids, curvePoints - 1],
    );
  } finally {
    await pool.end();
  }
  for (const id of ids) await platform.call('POST', `/root/curves/experiments/${id}/metrics`, { values: { step: curvePoints, accuracy: 0.5, loss: 0.5 } });
  const times = await timesOf(loads, async () => {
    const context = await fresh();
    try {
      const page = await context.newPage();
      await page.addInitScript({ content: watchStrokes });
      await page.goto(`${platform.url}/app/compare?ids=${ids.join(',')}&metric=loss`);
      await settled('the first is drawn', () => areDrawn(page));
      const began = await page.evaluate<number>(`(() => { const choice = document.querySelector('.overlay select'); choice.value = 'accuracy'; window.strokes = 0; const now = performance.now();
        choice.dispatchEvent(new Event('change', { bubbles: true })); return now; })()`);
      await settled('the other is drawn', () => areDrawn(page));
      return (await page.evaluate<number>('window.drawnAt')) - began;
    } finally {
      await context.close();
    }
  });
  return [[`another metric of ${curveRuns} runs with ${curvePoints.toLocaleString('en')} points each, until it is drawn`, median(times), 200, 'ms']];
}

/** And nothing more comes. */
function areDrawn(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(`window.strokes >= ${curveRuns} && !window.isDrawing && performance.now() - window.drawnAt > 500`);
}

/** A real program. */
async function printMuch(platform: ScratchPlatform): Promise<number> {
  await platform.call('POST', '/projects', { name: 'logs' });
  const cmd = `seq -f %0${lineLength - 1}.0f ${lines}`;
  return (await platform.call<ExperimentBody>('POST', '/root/logs/experiments', { content: JSON.stringify({ version: 1, kind: 'experiment', run: { cmd } }) })).id;
}

async function ofLogs(platform: ScratchPlatform, id: number, fresh: () => Promise<BrowserContext>): Promise<Measured[]> {
  const at = `/root/logs/experiments/${id}`;
  await settled('the log is complete', async () => {
    const { is_complete: isComplete, lines: there } = await platform.call<LineIndexBody>('GET', `${at}/logs/lines`);
    return isComplete && there === lines;
  });
  const context = await fresh();
  const page = await context.newPage();
  await page.goto(`${platform.url}/app${at}/logs`);
  await page.locator('.line').first().waitFor({ timeout: waitMs });
  const times: number[] = [];
  for (let jump = 0; jump < jumps; jump += 1) times.push(await jumpTo(page, jump === 0 ? lines : 1 + ((jump * 611_953) % lines)));
  const needle = String(lines - 1).padStart(lineLength - 1, '0');
  const found = await timesOf(5, async () => {
    await page.goto(`${platform.url}/app${at}/logs`);
    await page.locator('.line').first().waitFor();
    await page.getByLabel('Search the log').fill(needle);
    const began = performance.now();
    await page.keyboard.press('Enter');
    await page.locator('.line.is-marked', { hasText: needle }).waitFor({ timeout: waitMs });
    return performance.now() - began;
  });
  const heap = await heapOf(page);
  await context.close();
  return [
    [`jump to a line of 1,000,000, p95 of ${jumps}`, percentile(times, 0.95), 100, 'ms'],
    ['jump to a line of 1,000,000, median', median(times), null, 'ms'],
    ['all of 1,000,000 lines searched, and the one that has it on the screen', median(found), 2000, 'ms'],
    ['heap of the page with the log', heap, 60, 'MB'],
  ];
}

/** From the moment somebody asks for it until the line is drawn with what stands in it. */
async function jumpTo(page: Page, line: number): Promise<number> {
  const text = String(line).padStart(lineLength - 1, '0');
  return page.evaluate<number>(`new Promise((done, failed) => {
    const began = performance.now();
    const form = document.querySelector('.log-go');
    form.querySelector('input').value = '${line}';
    form.requestSubmit();
    const look = () => {
      const found = document.querySelector('.line[data-line="${line}"] .line-text');
      if (found?.textContent === '${text}') done(performance.now() - began);
      else if (performance.now() - began > ${waitMs}) failed(new Error('line ${line} does not come'));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  })`);
}

/** What runs wait for changes, many times a second, as the scheduler tells it; how old is each reason when it is on the screen? From before it is written. */
async function ofEvents(platform: ScratchPlatform, fresh: () => Promise<BrowserContext>): Promise<Measured[]> {
  await platform.call('POST', '/projects', { name: 'live' });
  const ids: number[] = [];
  for (let run = 0; run < liveRuns; run += 1) ids.push((await platform.call<ExperimentBody>('POST', '/root/live/experiments', { is_managed: false })).id);
  const context = await fresh();
  const page = await context.newPage();
  await page.goto(`${platform.url}/app/root/live?columns=message`);
  await page.getByText('live', { exact: true }).first().waitFor();
  await page.locator('.run-link').nth(liveRuns - 1).waitFor();
  await page.evaluate(`window.shown = new Map();
    const look = () => {
      for (const cell of document.querySelectorAll('tbody .cell')) if (/^e-\\d+$/.test(cell.textContent) && !window.shown.has(cell.textContent)) window.shown.set(cell.textContent, Date.now());
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look)`);
  const pool = openPool(platform.databaseUrl);
  try {
    const { sent, seconds } = await holdRuns(new EventStore(pool), ids);
    const lastOfEach = new Map([...sent].map(([reason, { id }]) => [id, reason]));
    const last = JSON.stringify([...lastOfEach.values()]);
    await settled('the last reason of each run is on the screen', () => page.evaluate<boolean>(`${last}.every((reason) => window.shown.has(reason))`));
    const shown = new Map(await page.evaluate<[string, number][]>('[...window.shown]'));
    return [...agesOf(sent, shown), [`events a second, over ${warmSeconds + eventSeconds} s`, sent.size / seconds, null, 'events/s']];
  } finally {
    await pool.end();
    await context.close();
  }
}

/** Behind whatever the scheduler itself has to say of it. Resolves with the version of the stream. */
async function hold(store: EventStore, data: RunHeld['data'], version: number): Promise<number> {
  const stream = `run-${data.experimentId}` as const;
  for (let known = version; ; known = (await store.load(stream)).length - 1) {
    try {
      await store.append(stream, known, [{ type: 'RunHeld', data }], { actor: 'scheduler' });
      return known + 1;
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
    }
  }
}

type Sent = ReadonlyMap<string, { readonly at: number; readonly id: number }>;

async function holdRuns(store: EventStore, ids: readonly number[]): Promise<{ readonly sent: Sent; readonly seconds: number }> {
  const sent = new Map<string, { readonly at: number; readonly id: number }>();
  const versions = new Map<number, Promise<number>>();
  const began = performance.now();
  for (let event = 0; event < eventsPerSecond * (warmSeconds + eventSeconds); event += 1) {
    const wait = began + (event * 1000) / eventsPerSecond - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const [reason, id] = [`e-${event}`, ids[event % ids.length] as number];
    const heldAt = new Date().toISOString();
    sent.set(reason, { at: Date.now(), id });
    const before = versions.get(id) ?? Promise.resolve(-1);
    const held = before.then((version) => hold(store, { experimentId: id, reason, heldAt }, version));
    held.catch(() => undefined); // told below
    versions.set(id, held);
  }
  await Promise.all(versions.values());
  return { sent, seconds: (performance.now() - began) / 1000 };
}

/** A reason that the next one has taken the place of before it was drawn counts with the next one that was: that is when the reader knew. */
function agesOf(sent: Sent, shown: ReadonlyMap<string, number>): Measured[] {
  const ages: number[] = [];
  const known = new Map<number, number>();
  for (const [name, { at, id }] of [...sent].reverse()) {
    const seen = shown.get(name) ?? known.get(id);
    if (seen === undefined) continue;
    known.set(id, seen);
    ages.unshift(seen - at);
  }
  correct('every event was seen, or what came of it', ages.length === sent.size);
  const [cold, warm] = [ages.slice(0, warmSeconds * eventsPerSecond), ages.slice(warmSeconds * eventsPerSecond)];
  return [
    [`from an event to the screen at ${eventsPerSecond} a second, p50`, percentile(warm, 0.5), 150, 'ms'],
    [`from an event to the screen at ${eventsPerSecond} a second, p99`, percentile(warm, 0.99), 500, 'ms'],
    [`the first ${warmSeconds} seconds of that, which warm it up, p99`, percentile(cold, 0.99), null, 'ms'],
  ];
}

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}

async function timesOf<Time>(count: number, one: () => Promise<Time>): Promise<Time[]> {
  const times: Time[] = [];
  for (let round = 0; round <= count; round += 1) times.push(await one());
  return times.slice(1); // the first one only warms up
}

async function settled(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + waitMs; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 200))) if (await isSo()) return;
  throw new Error(`waited ${waitMs} ms until ${what}`);
}

function percentile(values: readonly number[], part: number): number {
  return [...values].sort((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? Number.NaN;
}
