// Is this the password that was chosen?
import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { Refusal } from '#decider';

/** 2^15 x 8 x 128 B = 32 MiB a try: dear for whoever tries many. Kept with each hash, so that they can be raised later. */
const now = { logN: 15, r: 8, p: 1 } as const;
const keyBytes = 32;
const waitingMax = 32;

/** One line `scrypt$<log2 N>$<r>$<p>$<salt>$<key>`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, now);
  return ['scrypt', now.logN, now.r, now.p, salt.toString('base64'), key.toString('base64')].join('$');
}

/** Without a hash (nobody is called so) it takes as long and is false: the time tells nothing. */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, logN, r, p, salt, key] = (hash ?? nobodysHash).split('$');
  const expected = Buffer.from(key ?? '', 'base64');
  const given = await derive(password, Buffer.from(salt ?? '', 'base64'), { logN: Number(logN), r: Number(r), p: Number(p) });
  return timingSafeEqual(given, expected) && hash !== undefined;
}

const nobodysHash = ['scrypt', now.logN, now.r, now.p, Buffer.alloc(16).toString('base64'), Buffer.alloc(keyBytes).toString('base64')].join('$');

let running = 0;
const waiting: (() => void)[] = [];

/** Two at a time, so that logins can't take all memory or starve the other work of the thread pool. */
async function derive(password: string, salt: Buffer, { logN, r, p }: { logN: number; r: number; p: number }): Promise<Buffer> {
  if (running >= 2) {
    if (waiting.length >= waitingMax) throw new Refusal('too-many-requests', 'too many logins at once; try again in a few seconds');
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  running += 1;
  try {
    const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 256 * 2 ** logN * r };
    return await new Promise((resolve, reject) => scrypt(password, salt, keyBytes, options, (error, key) => (error ? reject(error) : resolve(key))));
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
