// Does the original command line and tracking client, unmodified, do here all that docs/original-client.md says?
import { Platform } from '../platform.ts';
import { accounts } from './accounts.ts';
import { bookmarks } from './bookmarks.ts';
import { code } from './code.ts';
import { drivenCount, notDriven, rowsOfThePage } from './command-table.ts';
import { experiments } from './experiments.ts';
import { groups } from './groups.ts';
import { logs } from './logs.ts';
import { describeOriginal, installed, OriginalClient } from './original-client.ts';
import { projects } from './projects.ts';
import { password, type Stage } from './stage.ts';
import { tracking } from './tracking.ts';
import { unserved } from './unserved.ts';

describeOriginal('the original client of Polyaxon 0.5.6', () => {
  let stage: Stage;
  const theStage = () => stage;

  beforeAll(async () => {
    const venv = await installed();
    const platform = await Platform.start({ POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '4' });
    const newcomer = (name: string) => new OriginalClient(platform, venv, name);
    stage = { platform, adam: newcomer('adam'), newcomer };
    await platform.api('POST', 'users', { username: 'adam', password: password('adam'), email: 'adam@example.com' });
    const { hostname, port } = new URL(platform.url);
    await stage.adam.does('config', 'set', `--host=${hostname}`, `--port=${port}`);
    await stage.adam.does('login', '-u', 'adam', '-p', password('adam'));
    await stage.adam.does('project', 'create', '--name', 'iris', '--description', 'flowers', '--tags=a,b', '--init');
  }, 900_000);
  afterAll(() => stage?.platform.remove(), 60_000);

  describe('accounts', () => accounts(theStage));
  describe('projects', () => projects(theStage));
  describe('code', () => code(theStage));
  describe('experiments', () => experiments(theStage));
  describe('groups', () => groups(theStage));
  describe('logs', () => logs(theStage));
  describe('bookmarks', () => bookmarks(theStage));
  describe('tracking', () => tracking(theStage));
  describe('what is not served', () => unserved(theStage));

  it('every row of the page is driven', () => {
    const rows = rowsOfThePage();
    process.stdout.write(`original client: ${drivenCount()} of ${rows.length} rows of docs/original-client.md driven, ${rows.filter(({ isServed }) => isServed).length} served, the others refused with the reason\n`);
    expect(notDriven()).toEqual([]);
  });
});
