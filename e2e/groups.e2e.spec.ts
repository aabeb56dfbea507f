// Does a group run its whole search, and can it be stopped, resumed, and made of copies of one experiment?
import { existsSync } from 'node:fs';
import type { ExperimentBody, GroupBody } from '#contracts';
import { until } from '#testing';
import { created, project } from './asking.ts';
import { Platform } from './platform.ts';

let platform: Platform;

beforeAll(async () => {
  platform = await Platform.start({ POLYAXON_GRACE_PERIOD_SECONDS: '5', POLYAXON_MAX_CONCURRENT_RUNS: '8', POLYAXON_GROUP_MEMBERS_LIMIT: '50' });
  await platform.api('POST', 'projects', { name: 'verbs' });
}, 90_000);
afterAll(() => platform.remove(), 60_000);

/** Each start of a member adds a line to its outputs. */
const tell = 'echo "lr={{ lr }} steps={{ steps }}" >> $POLYAXON_RUN_OUTPUTS_PATH/starts';
const group = (cmd: string, hptuning: object, more: object = {}) => JSON.stringify({ version: 1, kind: 'group', params: { steps: 1 }, hptuning, ...more, run: { cmd } });

const make = (content: string): Promise<GroupBody> => created(platform.api('POST', `${project}/groups`, { content })) as unknown as Promise<GroupBody>;
const groupOf = async (id: number): Promise<GroupBody> => (await platform.api('GET', `${project}/groups/${id}`)).body as GroupBody;
const membersOf = async (id: number): Promise<ExperimentBody[]> => ((await platform.api('GET', `${project}/experiments?group=${id}&limit=200`)).body.results as ExperimentBody[]).sort((a, b) => a.id - b.id);

async function groupIs(id: number, ...wanted: string[]): Promise<GroupBody> {
  return until(`group ${id} is ${wanted.join(' or ')}`, async () => {
    const body = await groupOf(id);
    return wanted.includes(body.last_status) ? body : null;
  }, 120_000);
}

describe('grid search', () => {
  it('runs every combination once, each in a path of its own below the group', async () => {
    const { id } = await make(group(tell, { concurrency: 2, matrix: { lr: { values: [0.1, 0.2] }, steps: { values: [5, 6] } } }));
    const done = await groupIs(id, 'done', 'failed');
    expect(done).toMatchObject({ last_status: 'done', search_algorithm: 'grid_search', concurrency: 2, num_experiments: 4, num_succeeded_experiments: 4, unique_name: `root.verbs.${id}` });
    const members = await membersOf(id);
    expect(members.map(({ params }) => params)).toEqual([{ lr: 0.1, steps: 5 }, { lr: 0.1, steps: 6 }, { lr: 0.2, steps: 5 }, { lr: 0.2, steps: 6 }].map((params) => expect.objectContaining(params)));
    for (const member of members) {
      expect(member).toMatchObject({ outputs_path: `root/verbs/groups/${id}/${member.id}`, logs_path: `root/verbs/groups/${id}/${member.id}`, experiment_group: `root.verbs.${id}` });
      expect(platform.output(`${member.outputs_path}/starts`)).toBe(`lr=${member.params.lr as number} steps=${member.params.steps as number}\n`);
      expect(existsSync(platform.outputs(`root/verbs/experiments/${member.id}`))).toBe(false);
    }
    const statuses = (await platform.api('GET', `${project}/groups/${id}/statuses`)).body.results as { status: string; experiment_group: number }[];
    expect(statuses.map(({ status }) => status)).toEqual(['created', 'running', 'done']);
    expect(statuses[0]?.experiment_group).toBe(id);
  }, 180_000);
});
