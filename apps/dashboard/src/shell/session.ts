// Who is using the page?
import { signal } from '@preact/signals';
import type { UserBody } from '#contracts';
import { ask, troubleOf, type Trouble } from '../api/request.ts';
import { forgetEverything } from '../api/resource.ts';
import { go } from './navigation.ts';

/** Undefined: not known yet. Null: nobody. */
export const user = signal<UserBody | null | undefined>(undefined);

/** Why that isn't known. */
export const unknownBecause = signal<Trouble | null>(null);

/** Where nobody is logged in this leads to the login by itself. */
export async function recognise(): Promise<void> {
  try {
    user.value = await ask<UserBody>('/users');
    unknownBecause.value = null;
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.code === 'not-authenticated') user.value = null;
    else unknownBecause.value = trouble;
  }
}

export async function logIn(how: { readonly username: string; readonly password: string } | { readonly token: string }): Promise<void> {
  const known = await ask<UserBody>('/users/session', { method: 'POST', body: how });
  if (known.username !== user.value?.username) forgetEverything();
  user.value = known;
}

export async function logOut(): Promise<void> {
  await ask('/users/session', { method: 'DELETE' }).catch(() => undefined);
  user.value = null;
  forgetEverything();
  go('/app/token');
}
