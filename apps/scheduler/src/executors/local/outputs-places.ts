// In which folder does a program find the outputs of a store, and are they carried there and back?
import type { StorageConfiguration, S3Settings } from '#storage';
import { LaunchFailed } from '../executor.ts';

export interface OutputsPlace {
  /** Outputs paths are laid out below. */
  readonly root: string;
  /** The store that they are carried to; not given: the folder is where they are kept. */
  readonly s3?: S3Settings;
}

/** The default store, and those that a polyaxonfile may name. */
export class OutputsPlaces {
  constructor(
    private readonly ofDefault: OutputsPlace,
    private readonly named: ReadonlyMap<string, OutputsPlace> = new Map(),
  ) {}

  of(store?: string): OutputsPlace {
    const place = store === undefined ? this.ofDefault : this.named.get(store);
    if (!place) throw new LaunchFailed('start', `there is no store ${store} here; to mend it: name it in POLYAXON_STORES_FILE of the scheduler, too`);
    return place;
  }

  /** Whether anything is carried at all. */
  get isCarrying(): boolean {
    return [this.ofDefault, ...this.named.values()].some(({ s3 }) => s3 !== undefined);
  }
}

/** A volume is used where it is, outputs of a store are in `working` for as long as a program runs. */
export function placeOf(configuration: StorageConfiguration, working: string): OutputsPlace {
  return configuration.kind === 'volume' ? { root: configuration.root } : { root: working, s3: configuration };
}
