// Users, versions, and the machine, as the original command line asks for them.
import { drives } from './command-table.ts';
import { password, type TheStage } from './stage.ts';
import { valueIn, type OriginalClient } from './original-client.ts';

export function accounts(stage: TheStage): void {
  const at = async (name: string): Promise<OriginalClient> => {
    const { newcomer, platform } = stage();
    const client = newcomer(name);
    const { hostname, port } = new URL(platform.url);
    await client.does('config', 'set', `--host=${hostname}`, `--port=${port}`);
    return client;
  };

  it('somebody logs in by password, is known by name and mail, and logs out', async () => {
    drives('config set', 'login', 'whoami', 'logout');
    const { platform } = stage();
    await platform.api('POST', 'users', { username: 'eve', password: password('eve'), email: 'eve@example.com' });
    const eve = await at('eve');
    expect(await eve.cli(['login', '-u', 'eve', '-p', 'a wrong one'])).toMatchObject({ code: 1, out: expect.stringContaining('Could not login.') });
    expect(await eve.does('login', '-u', 'eve', '-p', password('eve'))).toContain('Login successful');
    expect(await eve.does('whoami')).toContain('Username: eve, Email: eve@example.com');
    expect(await platform.rows(`SELECT origin FROM api_gateway.tokens WHERE username = 'eve'`)).toEqual([{ origin: 'login' }]);
    expect(await eve.does('logout')).toContain('You are logged out');
    expect((await eve.refused('whoami')).status).toBe(401);
  });

  it('a token logs in as well, and one that is nobody’s does not', async () => {
    drives('login -t');
    const { platform } = stage();
    const { body } = await platform.api('POST', 'users/token', { username: 'eve', password: password('eve') }, { token: null });
    const eve = await at('eve-with-a-token');
    expect(await eve.does('login', '-t', body.token as string)).toContain('Login successful');
    expect(await eve.does('whoami')).toContain('Username: eve');
    expect(await eve.cli(['login', '-t', 'nonsense'])).toMatchObject({ code: 1, out: expect.stringContaining('401') });
  });

  it('an administrator lets somebody in, and deletes users who own nothing', async () => {
    drives('user activate', 'user delete');
    const { platform, adam } = stage();
    await platform.api('POST', 'users', { username: 'boss', password: password('boss'), email: null, is_superuser: true });
    const boss = await at('boss');
    await boss.does('login', '-u', 'boss', '-p', password('boss'));
    expect(await boss.does('whoami')).toContain('Username: boss');
    expect(await boss.does('user', 'activate', 'eve')).toContain('was activated successfully');
    expect(await boss.refused('user', 'activate', 'nobody')).toMatchObject({ status: 404, detail: expect.stringContaining('there is no user nobody') });
    expect(await adam.refused('user', 'delete', 'eve')).toMatchObject({ status: 403 });
    expect(await boss.refused('user', 'delete', 'adam')).toMatchObject({ status: 409, code: 'user-not-empty' });
    expect(await boss.refused('user', 'delete', 'boss')).toMatchObject({ status: 403 });
    expect(await boss.does('user', 'delete', 'eve')).toContain('was deleted successfully');
    expect(await platform.rows(`SELECT username FROM api_gateway.users WHERE username = 'eve'`)).toEqual([]);
    expect(await platform.rows(`SELECT 1 FROM api_gateway.tokens WHERE username = 'eve'`)).toEqual([]);
    const gone = stage().newcomer('eve-with-a-token');
    expect((await gone.refused('whoami')).status).toBe(401);
  });

  it('no version is in the way of another', async () => {
    drives('version', 'dashboard --url');
    const { adam, platform } = stage();
    const said = `${await adam.does('version', '--cli')}${await adam.does('version', '--platform')}`;
    expect([valueIn(said, 'latest_version'), said.includes('ahead of'), said.includes('no longer compatible')]).toEqual(['0.5.6', false, false]);
    expect(await adam.does('dashboard', '--url')).toContain(`${platform.url}/app`);
  });
}
