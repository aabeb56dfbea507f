// Do several files after `-f` say together what they say one after the other?
import fc from 'fast-check';
import type { JsonMapping } from '#polyaxonfile';
import { mergeKeepingNulls, paramsOf } from './polyaxonfiles.ts';

const { override } = await import('#polyaxonfile');

/** A name is a section or a value, as in real files; what a section says after a value of that name can't be put into one patch. */
const value = fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.array(fc.integer(), { maxLength: 3 }));
const { patch } = fc.letrec<{ patch: JsonMapping }>((tie) => ({
  patch: fc
    .tuple(
      fc.dictionary(fc.constantFrom('lr', 'cpu', 'cmd'), value),
      fc.dictionary(fc.constantFrom('params', 'environment'), fc.oneof({ maxDepth: 2 }, fc.constant({}), tie('patch'))),
    )
    .map(([values, sections]) => ({ ...values, ...sections })),
}));

describe('overrides merged before they are sent', () => {
  it('merge mappings, replace lists and scalars', () => {
    const merged = mergeKeepingNulls({ params: { lr: 1, layers: [1, 2] }, environment: { cpu: 1 } }, { params: { lr: 2, layers: [3] } });
    expect(merged).toEqual({ params: { lr: 2, layers: [3] }, environment: { cpu: 1 } });
  });

  it('keep a null, which removes from the source what no file here has', () => {
    expect(mergeKeepingNulls({ params: { lr: null } }, { params: { epochs: 3 } })).toEqual({ params: { lr: null, epochs: 3 } });
    expect(mergeKeepingNulls({ params: { lr: 1 } }, { params: { lr: null } })).toEqual({ params: { lr: null } });
  });

  it('know declarations as params', () => expect(mergeKeepingNulls({ declarations: { lr: 1 } }, { params: { lr: 2 } })).toEqual({ params: { lr: 2 } }));

  it('do to a source what each file after the other would', () =>
    fc.assert(
      fc.property(patch, patch, patch, (source, one, other) => expect(override(source, mergeKeepingNulls(one, other))).toEqual(override(source, one, other))),
    ));

  it('reach no prototype', () => {
    const merged = mergeKeepingNulls({}, JSON.parse('{"__proto__": {"polluted": true}}') as JsonMapping);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.hasOwn(merged, '__proto__')).toBe(true);
  });
});

describe('params of the command line', () => {
  it('stay text', () => expect(paramsOf(['lr=0.9', 'cmd=a=b', 'empty='])).toEqual({ params: { lr: '0.9', cmd: 'a=b', empty: '' } }));
  it('are pairs', () => expect(() => paramsOf(['lr'])).toThrow('NAME=VALUE'));
});
