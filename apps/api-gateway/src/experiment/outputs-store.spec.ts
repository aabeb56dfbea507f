// Is the store of the outputs the one that the polyaxonfile names, under its old name and its new one?
import { recorded, storeOf } from './outputs-store.ts';

it.each([
  [{}, 'default'],
  [{ persistence: { outputs: 'archive' } }, 'archive'],
  [{ artifact_refs: ['archive'] }, 'archive'],
  [{ artifact_refs: [{ name: 'archive' }], persistence: { outputs: 'archive', data: ['mnist'] } }, 'archive'],
  [{ artifact_refs: ['default', { name: 'outputs' }], persistence: { outputs: 'default' } }, 'default'],
])('%j', (environment, store) => expect(storeOf(environment)).toBe(store));

it('two are refused', () => expect(() => storeOf({ artifact_refs: ['archive'], persistence: { outputs: 'default' } })).toThrow('not in archive and default'));

it('events name none for the default one, as before there were others', () => {
  expect(recorded('default')).toEqual({});
  expect(recorded('archive')).toEqual({ outputsStore: 'archive' });
});
