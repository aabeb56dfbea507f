// Can somebody with many experiments find the one they mean, and see what made it different?
import type { ExperimentBody, ExperimentComparison, Page } from '#contracts';
import { created, polyaxonfile } from './asking.ts';
import { Platform, upload } from './platform.ts';

let platform: Platform;
let folder: string;
const ids: number[] = [];
const project = 'root/finding';

beforeAll(async () => {
  platform = await Platform.start();
  await platform.api('POST', 'projects', { name: 'finding' });
  folder = platform.workspace('finding', { 'train.py': '' });
  expect((await platform.cli(folder, 'init', 'finding')).code).toBe(0);
  const losses = [0.5, 0.25, null];
  for (const [index, loss] of losses.entries()) {
    await upload(platform, project, { 'train.py': `# version ${Math.min(index, 1)}\n`, 'data.txt': 'same\n' });
    const cmd = 'echo {{ lr }} > $POLYAXON_RUN_OUTPUTS_PATH/model; echo always > $POLYAXON_RUN_OUTPUTS_PATH/notes';
    const { id } = await created(platform.api('POST', `${project}/experiments`, { content: polyaxonfile(cmd, { params: { lr: [0.1, 0.2, 0.1][index], optimizer: 'adam' } }), name: `try-${index}` }));
    await platform.api('POST', `${project}/experiments/${id}/metrics`, { values: { loss, step: index } });
    ids.push(id);
  }
  for (const id of ids) await platform.done(id);
}, 120_000);
afterAll(() => platform?.remove(), 60_000);

const polyaxon = (...words: string[]) => platform.cli(folder, ...words);
async function found(...words: string[]): Promise<number[]> {
  const { code, out, err } = await polyaxon('project', 'experiments', '-o', 'json', ...words);
  expect([code, code === 0 ? '' : err]).toEqual([0, '']);
  return (JSON.parse(out) as Page<ExperimentBody>).results.map(({ id }) => ids.indexOf(id));
}

describe('finding', () => {
  it.each<[string[], number[]]>([
    [['-q', 'status: succeeded, metrics.loss: <=0.5'], [1, 0]],
    [['-q', 'params.lr: 0.1, ~metrics.loss: nan'], [0]],
    [['-q', 'name: try-%', '-s', 'metrics.loss'], [1, 0, 2]],
    [['-s=-params.lr,id', '--limit', '2'], [1, 0]],
    [['-s', 'id', '--limit', '1', '--page', '3'], [2]],
    [['-q', 'created_at: 2000-01-01 .. 2001-01-01'], []],
  ])('polyaxon project experiments %j', async (words, expected) => expect(await found(...words)).toEqual(expected));

  it('gives each metric and each param a column', async () => {
    const { out } = await polyaxon('project', 'experiments', '-m', '-p', '-s', 'id');
    const [head, first] = out.split('\n').map((line) => line.split(/ {2,}/));
    expect(head).toEqual(expect.arrayContaining(['lr', 'optimizer', 'loss', 'step']) as string[]);
    expect(first).toEqual(expect.arrayContaining(['0.1', 'adam', '0.5', '0']) as string[]);
  });

  it('says where a search goes wrong, and what may have been meant', async () => {
    const { code, out, err } = await polyaxon('project', 'experiments', '-q', 'id: 3, statsu: running');
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain('at character 8: there is no field "statsu", did you mean status?');
    expect(err).toContain(`fix: polyaxon project experiments -q "status: running|failed"`);
  });

  it('goes from page to page by the addresses of the answer', async () => {
    const seen: number[] = [];
    for (let address: string | null = `${project}/experiments?limit=1&sort=metrics.loss`; address; ) {
      const { body } = await platform.api('GET', address);
      const page = body as Page<ExperimentBody>;
      seen.push(...page.results.map(({ id }) => ids.indexOf(id)));
      address = page.next && page.next.slice(page.next.indexOf('/api/v1/') + '/api/v1/'.length);
    }
    expect(seen).toEqual([1, 0, 2]);
  });
});

describe('comparing', () => {
  it('polyaxon experiment diff tells polyaxonfile, command, params, metrics, code and outputs', async () => {
    const [one, other] = [String(ids[0]), String(ids[1])];
    const { code, out } = await polyaxon('experiment', 'diff', one, other, '--exit-code');
    expect(code).toBe(1);
    for (const line of ['- lr: 0.1', '+ lr: 0.2', 'loss: 0.5 -> 0.25 (-0.25)', '~ train.py', '~ model (4 B)', '1 changed, 1 same']) expect(out).toContain(line);
    expect(out).not.toContain('optimizer');

    const json = await polyaxon('experiment', '-xp', one, 'diff', other, '-o', 'json');
    expect(json.code).toBe(0);
    const comparison = JSON.parse(json.out) as ExperimentComparison;
    expect(comparison).toMatchObject({ same: false, params: [{ path: 'lr', change: 'changed', before: 0.1, after: 0.2 }], code: { files: { changed: 1, same: 1 } }, outputs: { files: { changed: 1, same: 1 } } });
  });

  it('an experiment is the same as itself, and one that isn’t there is not found', async () => {
    const one = String(ids[0]);
    expect(await polyaxon('experiment', 'diff', one, one, '--exit-code')).toMatchObject({ code: 0, out: expect.stringContaining('no differences') as string });
    expect((await polyaxon('experiment', 'diff', one, '999999')).code).toBe(3);
    expect((await polyaxon('experiment', 'diff', one, 'x')).code).toBe(2);
  });
});
