// Does any path get past the check that could mean a place outside, or two places?
import { join } from 'node:path/posix';
import fc from 'fast-check';
import { Refusal } from '#decider';
import { checkPath, isOurs, receiptName, unfinishedName } from './paths.ts';

const suspects = ['', '.', '..', '/', '\\', '%2e%2e', '%2f', '..%2f', '\0', '\n', '~', 'a', '.git', '...', ' ', 'é', 'e\u0301', '\ud800', '\u202e', '//', 'C:'];
const piece = fc.oneof(fc.constantFrom(...suspects), fc.string({ unit: 'binary', maxLength: 8 }));
const pieces = fc.array(piece, { maxLength: 8 });
const anyPath = fc.oneof(pieces.map((some) => some.join('/')), pieces.map((some) => some.join('')));
const accepted = (path: string): boolean => {
  try {
    checkPath(path, 'file');
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({ code: 'path-invalid' });
    return false;
  }
};

describe('a path that is accepted', () => {
  const paths = anyPath.filter(accepted);
  it('is below the root', () => fc.assert(fc.property(paths, (path) => expect(join('/root', path).startsWith('/root/')).toBe(true)), { numRuns: 2000 }));
  it('is already in its only form', () => {
    fc.assert(fc.property(paths, (path) => {
      expect(join('/root', path)).toBe(`/root/${path}`);
      expect(path.normalize('NFC')).toBe(path);
      expect(path.split('/').some((segment) => ['', '.', '..'].includes(segment))).toBe(false);
      expect(/[\u0000-\u001f\\]/.test(path)).toBe(false);
      expect(Buffer.from(path).toString()).toBe(path);
    }), { numRuns: 2000 });
  });
});

describe('a path', () => {
  it.each(['a', 'a/b.c', '.hidden', '...', 'a/.git/x', 'model.ckpt.tmp', '.x.tmp', 'ü/模型 1'])('%j is fine', (path) => {
    expect(checkPath(path, 'file')).toBe(path);
  });
  it('is at most 1024 bytes long', () => expect(['x', 'é'].map((one) => accepted(one.repeat(1024)))).toEqual([true, false]));
  it('may be empty only where a folder is meant', () => {
    expect(checkPath('', 'folder')).toBe('');
    expect(accepted('')).toBe(false);
  });
  it('is never a name the tree keeps for itself', () => {
    fc.assert(fc.property(fc.string({ minLength: 1, unit: 'binary' }).filter((name) => !name.includes('/')), (name) => {
      expect(isOurs(unfinishedName(name))).toBe(true);
      expect(isOurs(unfinishedName(name, 7))).toBe(true);
      expect(isOurs(receiptName(name))).toBe(true);
      expect(accepted(`a/${unfinishedName(name)}/b`)).toBe(false);
    }));
  });
});
