// Which secrets do the containers share? Each is made once, at the first start, and stays in its volume.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.env.POLYAXON_KEYS_ROOT || '/keys';

/** Seen whole or not at all. */
function write(name, value) {
  const file = join(root, name);
  writeFileSync(`${file}.new`, `${value}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return value;
}

/** What is there is kept; `given` replaces it. */
function secret(name, given = '') {
  const file = join(root, name);
  const known = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  const value = given || known || randomBytes(24).toString('base64url');
  return value === known ? known : write(name, value);
}

const password = secret('database/password');
write('services/database-url', `postgres://polyaxon:${password}@postgres:5432/polyaxon`);
secret('services/internal-token');
secret('services/run-token-secret');
secret('store/secret-key');
secret('admin/token');
secret('admin/password', process.env.POLYAXON_ADMIN_PASSWORD);
