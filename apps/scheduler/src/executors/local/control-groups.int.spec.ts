// Is a group made only where it may be, and with the limits that were asked for?
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlGroups } from './control-groups.ts';

const limits = { cpuCores: 1.5, memoryBytes: 512 * 1024 * 1024 };

describe('control groups', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'groups-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  const mounts = (...lines: string[]) => lines.join('\n');
  const read = (...path: string[]) => readFile(join(root, ...path), 'utf8');

  it('are written in version 2', async () => {
    const groups = new ControlGroups({ mounts: `41 31 0:38 / ${root} rw,relatime - cgroup2 cgroup2 rw`, own: '0::/\n' });
    const applied = await groups.apply('run-7-1', limits);
    expect(applied).toEqual({ joins: [join(root, 'run-7-1/cgroup.procs')], warnings: [] });
    expect(await read('run-7-1/cpu.max')).toBe('150000 100000');
    expect(await read('run-7-1/memory.max')).toBe('536870912');
    await writeFile(join(root, 'run-7-1/memory.events'), 'low 0\noom 1\noom_kill 1\n');
    expect(await groups.isOutOfMemory('run-7-1')).toBe(true);
    expect(await groups.isOutOfMemory('run-8-1')).toBe(false);
  });

  it('are written in version 1', async () => {
    await mkdir(join(root, 'cpu'));
    await mkdir(join(root, 'memory'));
    const facts = {
      mounts: mounts(`32 31 0:29 / ${root}/cpu rw - cgroup cgroup rw,cpu,cpuacct`, `35 31 0:32 / ${root}/memory rw - cgroup cgroup rw,memory`),
      own: '4:memory:/\n1:cpu,cpuacct:/\n0::/\n',
    };
    const applied = await new ControlGroups(facts).apply('run-7-1', limits);
    expect(applied).toEqual({ joins: [join(root, 'cpu/run-7-1/cgroup.procs'), join(root, 'memory/run-7-1/cgroup.procs')], warnings: [] });
    expect(await read('cpu/run-7-1/cpu.cfs_quota_us')).toBe('150000');
    expect(await read('memory/run-7-1/memory.limit_in_bytes')).toBe('536870912');
  });

  it('are not made in a group of somebody else', async () => {
    await mkdir(join(root, 'mine/run-0-0'), { recursive: true });
    const facts = { mounts: `41 31 0:38 / ${root} rw - cgroup2 cgroup2 rw`, own: '0::/mine\n' };
    if (process.getuid?.() === 0) {
      const { joins, warnings } = await new ControlGroups(facts).apply('run-7-1', limits);
      expect(joins).toEqual([]);
      expect(warnings).toEqual([expect.stringMatching(/^the limit of 1.5 cpu is not applied: .*POLYAXON_CGROUP/), expect.stringMatching('memory is not applied')]);
    }
    expect((await new ControlGroups(facts, '/mine').apply('run-7-1', limits)).warnings).toEqual([]);
  });

  it('say so where there are none', async () => {
    const { warnings } = await new ControlGroups({ mounts: '', own: '' }).apply('run-7-1', { cpuCores: null, memoryBytes: 1 });
    expect(warnings).toEqual(['the limit of 1 bytes of memory is not applied: this machine has no control groups for memory']);
  });

  it('are not needed without limits, and may be gone already', async () => {
    const groups = new ControlGroups({ mounts: `41 31 0:38 / ${root} rw - cgroup2 cgroup2 rw`, own: '0::/\n' });
    expect(await groups.apply('run-7-1', { cpuCores: null, memoryBytes: null })).toEqual({ joins: [], warnings: [] });
    await groups.remove('run-7-1');
  });
});
