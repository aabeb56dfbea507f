// How can a checkpoint be damaged? The same chance gives the same damage.
import type { Chance } from '../check-subscriber/chance.ts';

/** Its files by their paths. */
export type Files = ReadonlyMap<string, Buffer>;
export type Kind = 'cut off' | 'zeroed' | 'one bit' | 'file missing';
export const kinds: readonly Kind[] = ['cut off', 'zeroed', 'one bit', 'file missing'];

/** As disks and file systems lose them: a sector, a page, some more. */
const zeroedBytes = [16, 512, 4096, 65_536];
const triesMax = 1000;

export class Damager {
  constructor(private readonly chance: Chance) {}

  /** Other files than before; undefined: it can't be damaged in this way. */
  damaged(kind: Kind, files: Files): Files | undefined {
    if (kind === 'file missing') return files.size < 2 ? undefined : without(files, this.#one([...files.keys()]));
    for (let tries = 0; tries < triesMax; tries += 1) {
      const [path, content] = this.#place(files);
      const changed = this.#changed(kind, content);
      if (!changed.equals(content)) return new Map(files).set(path, changed);
    }
    return undefined;
  }

  #changed(kind: Exclude<Kind, 'file missing'>, content: Buffer): Buffer {
    const at = this.chance.below(content.length);
    if (kind === 'cut off') return content.subarray(0, at);
    const changed = Buffer.from(content);
    if (kind === 'zeroed') return changed.fill(0, at, Math.min(content.length, at + this.#one(zeroedBytes)));
    changed.writeUInt8(changed.readUInt8(at) ^ (1 << this.chance.below(8)), at);
    return changed;
  }

  /** Larger files are hit more often. */
  #place(files: Files): readonly [string, Buffer] {
    const all = [...files];
    let at = this.chance.below(all.reduce((sum, [, { length }]) => sum + length, 0));
    for (const one of all) {
      if (at < one[1].length) return one;
      at -= one[1].length;
    }
    return all[0] as [string, Buffer];
  }

  #one<Value>(values: readonly Value[]): Value {
    return values[this.chance.below(values.length)] as Value;
  }
}

function without(files: Files, path: string): Files {
  const left = new Map(files);
  left.delete(path);
  return left;
}
