// Can the machine hold an attempt to its limits of cpu and memory?
import { mkdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { codeOf } from './attempt-folder.ts';

export interface Limits {
  readonly cpuCores: number | null;
  readonly memoryBytes: number | null;
}

export interface Applied {
  /** A process that writes 0 here is held to the limits, and so are all it starts. */
  readonly joins: readonly string[];
  readonly warnings: readonly string[];
}

type Controller = 'cpu' | 'memory';

interface Hierarchy {
  readonly version: 1 | 2;
  /** The group under which each attempt gets its own. */
  readonly parent: string;
}

/** What Linux says of its control groups, for this process. */
export interface GroupFacts {
  /** /proc/self/mountinfo */
  readonly mounts: string;
  /** /proc/self/cgroup */
  readonly own: string;
}

const cpuPeriodUs = 100_000;
const notOurs = 'the control group of the scheduler is not its own to divide (POLYAXON_CGROUP can name one that is)';

/**
 * One group for each attempt that has limits, in version 2 or 1 of the kernel's interface. Groups are made only where they are the platform's to make: in `given`, or
 * in its own group when that is the topmost one here, or belongs to its user who is not root. Elsewhere they would take processes away from whoever made that group.
 */
export class ControlGroups {
  constructor(
    private readonly facts: GroupFacts,
    private readonly given?: string,
  ) {}

  static async open(given?: string): Promise<ControlGroups> {
    const read = (path: string) => readFile(path, 'utf8').catch(() => '');
    return new ControlGroups({ mounts: await read('/proc/self/mountinfo'), own: await read('/proc/self/cgroup') }, given);
  }

  /** What can't be applied is said, and is no reason not to run. */
  async apply(name: string, { cpuCores, memoryBytes }: Limits): Promise<Applied> {
    const joins = new Set<string>();
    const warnings: string[] = [];
    const limit = async (controller: Controller, asked: string, values: (version: 1 | 2) => Readonly<Record<string, string>>) => {
      try {
        const hierarchy = await this.#usable(controller);
        const group = join(hierarchy.parent, name);
        await mkdir(group).catch((error: unknown) => {
          if (codeOf(error) !== 'EEXIST') throw error;
        });
        for (const [file, value] of Object.entries(values(hierarchy.version))) await writeFile(join(group, file), value);
        joins.add(join(group, 'cgroup.procs'));
      } catch (error) {
        warnings.push(`the limit of ${asked} is not applied: ${(error as Error).message}`);
      }
    };
    if (cpuCores !== null) {
      const quota = String(Math.max(1000, Math.round(cpuCores * cpuPeriodUs)));
      await limit('cpu', `${cpuCores} cpu`, (version) =>
        version === 2 ? { 'cpu.max': `${quota} ${cpuPeriodUs}` } : { 'cpu.cfs_period_us': String(cpuPeriodUs), 'cpu.cfs_quota_us': quota },
      );
    }
    if (memoryBytes !== null) {
      const most = String(memoryBytes);
      await limit('memory', `${memoryBytes} bytes of memory`, (version) => (version === 2 ? { 'memory.max': most } : { 'memory.limit_in_bytes': most }));
    }
    return { joins: [...joins], warnings };
  }

  /** Whether the kernel has ended a process of the attempt because it reached its limit of memory. */
  async isOutOfMemory(name: string): Promise<boolean> {
    const hierarchy = this.#find('memory');
    if (!hierarchy) return false;
    const file = join(hierarchy.parent, name, hierarchy.version === 2 ? 'memory.events' : 'memory.oom_control');
    const text = await readFile(file, 'utf8').catch(() => '');
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0) > 0;
  }

  /** Fails while a process is left in it. */
  async remove(name: string): Promise<void> {
    const hierarchies = [this.#find('cpu'), this.#find('memory')].filter((hierarchy) => hierarchy !== undefined);
    for (const parent of new Set(hierarchies.map(({ parent }) => parent))) {
      // Looked for first: where nobody may write, removing what isn't there fails as well.
      const group = join(parent, name);
      if (await stat(group).then(() => true, () => false)) await rmdir(group);
    }
  }

  async #usable(controller: Controller): Promise<Hierarchy> {
    const hierarchy = this.#find(controller);
    if (!hierarchy) throw new Error(`this machine has no control groups for ${controller}`);
    if (!(await this.#isOurs(hierarchy.parent, controller))) throw new Error(notOurs);
    // May be switched on already, or not be ours to switch on: whether it is shows when the limit is written.
    if (hierarchy.version === 2) await writeFile(join(hierarchy.parent, 'cgroup.subtree_control'), `+${controller}`).catch(() => undefined);
    return hierarchy;
  }

  async #isOurs(parent: string, controller: Controller): Promise<boolean> {
    if (this.given !== undefined || this.#ownPath(controller) === '/') return true;
    const user = process.getuid?.() ?? 0;
    return user !== 0 && (await stat(parent)).uid === user;
  }

  #find(controller: Controller): Hierarchy | undefined {
    const own = this.given ?? this.#ownPath(controller);
    const mount = this.#mountOf(controller);
    if (own === undefined || mount === undefined) return undefined;
    const below = relative(mount.root, own);
    return { version: mount.version, parent: below.startsWith('..') ? mount.point : join(mount.point, below) };
  }

  /** `4:memory:/path` in version 1, `0::/path` in version 2. */
  #ownPath(controller: Controller): string | undefined {
    const lines = this.facts.own.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
    const mine = lines.find((line) => line?.[1]?.split(',').includes(controller)) ?? lines.find((line) => line?.[1] === '');
    return mine?.[2];
  }

  /** `id parent device root point options … - type source options` */
  #mountOf(controller: Controller): { version: 1 | 2; root: string; point: string } | undefined {
    const mounts = this.facts.mounts.split('\n').flatMap((line) => {
      const [, , , root, point, ...rest] = line.split(' ');
      const [type, , options = ''] = rest.slice(rest.indexOf('-') + 1);
      return root !== undefined && point !== undefined ? [{ root, point, type, options: options.split(',') }] : [];
    });
    const first = mounts.find(({ type, options }) => type === 'cgroup' && options.includes(controller));
    if (first) return { version: 1, ...first };
    const second = mounts.find(({ type }) => type === 'cgroup2');
    return second && { version: 2, ...second };
  }
}
