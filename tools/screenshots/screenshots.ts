// What does the web page look like, with real runs of a real platform on it? Writes docs/pictures.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import type { ExperimentBody, GroupBody } from '#contracts';
import { idIn, Scene } from '../demo/scene.ts';
import { chromiumFlags, chromiumPath, missingChromium } from '../stack/chromium/provide.ts';

const folder = resolve(fileURLToPath(new URL('../../../docs/pictures/', import.meta.url)));
const waitMs = 60_000;
const group = `version: 1
kind: group
name: learning-rates
hptuning:
  concurrency: 4
  matrix:
    lr: {values: [0.3, 0.1, 0.03, 0.01, 0.003]}
    batch_size: {values: [4, 16, 40]}
  early_stopping: [{metric: loss, value: 0.0001, optimization: minimize}]
params: {epochs: 12, epoch_seconds: 0}
run:
  cmd: python3 train.py --lr={{ lr }} --batch-size={{ batch_size }} --epochs={{ epochs }} --epoch-seconds={{ epoch_seconds }}
`;

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly theme: 'light' | 'dark';
  readonly height: number;
  /** What makes it complete. */
  readonly ready: (page: Page) => Promise<unknown>;
}

/** In the order of the docs. `iris` is the project of the demo; 1 was stopped half way, 2 is its resume, 3 still runs. */
const picturesOf = (groupId: number): readonly Picture[] => [
  { name: 'runs', theme: 'light', height: 430, path: '/app/root/iris?columns=status,name,from,params.lr,metrics.loss,metrics.accuracy,duration&open=1', ready: (page) => page.locator('tr.is-older').first().waitFor() },
  {
    name: 'plan', theme: 'light', height: 720, path: '/app/root/iris/experiments/1?do=copy',
    ready: async (page) => {
      await page.getByLabel('What is different').fill('params:\n  lr: 0.01\n  batch_size: 4');
      await page.getByText('+ params.lr').waitFor();
    },
  },
  { name: 'logs', theme: 'dark', height: 700, path: '/app/root/iris/experiments/2/logs?attempts=all&find=resuming', ready: (page) => page.locator('.line.is-marked.is-hit').waitFor() },
  { name: 'group', theme: 'light', height: 720, path: `/app/root/iris/groups/${groupId}`, ready: (page) => page.locator('.parallel .is-best').waitFor() },
];

async function play(scene: Scene): Promise<number> {
  const xp = (id: number, ...args: string[]) => ['experiment', '-xp', String(id), ...args];
  const until = async (id: number, isSo: (body: ExperimentBody) => boolean) => {
    for (const deadline = Date.now() + waitMs; Date.now() < deadline; ) if (isSo(await scene.ask<ExperimentBody>(...xp(id, 'get')))) return;
    throw new Error(`experiment ${id} did not come so far`);
  };
  await scene.type('project', 'create', '--name', 'iris');
  await scene.type('init', 'iris');
  const first = idIn(await scene.type('run', '-u', '-f', 'polyaxonfile.yml', '-P', 'epochs=150', '--name', 'baseline'));
  await until(first, ({ last_metric: { epoch } }) => typeof epoch === 'number' && epoch >= 12);
  await scene.type(...xp(first, 'stop', '-y'));
  await scene.type(...xp(first, 'wait')).catch(() => undefined); // its exit code is the run's
  await scene.type(...xp(first, 'resume', '--wait', '--name', 'baseline-on'));
  await scene.type('run', '-f', 'polyaxonfile.yml', '-P', 'epochs=100000', '--name', 'long');
  writeFileSync(join(scene.code, 'polyaxonfile_group.yml'), group);
  await scene.type('run', '-f', 'polyaxonfile_group.yml');
  const [made] = await scene.ask<{ results: readonly GroupBody[] }>('project', 'groups').then(({ results }) => results);
  await scene.type('group', '-g', String(made?.id), 'wait').catch(() => undefined);
  return made?.id ?? 0;
}

/** As somebody sees it who is not pointing at anything. */
async function take(context: BrowserContext, url: string, { name, path, theme, height, ready }: Picture): Promise<void> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 1280, height });
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.goto(`${url}${path}`);
  await ready(page);
  await page.waitForLoadState('load');
  await page.evaluate('document.fonts.ready');
  await page.evaluate("document.activeElement?.blur()");
  const file = join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  await page.close();
  process.stdout.write(`docs/pictures/${name}.png, ${Math.round(statSync(file).size / 1000)} kB\n`);
}

const missing = missingChromium();
if (missing !== undefined) {
  process.stderr.write(`${missing}\n`);
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
const scene = new Scene();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void scene.leave(false).then(() => process.exit(130)));
try {
  const url = /(http:\S+)/.exec(await scene.start())?.[1] ?? '';
  const groupId = await play(scene);
  const browser = await chromium.launch({ executablePath: chromiumPath() ?? '', args: [...chromiumFlags] });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const answer = await context.request.post(`${url}/api/v1/users/session`, { data: { token: scene.token }, headers: { 'x-polyaxon-page': '1', origin: url } });
    if (!answer.ok()) throw new Error(`nobody could log in: ${await answer.text()}`);
    for (const picture of picturesOf(groupId)) await take(context, url, picture);
  } finally {
    await browser.close();
  }
  await scene.type('experiment', '-xp', '3', 'stop', '-y');
  await scene.type('experiment', '-xp', '3', 'wait').catch(() => undefined); // nothing goes on without its platform
} finally {
  await scene.leave(false);
}
