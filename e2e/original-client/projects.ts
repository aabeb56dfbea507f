// Projects, as the original command line makes, lists, changes and deletes them.
import type { ProjectBody } from '#contracts';
import { drives } from './command-table.ts';
import { iris, type TheStage } from './stage.ts';
import { valueIn } from './original-client.ts';

export function projects(stage: TheStage): void {
  const project = async (path: string) => (await stage().platform.api('GET', path)).body as ProjectBody;

  it('is made, shown, changed', async () => {
    drives('project create', 'project get', 'project update', 'init');
    const { adam } = stage();
    expect(await project(iris)).toMatchObject({ name: 'iris', description: 'flowers', tags: ['a', 'b'], is_public: true, user: 'adam' });
    expect(valueIn(await adam.does('project', 'get'), 'unique_name')).toBe('adam.iris');
    expect(await adam.does('project', 'update', '--description', 'more flowers', '--tags=c')).toContain('Project updated.');
    expect(await project(iris)).toMatchObject({ description: 'more flowers', tags: ['c'] });
    expect(await adam.refused('project', 'create', '--name', 'iris')).toMatchObject({ status: 409, code: 'project-exists' });
    expect(await adam.refused('project', 'create', '--name', 'n'.repeat(65))).toMatchObject({ status: 400, detail: expect.stringContaining('1 to 64 of letters, digits, - and _') });
    expect(await adam.does('project', 'create', '--name', 'hidden', '--private')).toContain('Project `hidden` was created successfully.');
    expect(await project('adam/hidden')).toMatchObject({ is_public: false });
    const elsewhere = adam.elsewhere('hidden');
    expect(await elsewhere.does('init', 'hidden')).toContain('Project was initialized');
    expect(valueIn(await elsewhere.does('project', 'get'), 'unique_name')).toBe('adam.hidden');
  });

  it('are listed 20 a page', async () => {
    drives('project list');
    const { adam, platform } = stage();
    const { body } = await platform.api('POST', 'users/token', { username: 'adam', password: 'the-password-of-adam' }, { token: null });
    for (let made = 0; made < 20; made += 1) await platform.api('POST', 'projects', { name: `p${made}` }, { token: body.token as string });
    const [first, second] = [await adam.does('project', 'list'), await adam.does('project', 'list', '--page=2')];
    expect([valueIn(first, 'count'), valueIn(second, 'count')]).toEqual(['22', '22']);
    expect([/ p19 /.test(first), / iris /.test(first), / p19 /.test(second), / iris /.test(second)]).toEqual([true, false, false, true]);
    expect(first).toContain('--page=2');
  });

  it('is deleted when it is empty', async () => {
    drives('project delete');
    const { adam } = stage();
    expect(await adam.cli(['project', '-p', 'hidden', 'delete'], 'y\n')).toMatchObject({ code: 0, out: expect.stringContaining('was delete successfully') });
    expect(await stage().platform.api('GET', 'adam/hidden')).toMatchObject({ status: 404 });
    expect(await adam.refused('project', '-p', 'hidden', 'get')).toMatchObject({ status: 404, code: 'project-not-found' });
  });
}
