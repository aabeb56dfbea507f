// Bookmarks, as the original command line sets, lists and takes them away.
import { drives } from './command-table.ts';
import { numberIn, valueIn } from './original-client.ts';
import { iris, password, type TheStage } from './stage.ts';

export function bookmarks(stage: TheStage): void {
  it('of projects and experiments are one’s own, the latest first, and go', async () => {
    drives('project bookmark', 'project unbookmark', 'experiment bookmark', 'experiment unbookmark', 'bookmark projects', 'bookmark experiments');
    const { adam, platform } = stage();
    expect(await adam.does('bookmark', 'experiments')).toContain('No bookmarked experiments found');
    adam.write('nothing.yml', 'version: 1\nkind: experiment\nrun: {cmd: "true"}\n');
    const id = numberIn(await adam.does('run', '-f', 'nothing.yml'));
    const xp = ['experiment', '-xp', String(id)];
    expect(await adam.does('project', 'bookmark')).toContain('bookmarked');
    expect(await adam.does(...xp, 'bookmark')).toContain('Experiment is bookmarked.');
    await adam.does(...xp, 'bookmark'); // again: nothing changes
    expect(await platform.rows(`SELECT username, kind FROM api_gateway.bookmarks ORDER BY kind`)).toEqual([{ username: 'adam', kind: 'experiment' }, { username: 'adam', kind: 'project' }]);
    const [marked, projects] = [await adam.does('bookmark', 'experiments'), await adam.does('bookmark', 'projects')];
    expect([valueIn(marked, 'count'), marked.includes(`adam.iris.${id}`), valueIn(projects, 'count'), projects.includes('iris')]).toEqual(['1', true, '1', true]);
    await platform.api('POST', 'users', { username: 'nosy', password: password('nosy') });
    const { body } = await platform.api('POST', 'users/token', { username: 'nosy', password: password('nosy') }, { token: null });
    expect(await platform.api('GET', 'bookmarks/adam/experiments', undefined, { token: body.token as string })).toMatchObject({ status: 403 });
    await platform.api('POST', `${iris}/experiments/${id}/bookmark`, undefined, { token: body.token as string });
    expect(await platform.api('GET', 'bookmarks/nosy/experiments', undefined, { token: body.token as string })).toMatchObject({ body: { count: 1, results: [{ content_object: { id } }] } });

    expect(await adam.does('project', 'unbookmark')).toContain('unbookmarked');
    expect(await adam.does(...xp, 'unbookmark')).toContain('unbookmarked');
    expect(await adam.does('bookmark', 'experiments')).toContain('No bookmarked experiments found');
    expect(await platform.rows(`SELECT username FROM api_gateway.bookmarks`)).toEqual([{ username: 'nosy' }]);
  });
}
