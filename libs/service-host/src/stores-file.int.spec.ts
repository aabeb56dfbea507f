// Are stores read from a file as they are meant, and is a mistake in it named by its entry?
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namedStores } from './stores-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'stores-'));
const place = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const read = (content: string) => namedStores({ POLYAXON_STORES_FILE: place('stores.yml', content) });
const keys = `access_key_file: ${place('access', 'polyaxon\n')}, secret_key_file: ${place('secret', 'very secret\n')}`;
afterAll(() => rmSync(folder, { recursive: true }));

it('stores on servers and in folders, with the secrets that are in files', async () => {
  const stores = await read(`archive: {url: s3://runs/old/, endpoint: "https://s3.example.org/", region: eu-1, path_style: false, ca_file: ${place('ca', 'PEM')}, ${keys}}\nnfs: {url: /mnt/outputs}`);
  expect(stores.get('nfs')?.configuration).toEqual({ kind: 'volume', root: '/mnt/outputs' });
  expect(stores.get('archive')?.configuration).toEqual({
    kind: 's3', bucket: 'runs', prefix: 'old', endpoint: 'https://s3.example.org', region: 'eu-1', pathStyle: false, ca: 'PEM', credentials: { accessKey: 'polyaxon', secretKey: 'very secret' },
  });
  expect(stores.get('archive')?.settingOf('bucket')).toBe('archive: url in POLYAXON_STORES_FILE');
});

it('none without a file', async () => expect((await namedStores({ POLYAXON_STORES_FILE: '' })).size).toBe(0));

it.each([
  ['default: {url: /mnt}', 'default: this name means the store'],
  ['"a/b": {url: /mnt}', 'a/b: a name is'],
  ['a: {url: mnt}', 'a.url: expected s3://bucket'],
  ['a: {url: /mnt, region: x}', 'a.region: a folder has only a url'],
  [`a: {url: "s3://runs", endpoint: s3.example.org, ${keys}}`, 'a.endpoint: expected https://'],
  ['a: {url: "s3://runs", endpoint: "http://x:1", access_key_file: /nowhere/key, secret_key_file: x}', 'a.access_key_file: ENOENT'],
  [`a: {url: "s3://runs", endpont: "http://x:1", ${keys}}`, 'a.endpont: unknown; expected one of url, endpoint'],
  ['- a', 'expected a name for each store'],
  ['a: [', 'POLYAXON_STORES_FILE='],
])('%p is refused', async (content, problem) => expect(read(content)).rejects.toThrow(problem));

it('a file that is not there is said', async () => expect(namedStores({ POLYAXON_STORES_FILE: join(folder, 'none.yml') })).rejects.toThrow('ENOENT'));
