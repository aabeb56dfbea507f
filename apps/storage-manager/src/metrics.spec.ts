// Do the metrics say when a copy stands still, and which checkpoints were damaged?
import { jest } from '@jest/globals';
import { register } from 'prom-client';
import { copyFailed, CopyMeter, countCheckpoints } from './metrics.ts';

const valueOf = async (name: string, label = '') => (await register.getSingleMetric(`polyaxon_${name}`)?.get())?.values.find(({ labels }) => label === '' || Object.values(labels).includes(label))?.value ?? 0;
const progress = (filesDone: number, bytesDone: number) => ({ filesDone, files: 2, bytesDone, bytes: 100 });

describe('a copy', () => {
  let nowMs = 0;
  let clock: { mockRestore(): void };
  beforeAll(() => (clock = jest.spyOn(performance, 'now').mockImplementation(() => nowMs)));
  afterAll(() => clock.mockRestore());
  const pass = (milliseconds: number) => (nowMs += milliseconds);

  it('that tells the same again and again stands still; the one that has stood longest counts', async () => {
    const [one, other] = [new CopyMeter(), new CopyMeter()];
    pass(5000);
    expect(await valueOf('copy_oldest_progress_age_seconds')).toBe(5);
    one.update(progress(0, 10));
    other.update(progress(0, 0));
    pass(1000);
    expect(await valueOf('copy_oldest_progress_age_seconds')).toBe(6);
    expect([await valueOf('copy_bytes_left'), await valueOf('copy_files_left'), await valueOf('copy_progress_bytes_total')]).toEqual([190, 4, 10]);
    other.end();
    expect(await valueOf('copy_oldest_progress_age_seconds')).toBe(1);
    one.update(progress(1, 10));
    expect(await valueOf('copy_oldest_progress_age_seconds')).toBe(0);
    one.end();
    pass(60_000);
    expect([await valueOf('copy_oldest_progress_age_seconds'), await valueOf('copy_bytes_left'), await valueOf('copy_files_left')]).toEqual([0, 0, 0]);
  });

  it('that failed is counted by its reason', async () => {
    copyFailed('disk-full');
    expect([await valueOf('copy_failures_total', 'disk-full'), await valueOf('copy_failures_total', 'io')]).toEqual([1, 0]);
  });
});

it('checkpoints are counted by what was found when a run was to go on from them', async () => {
  type Told = Parameters<typeof countCheckpoints>[0][number];
  const prepared = (checkpoint?: object) => ({ type: 'OutputsPrepared', data: { ...(checkpoint && { checkpoint }) } }) as unknown as Told;
  countCheckpoints([
    prepared(),
    prepared({ offered: null, setAside: [] }),
    prepared({ offered: { complete: true }, setAside: [{ problem: 'cut short' }, { problem: null }] }),
    prepared({ offered: { complete: false }, setAside: [], forced: true }),
    { ...prepared({ offered: { complete: true }, setAside: [] }), type: 'OutputsCopied' },
    { ...prepared({ offered: { complete: true }, setAside: [] }), type: 'OutputsDeleted' },
  ]);
  expect([await valueOf('checkpoint_verifications_total', 'whole'), await valueOf('checkpoint_verifications_total', 'damaged')]).toEqual([3, 2]);
  expect([await valueOf('resumes_total', 'verified'), await valueOf('resumes_total', 'forced'), await valueOf('resumes_total', 'none')]).toEqual([2, 1, 1]);
});
