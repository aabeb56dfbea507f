// Is a variable taken from the environment, or from the file it names, and is what is wrong said by its name?
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationInvalid, integer, readConfiguration, secret, text, url } from './configuration.ts';

const variables = { DATABASE: url('the database', ['postgres']), TOKEN: secret('a token', ''), COUNT: integer('how many', { min: 0, max: 9, fallback: 3 }), KEY: text('a key', ''), KEY_FILE: text('read elsewhere', '') };
const read = (environment: Record<string, string>) => readConfiguration(variables, environment);

describe('a variable', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'polyaxon-configuration-'))));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it('is taken from the environment, else it has its fallback', () => expect(read({ DATABASE: 'postgres://a', COUNT: '' })).toMatchObject({ DATABASE: 'postgres://a', COUNT: 3, TOKEN: '' }));
  it('is taken from the file it names, without the end of its line', () =>
    expect(read({ DATABASE_FILE: file('database', 'postgres://b/\n'), TOKEN_FILE: file('token', ' secret\n'), COUNT_FILE: '' })).toMatchObject({ DATABASE: 'postgres://b', TOKEN: 'secret', COUNT: 3 }));
  it('may be called so itself', () => expect(read({ DATABASE: 'postgres://a', KEY_FILE: '/nowhere' })).toMatchObject({ KEY: '', KEY_FILE: '/nowhere' }));

  const refused = (environment: Record<string, string>): string => {
    try {
      read(environment);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationInvalid);
      return (error as Error).message;
    }
    throw new Error('it was taken');
  };
  it('is missing', () => expect(refused({})).toBe('DATABASE is not set: the database'));
  it('is wrong', () => expect(refused({ DATABASE: 'x', COUNT: '10' })).toBe('DATABASE=x: expected a URL that starts with postgres:// (the database); COUNT=10: expected a whole number from 0 to 9 (how many)'));
  it('is wrong in a file, whose content is not shown', () => expect(refused({ DATABASE_FILE: file('wrong', 'hunter2') })).toBe('DATABASE_FILE: expected a URL that starts with postgres:// (the database)'));
  it('names no file', () => expect(refused({ DATABASE_FILE: join(folder, 'nothing') })).toMatch(/^DATABASE_FILE=.*nothing: ENOENT/));
  it('names an empty file', () => expect(refused({ DATABASE_FILE: file('empty', '\n') })).toMatch(/^DATABASE_FILE=.*empty: the file is empty$/));
  it('is given twice', () => expect(refused({ DATABASE: 'postgres://a', TOKEN: 'x', TOKEN_FILE: file('twice', 'y') })).toBe('TOKEN and TOKEN_FILE are both set: leave one of them out'));
});
