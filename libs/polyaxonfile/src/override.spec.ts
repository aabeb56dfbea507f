// What does a polyaxonfile become under an override, and what does the plan say of it?
import fc from 'fast-check';
import { difference, override, type Json, type JsonMapping } from './index.ts';

const key = fc.constantFrom('a', 'b', 'c', 'params', 'declarations', 'constructor');
const tree = fc.letrec<{ value: Json; mapping: JsonMapping }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.constant(null), fc.constantFrom('x', 'y'), fc.array(fc.integer(), { maxLength: 2 }), tie('mapping')),
  mapping: fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
}));
const mapping = tree.mapping.filter((one) => !(Object.hasOwn(one, 'params') && Object.hasOwn(one, 'declarations')));

describe('an override', () => {
  it('merges mappings', () => {
    const raw = { params: { lr: 0.1, epochs: 5 }, run: { cmd: 'x' } };
    expect(override(raw, { params: { lr: 0.5 } })).toEqual({ params: { lr: 0.5, epochs: 5 }, run: { cmd: 'x' } });
  });
  it('replaces lists and scalars', () => {
    const raw = { tags: ['a', 'b'], version: 1, build: { image: 'a' } };
    expect(override(raw, { tags: ['c'], build: 'none' })).toEqual({ tags: ['c'], version: 1, build: 'none' });
  });
  it('removes by null, also what is not there', () => {
    expect(override({ params: { lr: 0.1, epochs: 5 }, tags: [] }, { params: { lr: null, other: null }, tags: null })).toEqual({ params: { epochs: 5 } });
    expect(override({}, { environment: { labels: null, resources: { gpu: null } } })).toEqual({ environment: { resources: {} } });
  });
  it('keeps the null in a list, which removes nothing', () => expect(override({}, { params: { list: [null] } })).toEqual({ params: { list: [null] } }));
  it('lets the later of several win', () => expect(override({}, { a: 1, b: 1 }, { b: 2 }, { b: null, c: 3 })).toEqual({ a: 1, c: 3 }));
  it('takes declarations for params', () => {
    expect(override({ declarations: { lr: 1, n: 2 } }, { params: { lr: 3 } })).toEqual({ params: { lr: 3, n: 2 } });
    expect(override({ params: { lr: 1, n: 2 } }, { declarations: { lr: 3 } })).toEqual({ params: { lr: 3, n: 2 } });
  });

  it('changes nothing more when it is done twice', () =>
    fc.assert(fc.property(mapping, mapping, (raw, patch) => expect(override(raw, patch, patch)).toEqual(override(raw, patch)))));
  it('is the same one by one or all at once', () =>
    fc.assert(fc.property(mapping, mapping, mapping, (raw, one, two) => expect(override(raw, one, two)).toEqual(override(override(raw, one), two)))));
  it('is nothing when it is empty', () => fc.assert(fc.property(mapping, (raw) => expect(difference(raw, override(raw, {}))).toEqual([]))));
  it('never touches what it is given', () =>
    fc.assert(fc.property(mapping, mapping, (raw, patch) => {
      const [before, patchBefore] = [structuredClone(raw), structuredClone(patch)];
      override(raw, patch);
      expect([raw, patch]).toEqual([before, patchBefore]);
    })));
});

describe('the difference', () => {
  it('is told key by key, in the order of the file', () => {
    const before = { params: { lr: 0.1, epochs: 5, layers: [1, 2] }, tags: ['a'] };
    const after = { params: { lr: 0.5, layers: [1, 2], more: { a: 1 } }, tags: ['b'], environment: { resources: { gpu: { limits: 1 } } } };
    expect(difference(before, after)).toEqual([
      { path: 'params.lr', change: 'changed', before: 0.1, after: 0.5 },
      { path: 'params.epochs', change: 'removed', before: 5 },
      { path: 'params.more', change: 'added', after: { a: 1 } },
      { path: 'tags', change: 'changed', before: ['a'], after: ['b'] },
      { path: 'environment', change: 'added', after: { resources: { gpu: { limits: 1 } } } },
    ]);
  });
  it('does not tell the old name of params from the new', () => expect(difference({ declarations: { lr: 1 } }, { params: { lr: 1 } })).toEqual([]));
  it('is empty only between equals', () =>
    fc.assert(fc.property(mapping, mapping, (one, other) => {
      const without = (raw: JsonMapping) => JSON.stringify(override(raw));
      if (difference(one, other).length > 0) expect(without(one)).not.toBe(without(other));
      else expect(override(one)).toEqual(override(other));
    })));
});
