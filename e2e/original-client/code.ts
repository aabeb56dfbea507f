// Code, as the original command line uploads it, runs it and brings it back.
import { createHash } from 'node:crypto';
import { list } from 'tar';
import { join } from 'node:path';
import { drives } from './command-table.ts';
import { iris, type TheStage } from './stage.ts';
import { numberIn, type OriginalClient } from './original-client.ts';

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function namesIn(client: OriginalClient, archive: string): Promise<string[]> {
  const names: string[] = [];
  await list({ file: join(client.folder, archive), onReadEntry: (entry) => void names.push(entry.path.replace(/^\.\//, '')) });
  return names.sort();
}

export function code(stage: TheStage): void {
  it('is uploaded without what .polyaxonignore names, and comes back byte for byte', async () => {
    drives('upload', 'project download', 'check');
    const { adam, platform } = stage();
    adam.write('train.py', 'print("first code", flush=True)\n');
    adam.write('data/numbers.txt', '1 2 3\n');
    adam.write('lib/left-out.txt', 'the default list drops lib\n');
    adam.write('polyaxonfile.yml', 'version: 1\nkind: experiment\nparams: {lr: 0.1}\nrun: {cmd: "python3 train.py; echo lr {{ lr }}; echo saved > $POLYAXON_RUN_OUTPUTS_PATH/model"}\n');
    expect(await adam.does('check', '-f', 'polyaxonfile.yml')).toContain('Polyaxonfile valid');
    expect(await adam.does('upload')).toContain('Files uploaded.');
    expect((await platform.api('GET', iris)).body).toMatchObject({ has_code: true });
    expect(await adam.does('project', 'download')).toContain('Files downloaded.');
    expect(await namesIn(adam, 'repo.tar.gz')).toEqual(['.polyaxonignore', 'data/numbers.txt', 'polyaxonfile.yml', 'train.py']);
    adam.write('.polyaxonignore', `${adam.read('.polyaxonignore').toString()}\n*.tar.gz\n`);
  });

  it('is uploaded by run -u before it runs, pinned, and the code of each experiment can be had', async () => {
    drives('run', 'run -u', 'experiment code');
    const { adam, platform } = stage();
    const first = numberIn(await adam.does('run', '-f', 'polyaxonfile.yml'));
    adam.write('train.py', 'print("second code", flush=True)\n');
    const said = await adam.does('run', '-u');
    expect(said).toMatch(/Files uploaded\.\n(.*\n)*Experiment `\d+` was created/);
    const second = numberIn(said);
    const [one, two] = [await platform.done(first), await platform.done(second)];
    expect([platform.log(one), platform.log(two)]).toEqual(['first code\nlr 0.1\n', 'second code\nlr 0.1\n']);
    expect(one.code_revision).not.toBe(two.code_revision);
    for (const { id, code_revision: revision } of [one, two]) {
      expect(await adam.does('experiment', '-xp', String(id), 'code')).toContain(`Experiment has code ref: \`${revision}\`, downloading`);
      const kept = await platform.api('GET', `${iris}/repo/download?commit=${revision}`);
      expect([kept.status, adam.read('repo.tar.gz').length > 0]).toEqual([200, true]);
    }
    const ofTheSecond = digest(adam.read('repo.tar.gz'));
    await adam.does('experiment', '-xp', String(first), 'code');
    expect(digest(adam.read('repo.tar.gz'))).not.toBe(ofTheSecond);
  });

  it('a mistake in a polyaxonfile is told in one line, and nothing is made', async () => {
    const { adam, platform } = stage();
    const before = await platform.rows('SELECT count(*) FROM event_store.messages');
    adam.write('wrong.yml', 'version: 1\nkind: experiment\nrun: {cmd: "echo {{ no_such_param }}"}\n');
    const { status, detail } = await adam.refused('run', '-f', 'wrong.yml');
    expect([status, detail]).toEqual([400, expect.stringContaining('no_such_param')]);
    expect(await platform.rows('SELECT count(*) FROM event_store.messages')).toEqual(before);
  });
}
