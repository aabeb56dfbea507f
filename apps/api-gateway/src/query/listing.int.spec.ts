// Does a search find what it says, in the order that was asked for, page after page, and over indexes alone?
import type { DataSource } from 'typeorm';
import type { ExperimentEvent, ExperimentOrder } from '#contracts';
import { aClone, anOrder, aTime, openTestStore, resumed, type TestStore } from '#testing';
import { openViews } from '../views/data-source.ts';
import { ExperimentsView, type ExperimentListing } from '../views/experiments.view.ts';
import { GroupsView } from '../views/groups.view.ts';
import { Metrics } from '../views/metrics.ts';
import { project } from '../views/project-events.ts';
import { searchableExperiments } from './experiment-fields.ts';
import { countStatement, pageStatement } from './listing.ts';
import { parseQuery } from './parse-query.ts';
import { parseSort } from './parse-sort.ts';
import { readPosition } from './page-position.ts';
import { segmentsOf, type Search } from './rows-of.ts';

let test: TestStore;
let source: DataSource;
let view: ExperimentsView;
let metrics: Metrics;

beforeAll(async () => {
  test = await openTestStore();
  source = await openViews(test.url);
  view = new ExperimentsView(source, test.store.pool);
  metrics = new Metrics(test.store.pool);
});
afterAll(async () => {
  await source.destroy();
  await test.close();
});

async function tell(id: number, ...events: ExperimentEvent[]): Promise<void> {
  const history = await test.store.load(`experiment-${id}`);
  await project(test.store.pool, await test.store.append(`experiment-${id}`, history.length - 1, events, { actor: 'test' }));
}
const add = (id: number, change: Partial<ExperimentOrder> = {}) => tell(id, { type: 'ExperimentCreated', data: anOrder(id, change) });
const log = (id: number, values: Record<string, unknown>) => metrics.add(id, [{ values: values as Record<string, number | null>, createdAt: aTime }]);

describe('a chain of resumes', () => {
  const projectId = 40;
  const of = { projectId, project: 'chains', requestedAt: aTime };
  const goOn = (id: number, sourceExperimentId: number) => tell(101, resumed(id, { ...of, sourceExperimentId, originalExperimentId: 101 }));
  const found = async (query: string) => (await view.list(projectId, { query, limit: 20, offset: 0 })).results.map(({ id }) => id);

  it('is one row, its newest run, which is another one when that was deleted', async () => {
    await add(101, of);
    await add(102, of);
    await goOn(103, 101);
    await goOn(104, 103);
    expect([await found('latest: true'), await found('latest: false'), await found('~latest: true, chain: 101')]).toEqual([[104, 102], [103, 101], [103, 101]]);
    expect([await found('chain: 101'), await found('chain: 102'), (await view.list(projectId, { sort: 'latest', limit: 20, offset: 0 })).count]).toEqual([[104, 103, 101], [102], 4]);
    await tell(101, { type: 'ExperimentDeleted', data: { experimentId: 104, originalExperimentId: 101, outputsPath: 'x', logsPath: 'x', outputsUnused: false, deletedBy: 'mona', deletedAt: aTime } });
    expect(await found('latest: true')).toEqual([103, 102]);
    const newest = async (brief: boolean) => (await view.list(projectId, { limit: 1, offset: 0, brief })).results[0];
    const [whole, brief] = [await newest(false), await newest(true)];
    expect(whole?.content).not.toBe('');
    expect(brief).toEqual({ ...whole, content: '', command: '', run_env: null });
  });
});

describe('what a search finds', () => {
  const projectId = 2;
  const at = (day: number) => `2026-11-${String(day).padStart(2, '0')}T10:00:00.123Z`;

  beforeAll(async () => {
    const of = { projectId, project: 'found' };
    await add(1, { ...of, name: 'alpha', description: '100% sure', tags: ['vision', 'base'], params: { lr: 0.1, optimizer: 'Adam', nested: { depth: 3 }, shuffle: true }, requestedAt: at(1) });
    await add(2, { ...of, name: 'beta', tags: ['vision'], params: { lr: '0.2', optimizer: 'sgd' }, requestedBy: 'eva', requestedAt: at(2) });
    await add(3, { ...of, name: 'al_ha', params: { lr: 'high', layers: [1, 2] }, codeRevision: `abc1234${'0'.repeat(57)}`, requestedAt: at(3) });
    await add(4, { ...of, groupId: 7, tags: ['text'], params: { lr: 1e-5, none: null, bound: '-Infinity' }, requestedAt: at(4) });
    const clone = aClone(5, 'copy', { ...of, sourceExperimentId: 1, requestedAt: at(5) });
    await tell(5, { type: 'ExperimentCopyRequested', data: { ...clone, sourceOriginalExperimentId: 1, sourceOutputsPath: 'x', sourceIsLive: false, copyFolders: [], copyFiles: [] } });
    await tell(1, { type: 'ExperimentDone', data: { experimentId: 1, attempt: 1, status: 'succeeded', message: null, exitCode: 0, doneAt: at(6) } });
    await tell(1, { type: 'ExperimentDescribed', data: { experimentId: 1, framework: 'PyTorch', describedAt: at(6) } });
    await tell(2, { type: 'ExperimentDone', data: { experimentId: 2, attempt: 1, status: 'failed', message: null, exitCode: 1, doneAt: at(7) } });
    await log(1, { loss: 0.5, 'val/loss': 0.7, accuracy: 0.9 });
    await log(2, { loss: 0.1, step: 10 });
    await log(3, { loss: null });
    await log(4, { loss: 'inf' });
    await add(6, { ...of, params: { lr: 0.1 }, requestedAt: at(1) });
    await log(6, { loss: 0.01 });
    await tell(6, { type: 'ExperimentDeleted', data: { experimentId: 6, originalExperimentId: 6, outputsPath: 'x', logsPath: 'x', outputsUnused: true, deletedBy: 'mona', deletedAt: at(2) } });
    await add(7, { projectId: 3, params: { lr: 0.1 } });
    await log(7, { loss: 0.01 });
  });

  const search = async (query: string, more: Partial<ExperimentListing> = {}) => {
    const { count, results } = await view.list(projectId, { query, limit: 20, offset: 0, ...more });
    const ids = results.map(({ id }) => id);
    expect([query, count]).toEqual([query, ids.length]);
    return ids;
  };

  it.each<[string, number[]]>([
    ['', [5, 4, 3, 2, 1]],
    ['id: 2', [2]],
    ['id: 2|mona.found.4', [4, 2]],
    ['ID : >= 3 , id: <5', [4, 3]],
    ['id: 2..4', [4, 3, 2]],
    ['id: ..2', [2, 1]],
    ['id: 4..', [5, 4]],
    ['~id: 2..4', [5, 1]],
    ['id: ~2', [5, 4, 3, 1]],
    ['name: alpha', [1]],
    ['name: ALPHA', []],
    ['name: %LPH%', [1]],
    ['name: al%', [3, 1]],
    ['name: al_ha', [3]],
    ['name: %_ha', [3]],
    ['name: "al%"', []],
    ['name: nil', [5, 4]],
    ['name: null|beta', [5, 4, 2]],
    ['~name: nil', [3, 2, 1]],
    ['~name: alpha', [5, 4, 3, 2]],
    ['description: 100%', [1]],
    ['user: eva', [2]],
    ['project: found', [5, 4, 3, 2, 1]],
    ['group: 7', [4]],
    ['group: mona.found.7', [4]],
    ['group: nil', [5, 3, 2, 1]],
    ['independent: True', [5, 3, 2, 1]],
    ['independent: false', [4]],
    ['build: nil', [5, 4, 3, 2, 1]],
    ['build: 3', []],
    ['status: Succeeded|FAILED', [2, 1]],
    ['~status: succeeded|failed', [5, 4, 3]],
    ['status: ~succeeded', [5, 4, 3, 2]],
    ['framework: pytorch', [1]],
    ['backend: nil', [5, 4, 3, 2, 1]],
    ['commit: abc1234', [3]],
    ['commit: ABC1', [3]],
    ['tags: vision', [2, 1]],
    ['tags: text|base', [4, 1]],
    ['tags: vision, tags: base', [1]],
    ['tags: %IS%', [2, 1]],
    ['~tags: vision', [5, 4, 3]],
    ['tags: nil', [5, 3]],
    ['original: 1', [5]],
    ['original: mona.found.1', [5]],
    ['~original: nil', [5]],
    ['cloning_strategy: Copy', [5]],
    ['cloning_strategy: resume|restart', []],
    ['created_at: 2026-11-02', [2]],
    ['created_at: 2026-11-02 .. 2026-11-04', [4, 3, 2]],
    ['created_at: <=2026-11-02', [2, 1]],
    ['created_at: <2026-11-02', [1]],
    ['created_at: >2026-11-04', [5]],
    ['created_at: >=2026-11-04', [5, 4]],
    ['created_at: 2026-11-02 10:00:00.123', [2]],
    ['created_at: 2026-11-02T12:00+02:00', [2]],
    ['created_at: >2026-11-04T10:00:01Z', [5]],
    ['finished_at: nil', [5, 4, 3]],
    ['finished_at: 2026-11-06', [1]],
    ['updated_at: >=2026-11-06', [2, 1]],
    ['started_at: nil', [5, 4, 3, 2, 1]],
    ['metrics.loss: <=0.1', [2]],
    ['metric.loss: < 0.6', [2, 1]],
    ['metrics.loss: >=0.5', [4, 1]],
    ['metrics.loss: 0.1..0.5', [2, 1]],
    ['metrics.loss: 0.5|0.1', [2, 1]],
    ['metrics.loss: <0.2|>1', [4, 2]],
    ['metrics.loss: inf', [4]],
    ['metrics.loss: nan', [3]],
    ['metrics.loss: nil', [5]],
    ['~metrics.loss: nil', [4, 3, 2, 1]],
    ['~metrics.loss: <=0.1', [5, 4, 3, 1]],
    ['metrics.loss: <=0.1|nil', [5, 2]],
    ['metrics.val/loss: 0.7', [1]],
    ['metrics."val/loss": 0.7', [1]],
    ['metrics.loss: >0, metrics.step: 10', [2]],
    ['metrics.loss: >0, metrics.loss: <0.3', [2]],
    ['metrics.loss: <1, status: failed', [2]],
    ['metrics.loss: <1, params.lr: 0.1', [1]],
    ['params.lr: 0.1', [1]],
    ['params.lr: 1e-1|0.2', [2, 1]],
    ['params.lr: <=0.1', [4, 1]],
    ['params.lr: high', [3]],
    ['params.lr: %IG%', [3]],
    ['~params.lr: 0.1', [5, 4, 3, 2]],
    ['declarations.optimizer: Adam|sgd', [2, 1]],
    ['params.nested.depth: 3', [1]],
    ['params.shuffle: True', [1]],
    ['params.layers: "[1,2]"', [3]],
    ['params.none: nil', [5, 4, 3, 2, 1]],
    ['params.lr: nil', [5]],
    ['params.bound: -inf', [4]],
    ['params.bound: <0', [4]],
    ["name: '; DROP TABLE api_gateway.experiments; --", []],
  ])('%s', async (query, ids) => expect(await search(query)).toEqual(ids));

  it.each<[string, number[]]>([
    ['name', [3, 1, 2, 4, 5]],
    ['-name', [2, 1, 3, 5, 4]],
    ['id', [1, 2, 3, 4, 5]],
    ['-created_at', [5, 4, 3, 2, 1]],
    ['finished_at', [1, 2, 3, 4, 5]],
    ['-finished_at', [2, 1, 5, 4, 3]],
    ['status, -id', [5, 4, 3, 2, 1]],
    ['metrics.loss', [2, 1, 4, 5, 3]],
    ['-metric.loss', [4, 1, 2, 5, 3]],
    ['params.lr', [4, 1, 2, 3, 5]],
    ['-params.lr', [2, 1, 4, 3, 5]],
    ['metrics.step, name', [2, 3, 1, 4, 5]],
    ['independent, -metrics.loss', [4, 1, 2, 5, 3]],
  ])('sorted by %s', async (sort, ids) => {
    expect(await search('', { sort })).toEqual(ids);
    for (const limit of [1, 2]) expect(await walk({ sort, limit })).toEqual(ids);
    const slices = await Promise.all([0, 1, 2, 3, 4].map(async (offset) => (await view.list(projectId, { sort, limit: 1, offset })).results[0]?.id));
    expect(slices).toEqual(ids);
  });

  /** By the cursors, to the end and back again. */
  async function walk(asked: { sort: string; limit: number }): Promise<number[]> {
    const ids: number[] = [];
    let page = await view.list(projectId, { ...asked, offset: 0 });
    const pages: number[][] = [];
    while (page.results.length > 0) {
      pages.push(page.results.map(({ id }) => id));
      ids.push(...page.results.map(({ id }) => id));
      const last = page;
      page = await view.list(projectId, { ...asked, offset: 0, cursor: page.next as string });
      if (page.results.length > 0) continue;
      for (let back = last, index = pages.length - 2; index >= 0; index -= 1) {
        back = await view.list(projectId, { ...asked, offset: 0, cursor: back.previous as string });
        expect([asked.sort, index, back.results.map(({ id }) => id)]).toEqual([asked.sort, index, pages[index]]);
      }
    }
    return ids;
  }

  it('goes on where a page ended, though others came to the top meanwhile', async () => {
    const first = await view.list(4, { limit: 2, offset: 0 });
    expect(first.results).toEqual([]);
    for (const id of [41, 42, 43]) await add(id, { projectId: 4 });
    const page = await view.list(4, { limit: 2, offset: 0 });
    await add(44, { projectId: 4 });
    expect((await view.list(4, { limit: 2, offset: 2, cursor: page.next as string })).results.map(({ id }) => id)).toEqual([41]);
  });

  it('refuses a cursor of another search, and one that was made up', async () => {
    const { next } = await view.list(projectId, { sort: 'created_at', limit: 1, offset: 0 });
    const madeUp = Buffer.from(JSON.stringify([(JSON.parse(Buffer.from(next as string, 'base64url').toString()) as unknown[])[0], 0, 0, 1, 'no date'])).toString('base64url');
    for (const [sort, cursor] of [['name', next as string], ['created_at', 'nonsense'], ['created_at', madeUp], ['created_at', '']] as const)
      await expect(view.list(projectId, { sort, limit: 1, offset: 0, cursor })).rejects.toMatchObject({ code: 'request-invalid' });
  });

  it.each([
    ['statsu: running', 'at character 1: there is no field "statsu", did you mean status? Known are id, name'],
    ['id: 3, metrix.loss: 1', 'at character 8: there is no field "metrix.loss", did you mean metric.*?'],
    ['id: x', 'at character 5: "x" is not a whole number; for example: id: 20 .. 30'],
    ['params.lr: <big', 'at character 13: "big" is not a number'],
    ['created_at: 2026-02-31', 'is not a date; for example: created_at: 2018-10-01 .. 2019-10-01'],
    ['independent: maybe', 'neither true nor false'],
    ['status: >running', '<, > and .. are for numbers and dates'],
    ['metrics.loss: 2..1', 'nothing lies between "2" and "1"'],
    ['metrics.: 1', 'there is no field "metrics."'],
  ])('refuses %s', async (query, why) => expect(view.list(projectId, { query, limit: 20, offset: 0 })).rejects.toMatchObject({ code: 'request-invalid', message: expect.stringContaining(why) as string }));

  it.each(['tags', 'build', 'colour', '-'])('refuses to sort by %s', async (sort) => expect(view.list(projectId, { sort, limit: 20, offset: 0 })).rejects.toMatchObject({ code: 'request-invalid' }));

  it('finds what was described again, and takes long names', async () => {
    await tell(5, { type: 'ExperimentDescribed', data: { experimentId: 5, params: { lr: 7, [`x${'y'.repeat(300)}`]: 'z'.repeat(5000) }, describedAt: aTime } });
    await log(5, { [`m${'n'.repeat(3000)}`]: 1 });
    expect(await search('params.lr: 7')).toEqual([5]);
    expect(await search(`params.x${'y'.repeat(300)}: ${'z'.repeat(1500)}`)).toEqual([5]);
    expect(await search(`metrics.m${'n'.repeat(1900)}: 1`)).toEqual([5]);
    await tell(5, { type: 'ExperimentDescribed', data: { experimentId: 5, params: {}, describedAt: aTime } });
    expect(await search('params.lr: 7')).toEqual([]);
  });
});

describe('a project of many experiments among others', () => {
  const projectId = 9;
  const experiments = 20_000;

  beforeAll(async () => {
    for (const place of [0, 1, 2]) await fill(projectId + place, (place + 1) * 1_000_000); // apart, so that no other test waits for one long transaction
    for (const table of ['experiments', 'experiment_metrics', 'experiment_params']) await test.store.pool.query(`VACUUM ANALYZE api_gateway.${table}`);
  });

  async function fill(id: number, first: number): Promise<void> {
    const columns = 'uuid, project_id, user_name, project_name, group_id, original_id, tags, content, command, params, environment, outputs_path, logs_path, is_managed, requested_by';
    await test.store.pool.query(
      `INSERT INTO api_gateway.experiments (id, ${columns}, last_status, status_rank, created_at, updated_at)
       SELECT $2 + n, gen_random_uuid(), $1, 'mona', 'many', n % 50, n, '["a"]', repeat('x', 500), 'true', '{"lr": 0.1}', '{}', 'x', 'x', true, 'mona',
         (ARRAY['succeeded', 'failed', 'running'])[1 + n % 3], 0, '2026-11-01'::timestamptz + n * interval '1 minute', '2026-11-01' FROM generate_series(1, $3::int) n`,
      [id, first, experiments],
    );
    await test.store.pool.query(
      `INSERT INTO api_gateway.experiment_metrics (experiment_id, project_id, name, value)
       SELECT $2 + n, $1, name, (n * 7919 % 1000) / 1000.0 FROM generate_series(1, $3::int) n, unnest(ARRAY['loss', 'accuracy']) name`,
      [id, first, experiments],
    );
    await test.store.pool.query(
      `INSERT INTO api_gateway.experiment_params (experiment_id, project_id, name, text, number) SELECT $2 + n, $1, 'lr', (n % 10)::text, n % 10 FROM generate_series(1, $3::int) n`,
      [id, first, experiments],
    );
  }

  async function plans(query: string, sort: string, cursor?: string): Promise<string> {
    const search: Search = { searchable: searchableExperiments, projectId, conditions: parseQuery(query), keys: parseSort(sort) };
    const of = JSON.stringify([searchableExperiments.table, projectId, search.conditions, search.keys]);
    const from = cursor === undefined ? null : readPosition(cursor, of);
    const statements = [
      countStatement({ ...search, keys: [] }, 'all'),
      ...segmentsOf(search).flatMap((segment) => [0, 9980].map((skip) => pageStatement(search, segment, { limit: 20, skip, from: null, backwards: false }))),
      ...(from ? [pageStatement(search, segmentsOf(search)[from.segment] as 'all', { limit: 20, skip: 0, from, backwards: false })] : []),
    ];
    const explained = await Promise.all(statements.map(({ text, values }) => test.store.pool.query<{ 'QUERY PLAN': string }>({ text: `EXPLAIN ${text}`, values })));
    return explained.flatMap(({ rows }) => rows.map((row) => row['QUERY PLAN'])).join('\n');
  }

  it.each([
    ['', ''], ['metrics.loss: <=0.5', ''], ['metrics.loss: <=0.5', '-metrics.loss'], ['', 'metrics.loss'], ['params.lr: 3', ''], ['params.lr: >3, metrics.loss: <0.2', 'params.lr'],
    ['status: running', ''], ['status: running|failed, metrics.loss: <=0.01', '-metrics.accuracy'], ['group: 7', ''], ['created_at: 2026-11-02', '-created_at'], ['id: 1000100..1000200', 'id'],
  ])('never reads a whole table: %s sorted by %s', async (query, sort) => {
    const { next } = await view.list(projectId, { query, sort, limit: 20, offset: 0 });
    const plan = await plans(query, sort, next ?? undefined);
    expect(plan).not.toContain('Seq Scan');
    expect(plan).toMatch(/Index (Only )?Scan|Bitmap/);
  });

  it('walks page after page, by offset and by cursor, over the same rows', async () => {
    const asked = { query: 'metrics.loss: <=0.5', limit: 20 };
    const far = await view.list(projectId, { ...asked, offset: 9980 });
    let page = await view.list(projectId, { ...asked, offset: 9940 });
    for (const offset of [9960, 9980]) page = await view.list(projectId, { ...asked, offset, cursor: page.next as string });
    expect(far.results).toHaveLength(20);
    expect(page.results.map(({ id }) => id)).toEqual(far.results.map(({ id }) => id));
    expect(far.count).toBe(experiments / 1000 * 501);
  });
});

describe('groups', () => {
  const projectId = 30;

  it('are searched by the same language, with fields of their own', async () => {
    const groups = new GroupsView(source, test.store.pool);
    for (const [id, name, algorithm, status] of [[1, 'one', 'grid_search', 'running'], [2, 'two', 'bo', 'stopped'], [3, null, 'bo', 'running']])
      await test.store.pool.query(
        `INSERT INTO api_gateway.groups (id, uuid, project_id, user_name, project_name, requested_by, name, tags, content, hptuning, search_algorithm, is_managed, last_status, created_at, updated_at)
         VALUES ($1, gen_random_uuid(), $2, 'mona', 'p', 'mona', $3, '[]', '', '{}', $4, true, $5, $6, $6)`,
        [id, projectId, name, algorithm, status, aTime],
      );
    const search = async (query: string, sort = '') => (await groups.list(projectId, { query, sort, limit: 20, offset: 0 })).results.map(({ id }) => id);
    expect(await search('')).toEqual([3, 2, 1]);
    expect(await search('search_algorithm: BO, status: running')).toEqual([3]);
    expect(await search('', '-name')).toEqual([2, 1, 3]);
    await expect(search('metrics.loss: 1')).rejects.toThrow('there is no field "metrics.loss"');
  });
});
