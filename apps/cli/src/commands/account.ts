// Who speaks to the platform?
import type { UserBody } from '#contracts';
import { ApiClient } from '../api-client.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Run, Tree } from '../tree.ts';
import { asked, secret } from '../prompt.ts';
import type { Session } from '../session.ts';

interface LoginOptions {
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
}

export function defineAccount(tree: Tree): void {
  tree
    .command(tree.root, 'login', 'log in, with a password (asked, or from stdin) or a token', async () => login)
    .option('-u, --username <name>', 'who you are')
    .option('-p, --password <password>', 'better typed or piped than given here, where others can see it')
    .option('-t, --token <token>', 'instead of a name and a password');
  tree.command(tree.root, 'logout', 'forget the login', async () => logout);
  tree.command(tree.root, 'whoami', 'who is logged in', async () => whoami);
  const user = tree.noun('user', 'Users of the platform');
  tree
    .command(user, 'create <username>', 'add a user (admin); the password is asked, or from stdin', async () => createUser)
    .option('-p, --password <password>', 'better typed or piped')
    .option('--email <address>', 'their address');
}

const login: Run<LoginOptions> = async ({ user, out, api }, { username, password, token }) => {
  const fix = 'polyaxon login -u USERNAME, with the password from stdin, or polyaxon login -t TOKEN';
  const anonymous = new ApiClient(api.server, null);
  const issued = token ?? (await tokenFor(anonymous, username ?? (await asked('Username', fix)), password ?? (await secret('Password', fix))));
  const who = await new ApiClient(api.server, issued).get<UserBody>('/users');
  user.logIn({ username: who.username, token: issued });
  await out.said('Login successful', who, who.username);
  out.next('polyaxon project create --name NAME', 'polyaxon project list');
};

async function tokenFor(api: ApiClient, username: string, password: string): Promise<string> {
  const { token } = await api.sendForm<{ readonly token?: string }>('/users/token', { username, password });
  if (!token) throw new CommandFailure('not-authenticated', exitCodes.notAuthenticated, 'the platform gave no token', 'polyaxon login -u USERNAME');
  return token;
}

const logout: Run<object> = async ({ user, out }) => {
  user.logOut();
  await out.said('You are logged out', {}, '');
};

const whoami: Run<object> = async (session) => {
  const who = await session.api.get<UserBody>('/users');
  await session.out.said(`Username: ${who.username}, Email: ${who.email ?? ''}`, who, who.username);
};

const createUser: Run<{ readonly password?: string; readonly email?: string }, [string]> = async (session: Session, { password, email }, username) => {
  const chosen = password ?? (await secret('Password', `polyaxon user create ${username} -p PASSWORD`));
  const created = await session.api.send<UserBody>('POST', '/users', { username, password: chosen, ...(email && { email }) });
  await session.out.said(`User \`${username}\` was created`, created, username);
};
