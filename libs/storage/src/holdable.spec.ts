// Is a name that this machine can't hold beside another one found before anything is brought here?
import { unholdable } from './holdable.ts';

const among = (...paths: string[]) => unholdable(new Set(paths));

describe('names of a store', () => {
  it('can be held when none is a file and a folder', () => expect(among('a', 'ab/c', 'b/c', 'b/d/e', 'empty/')).toBeUndefined());

  it.each([[['a', 'a/b']], [['a/b', 'a']], [['a', 'a/']], [['x', 'a/b/c', 'a/b']]])('can not when one is, as in %j', (paths) => expect(among(...paths)).toBeDefined());

  it('are told: the one that has no place, and the file in its way', () => expect(among('deep/a', 'deep/a/b/c')).toEqual({ path: 'deep/a/b/c', file: 'deep/a' }));
});
