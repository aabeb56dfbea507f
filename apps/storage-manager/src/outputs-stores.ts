// Where are outputs kept, and which setting is wrong when they can't be?
import { stat } from 'node:fs/promises';
import type { StoreBody } from '#contracts';
import { Refusal } from '#decider';
import { namedStores, s3ConfigurationOf, settingsOf, type NamedStore } from '#service-host';
import { openStorage, type FileTree, type StoreProblem } from '#storage';
import type { Configuration } from './configuration.ts';
import { storeSlowDowns } from './metrics.ts';

export const defaultStore = 'default';

/** The tree of a store; without a name, of the default one. */
export type TreeOf = (store?: string) => Promise<FileTree>;

/** Whoever wants to submit an experiment waits so long to hear whether its outputs could be kept. */
const answersWithinMs = 5000;

/** Each is opened when it is used first, and again when that failed: one that is away keeps nobody from the others. */
export class OutputsStores {
  readonly #trees = new Map<string, Promise<FileTree>>();

  private constructor(private readonly stores: ReadonlyMap<string, NamedStore>) {}

  /** The folder of the default store is made here; a named one has to be there, or it would be beside the disk that was to be mounted. */
  static async open(told: Configuration): Promise<OutputsStores> {
    const { POLYAXON_OUTPUTS_STORE: store, POLYAXON_OUTPUTS_ROOT: root } = told;
    const configuration = store === '' ? ({ kind: 'volume', root } as const) : await s3ConfigurationOf('POLYAXON_OUTPUTS_STORE', store, told);
    const stores = new OutputsStores(new Map([[defaultStore, { configuration, settingOf: settingsOf('POLYAXON_OUTPUTS_STORE', 'POLYAXON_OUTPUTS_ROOT') }], ...(await namedStores(told))]));
    await stores.of();
    return stores;
  }

  get names(): readonly string[] {
    return [...this.stores.keys()];
  }

  /** Where those are that are folders here. */
  get folders(): ReadonlyMap<string, string> {
    return new Map([...this.stores].flatMap(([name, { configuration }]) => (configuration.kind === 'volume' ? [[name, configuration.root] as const] : [])));
  }

  async of(name = defaultStore): Promise<FileTree> {
    const store = this.stores.get(name);
    if (!store) throw new Refusal('reference-invalid', `there is no store ${JSON.stringify(name)} any more; known are ${this.names.join(', ')}`, 'name it again in POLYAXON_STORES_FILE');
    const { configuration } = store;
    if (name !== defaultStore && configuration.kind === 'volume' && !(await isFolder(configuration.root))) throw new Error(`the folder of the store ${name} is not there`);
    const tree = this.#trees.get(name) ?? openStorage(configuration.kind === 's3' ? { ...configuration, onSlowDown: () => storeSlowDowns.inc() } : configuration);
    this.#trees.set(name, tree);
    tree.catch(() => this.#trees.delete(name));
    return tree;
  }

  /** What keeps one of them from being used now, and what to look at. */
  async problem(name = defaultStore): Promise<string | undefined> {
    const problem = await this.#problem(name);
    return problem && `${name === defaultStore ? 'outputs' : `outputs in the store ${name}`}: ${problem.message}; look at ${this.stores.get(name)!.settingOf(problem.setting)}`;
  }

  /** For a submission: a store that only asks for patience is no reason to refuse it, one that says nothing is. */
  async state(name: string): Promise<StoreBody> {
    const store = this.stores.get(name);
    let timer: NodeJS.Timeout | undefined;
    const silent: StoreProblem = { setting: 'endpoint', message: `the store does not answer within ${answersWithinMs / 1000} s` };
    const late = new Promise<StoreProblem>((done) => (timer = setTimeout(() => done(silent), answersWithinMs)));
    const problem = store && (await Promise.race([this.#problem(name), late]).finally(() => clearTimeout(timer)));
    return { known: this.names, problem: problem && !problem.isBusy ? { message: problem.message, setting: store.settingOf(problem.setting) } : null };
  }

  async #problem(name: string): Promise<StoreProblem | undefined> {
    try {
      return await (await this.of(name)).problem();
    } catch (error) {
      return { setting: 'root', message: (error as Error).message };
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isDirectory(), () => false);
}
