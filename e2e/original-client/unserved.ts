// What the original could do and this platform does not: is it refused at once, with the reason, and changes nothing?
import { drives } from './command-table.ts';
import type { OriginalClient } from './original-client.ts';
import type { TheStage } from './stage.ts';

const commands: readonly (readonly [command: string, ...args: string[]])[] = [
  ['superuser grant', 'superuser', 'grant', 'adam'],
  ['superuser revoke', 'superuser', 'revoke', 'adam'],
  ['project jobs', 'project', 'jobs'],
  ['project builds', 'project', 'builds'],
  ['project tensorboards', 'project', 'tensorboards'],
  ['project git', 'project', 'git', '--url', 'https://example.com/code.git'],
  ['project ci', 'project', 'ci', '--enable'],
  ['run of a job or a build', 'run', '-f', 'job.yml'],
  ['job', 'job', '-j', '1', 'get'],
  ['build', 'build', '-b', '1', 'get'],
  ['bookmark jobs', 'bookmark', 'jobs'],
  ['bookmark builds', 'bookmark', 'builds'],
  ['notebook', 'notebook', 'start', '-f', 'notebook.yml'],
  ['tensorboard', 'tensorboard', 'start', '-f', 'tensorboard.yml'],
];

export function unserved(stage: TheStage): void {
  it('is refused with one line that says what', async () => {
    const { adam, platform } = stage();
    adam.write('job.yml', 'version: 1\nkind: job\nbuild: {image: busybox}\nrun: {cmd: "true"}\n');
    adam.write('notebook.yml', 'version: 1\nkind: notebook\nbuild: {image: jupyter}\n');
    adam.write('tensorboard.yml', 'version: 1\nkind: tensorboard\nbuild: {image: tensorflow}\n');
    const before = await platform.rows('SELECT count(*) FROM event_store.messages');
    const left = [...commands];
    const drive = async (person: OriginalClient): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [command, ...args] = next;
        drives(command);
        const { status, code, detail } = await person.refused(...args);
        expect([command, status, code, detail]).toEqual([command, 404, 'not-served', expect.stringMatching(/^not served here: /)]);
      }
    };
    await Promise.all([drive(adam), drive(adam.twin('b'))]);
    expect(await platform.rows('SELECT count(*) FROM event_store.messages')).toEqual(before);
  });
}
