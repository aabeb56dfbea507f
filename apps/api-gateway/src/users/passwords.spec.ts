// Is a password recognised, and nothing else?
import { hashPassword, isPassword } from './passwords.ts';

it('is the one that was chosen', async () => {
  const hash = await hashPassword('correct horse');
  expect(hash).toMatch(/^scrypt\$15\$8\$1\$/);
  expect(await isPassword('correct horse', hash)).toBe(true);
  expect(await isPassword('Correct horse', hash)).toBe(false);
  expect(await hashPassword('correct horse')).not.toBe(hash);
});

it('of nobody is never right, and a weaker hash of former times still is', async () => {
  expect(await isPassword('', undefined)).toBe(false);
  expect(await isPassword('x', 'scrypt$4$8$1$AAAA$AAAA'.replace('AAAA$AAAA', `${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(32).toString('base64')}`))).toBe(false);
});
