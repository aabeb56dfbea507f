// Who may log in, and whose is a token?
import { createHash, randomBytes } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { namePattern, reservedUsernames, type UserBody } from '#contracts';
import { Refusal } from '#decider';
import { counter } from '#service-host';
import { closest } from '../views/closest.ts';
import { TokenRow, UserRow } from './entities.ts';
import { hashPassword, isPassword } from './passwords.ts';

export interface User {
  readonly username: string;
  readonly email: string | null;
  readonly isSuperuser: boolean;
}

export interface NewUser {
  readonly username: string;
  readonly password: string;
  readonly email?: string | null;
  readonly isSuperuser?: boolean;
}

/** A revoked token is refused at the latest after this. */
const tokenRememberedMs = 5000;
const rememberedMax = 10_000;
const tokensKept = 50;

export class Users {
  /** Counted wherever somebody turns out not to be known. */
  readonly failures = counter('auth_failures_total');
  /** Digest of a token to its user; null: it is nobody's. */
  readonly #remembered = new Map<string, { readonly user: User | null; readonly until: number }>();

  constructor(
    private readonly source: DataSource,
    private readonly now: () => number,
  ) {}

  async find(username: string): Promise<User | null> {
    const row = await this.source.getRepository(UserRow).findOneBy({ username });
    return row && userOf(row);
  }

  async known(username: string): Promise<User> {
    const user = await this.find(username);
    if (user) return user;
    const near = await this.nearestNames(username);
    throw new Refusal('user-not-found', `there is no user ${username}${near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''}`, 'polyaxon user create <name>');
  }

  /** Whose projects are still there stays: they are part of the paths, and belong to somebody. */
  async delete(username: string, by: string): Promise<void> {
    await this.known(username);
    if (username === by) throw new Refusal('not-allowed', 'nobody can delete themselves: another administrator can');
    const [owned] = await this.source.query<{ count: string }[]>(`SELECT count(*) FROM api_gateway.projects WHERE user_name = $1 AND NOT deleted`, [username]);
    if (Number(owned?.count) > 0) throw new Refusal('user-not-empty', `${username} still has ${owned?.count} project(s)`, `polyaxon project list ${username}`);
    await this.source.getRepository(UserRow).delete({ username });
    for (const [digest, { user }] of this.#remembered) if (user?.username === username) this.#remembered.delete(digest);
  }

  async nearestNames(username: string): Promise<string[]> {
    const rows = await this.source.getRepository(UserRow).find({ select: { username: true }, take: 1000 });
    return closest(username, rows.map((row) => row.username));
  }

  /** A name is part of paths and URLs, so it is checked here and never changes. */
  async create({ username, password, email = null, isSuperuser = false }: NewUser): Promise<User> {
    if (!namePattern.test(username)) throw new Refusal('name-invalid', `a user name is 1 to 64 of [-a-zA-Z0-9_], not ${JSON.stringify(username)}`);
    if (reservedUsernames.includes(username.toLowerCase())) throw new Refusal('name-invalid', `${username} is the name of a part of the API, so nobody can be called like that`);
    const passwordHash = await hashPassword(password);
    const inserted = await this.source.createQueryBuilder().insert().into(UserRow).values({ username, email, passwordHash, isSuperuser }).orIgnore().returning('username').execute();
    if ((inserted.raw as unknown[]).length === 0) throw new Refusal('user-exists', `a user called ${username} exists already`);
    return { username, email, isSuperuser };
  }

  /** The administrator of the configuration: what it says holds from the next start on. */
  async ensureAdministrator({ username, password, token }: { username: string; password: string; token?: string | undefined }): Promise<void> {
    const repository = this.source.getRepository(UserRow);
    const row = await repository.findOneBy({ username });
    if (!row) await this.create({ username, password, isSuperuser: true });
    else if (!row.isSuperuser || !(await isPassword(password, row.passwordHash))) await repository.update({ username }, { isSuperuser: true, passwordHash: await hashPassword(password) });
    await this.source.transaction(async (on) => {
      await on.delete(TokenRow, { origin: 'environment' });
      if (token) await keep(on, { digest: digestOf(token), username, origin: 'environment' });
    });
  }

  /** A token of 32 random bytes, which nobody can read again; the newest few of a user are kept. */
  async login(username: string, password: string): Promise<string> {
    const row = await this.source.getRepository(UserRow).findOneBy({ username });
    if (!(await isPassword(password, row?.passwordHash))) {
      this.failures.inc({ reason: 'password' });
      throw new Refusal('not-authenticated', 'the user name or the password is wrong', 'polyaxon login -u <name>');
    }
    const token = randomBytes(32).toString('base64url');
    await keep(this.source.manager, { digest: digestOf(token), username, origin: 'login' });
    await this.source.query(
      `DELETE FROM api_gateway.tokens WHERE digest IN (SELECT digest FROM api_gateway.tokens WHERE username = $1 AND origin = 'login' ORDER BY created_at DESC OFFSET $2)`,
      [username, tokensKept],
    );
    return token;
  }

  async logout(token: string): Promise<void> {
    const digest = digestOf(token);
    this.#remembered.delete(digest);
    await this.source.getRepository(TokenRow).delete({ digest, origin: 'login' });
  }

  async ofToken(token: string): Promise<User | null> {
    const digest = digestOf(token);
    const known = this.#remembered.get(digest);
    if (known && known.until > this.now()) return known.user;
    const [row] = await this.source.query<{ username: string; email: string | null; is_superuser: boolean }[]>(
      `SELECT username, email, is_superuser FROM api_gateway.tokens JOIN api_gateway.users USING (username) WHERE digest = $1`,
      [digest],
    );
    const user = row ? { username: row.username, email: row.email, isSuperuser: row.is_superuser } : null;
    if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
    this.#remembered.set(digest, { user, until: this.now() + tokenRememberedMs });
    return user;
  }
}

export function userBody({ username, email, isSuperuser }: User): UserBody {
  return { username, email, is_superuser: isSuperuser };
}

async function keep(on: EntityManager, token: Pick<TokenRow, 'digest' | 'username' | 'origin'>): Promise<void> {
  await on.createQueryBuilder().insert().into(TokenRow).values(token).orUpdate(['username', 'origin'], ['digest']).execute();
}

function userOf({ username, email, isSuperuser }: UserRow): User {
  return { username, email, isSuperuser };
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
