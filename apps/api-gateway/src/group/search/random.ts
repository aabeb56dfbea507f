// Where does chance come from, so that the same seed always gives the same search?
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

export interface Random {
  /** From 0 up to, and without, 1. */
  fraction(): number;
  /** A whole number from 0, below `count`. */
  below(count: number): number;
  /** Around 0, with a deviation of 1. */
  normal(): number;
}

/** Each iteration has chance of its own: what it draws doesn't depend on how much the ones before it drew. */
export function randomFrom(seed: number | undefined, iteration: number): Random {
  if (seed === undefined) throw new Error('a search needs a seed: whoever creates the group stores one');
  const words = [seed % 2 ** 32, Math.floor(seed / 2 ** 32), iteration];
  const generator = xoroshiro128plusFromState([1, 2, 3, 4].map((salt) => words.reduce((mixed, word) => scramble(mixed ^ scramble(word | 0)), salt)));
  const fraction = () => uniformFloat64(generator);
  return {
    fraction,
    below: (count) => Math.floor(fraction() * count),
    normal: () => Math.sqrt(-2 * Math.log(1 - fraction())) * Math.cos(2 * Math.PI * fraction()),
  };
}

/** Neighbouring numbers become numbers that have nothing in common (the last steps of MurmurHash3). */
function scramble(word: number): number {
  let mixed = word + 0x9e3779b9;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
