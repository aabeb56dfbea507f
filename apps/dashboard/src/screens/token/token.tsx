// How does somebody log in?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { troubleOf, type Trouble } from '../../api/request.ts';
import { TroubleNote } from '../../elements/trouble.tsx';
import { address, go } from '../../shell/navigation.ts';
import { nextOf } from '../../shell/routes.ts';
import { logIn } from '../../shell/session.ts';
import './token.css';

export function Token(): JSX.Element {
  const byToken = useSignal(false);
  const trouble = useSignal<Trouble | null>(null);
  const isAsking = useSignal(false);
  useEffect(() => void (document.title = 'Log in · Polyaxon'), []);
  const next = nextOf(address.value.search);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isAsking.value) return;
    const given = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<string, string>;
    isAsking.value = true;
    trouble.value = null;
    try {
      await logIn(byToken.value ? { token: (given.token ?? '').trim() } : { username: given.username ?? '', password: given.password ?? '' });
      go(next, { replace: true });
    } catch (error) {
      trouble.value = troubleOf(error);
    } finally {
      isAsking.value = false;
    }
  };
  return (
    <section class="login">
      <h1>Log in</h1>
      {next !== '/app' && <p class="quiet">You go on where you were afterwards.</p>}
      <form onSubmit={(event) => void submit(event)}>
        {byToken.value ? (
          <label class="field">Token<input name="token" type="password" autoComplete="off" required spellcheck={false} /></label>
        ) : (
          <>
            <label class="field">Name<input name="username" autoComplete="username" required autoCapitalize="none" spellcheck={false} /></label>
            <label class="field">Password<input name="password" type="password" autoComplete="current-password" required /></label>
          </>
        )}
        {trouble.value && <TroubleNote trouble={trouble.value} />}
        <div class="login-end">
          <button type="submit" class="button is-main" aria-disabled={isAsking.value} aria-busy={isAsking.value}>Log in</button>
          <button type="button" class="button is-plain" onClick={() => (byToken.value = !byToken.value)}>{byToken.value ? 'Use a name and a password' : 'Use a token'}</button>
        </div>
      </form>
      <p class="quiet login-hint">
        The password of the administrator is in the settings of the platform; the token of one that runs on this machine is in <code>admin-token</code> of its folder.
      </p>
    </section>
  );
}
