// Does every way to write resume, restart and copy ask the gateway for the same, and say what came of it?
import { list } from 'tar';
import { Readable } from 'node:stream';
import { CommandLine } from '../test/command-line.ts';
import { experimentBody, problem, RecordingGateway, type Answer } from '../test/recording-gateway.ts';

const gateway = new RecordingGateway();
let shell: CommandLine;
const X = '/mona/mnist/experiments/23';
const uploaded = { revision: 'c0de'.repeat(16), files: 2, size_bytes: 20, unchanged: false };

beforeAll(async () => gateway.start());
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.forget();
  gateway.on('PUT /mona/mnist/repo/upload', uploaded, 201);
  for (const verb of ['resume', 'restart', 'copy']) gateway.on(`POST ${X}/${verb}`, experimentBody(31, { source_id: 23 }), 201);
  shell = new CommandLine(gateway.port).initialise();
  shell.write('polyaxonfile_override.yml', 'version: 1\nparams:\n  lr: 0.5\n');
  shell.write('train.py', 'print(1)\n');
});
afterEach(() => shell.remove());

const override = JSON.stringify({ content: 'version: 1\nparams:\n  lr: 0.5\n' });

/** What the recording gateway answers to an upload. */
const revision = 'c0de'.repeat(16);

describe('the commands of the documentation', () => {
  it.each([
    ['experiment -xp 23 resume', [`POST ${X}/resume {}`], 'Experiment was resumed with id 31'],
    ['experiment -xp 23 resume -u', ['PUT /mona/mnist/repo/upload', `POST ${X}/resume {"update_code":true,"code_revision":"${revision}"}`], 'Experiment was resumed with id 31'],
    ['experiment -xp 23 resume -f polyaxonfile_override.yml', [`POST ${X}/resume ${override}`], 'Experiment was resumed with id 31'],
    ['experiment -xp 23 restart', [`POST ${X}/restart {}`], 'Experiment was restarted with id 31'],
    ['experiment -xp 23 restart -u', ['PUT /mona/mnist/repo/upload', `POST ${X}/restart {"update_code":true,"code_revision":"${revision}"}`], 'Experiment was restarted with id 31'],
    ['experiment -xp 23 restart -f polyaxonfile_override.yml', [`POST ${X}/restart ${override}`], 'Experiment was restarted with id 31'],
    ['experiment -xp 23 restart --copy', [`POST ${X}/copy {}`], 'Experiment was copied with id 31'],
    ['experiment -xp 23 restart --copy -u', ['PUT /mona/mnist/repo/upload', `POST ${X}/copy {"update_code":true,"code_revision":"${revision}"}`], 'Experiment was copied with id 31'],
    ['experiment -xp 23 --copy restart -f polyaxonfile_override.yml', [`POST ${X}/copy ${override}`], 'Experiment was copied with id 31'],
  ])('polyaxon %s', async (words, requests, said) => {
    const { code, stdout, stderr } = await shell.type(words);
    expect({ code, stdout, requests: gateway.said }).toEqual({ code: 0, stdout: `${said}\n`, requests });
    expect(stderr).toContain('next: polyaxon experiment -xp 31 logs -f');
    expect(stderr).toContain('using project mona/mnist');
  });
});

describe('other ways to write them', () => {
  it.each([
    ['experiment restart -xp 23 -c', `POST ${X}/copy {}`],
    ['experiment -c -xp=23 -p mnist restart', `POST ${X}/copy {}`],
    ['experiment restart --copy-dir a --copy-dir b --experiment 23', `POST ${X}/copy {"copy_dirs":["a","b"]}`],
    ['experiment restart --copy-file a/model.pt -xp 23', `POST ${X}/copy {"copy_files":["a/model.pt"]}`],
    ['experiment -xp mona.mnist.23 resume --force', `POST ${X}/resume {"force":true}`],
    [
      'experiment -xp 23 -p mona/mnist resume --name a --description b --tags x,y --ttl 60',
      `POST ${X}/resume {"name":"a","description":"b","tags":["x","y"],"ttl":60}`,
    ],
  ])('polyaxon %s', async (words, request) => {
    expect((await shell.type(words)).code).toBe(0);
    expect(gateway.said).toEqual([request]);
  });

  it('several -f are merged, later ones win, null stays', async () => {
    shell.write('second.yml', 'params: {lr: null, epochs: 3}\n');
    await shell.type('experiment -xp 23 restart -f polyaxonfile_override.yml -f second.yml');
    const body = JSON.parse(gateway.requests[0]?.body.toString() ?? '') as { content: string };
    expect(JSON.parse(body.content)).toEqual({ version: 1, params: { lr: null, epochs: 3 } });
  });

  it('-xp works without any project, since numbers are unique', async () => {
    gateway.on('GET /experiments/23', experimentBody(23));
    const elsewhere = new CommandLine(gateway.port);
    expect(await elsewhere.type('experiment -xp 23 resume')).toMatchObject({ code: 0, stdout: 'Experiment was resumed with id 31\n' });
    expect(gateway.said).toEqual(['GET /experiments/23', `POST ${X}/resume {}`]);
    elsewhere.remove();
  });

  it('the clone is the last used experiment afterwards, and this is said', async () => {
    gateway.on('GET /mona/mnist/experiments/31', experimentBody(31));
    await shell.type('experiment -xp 23 resume');
    const { stderr, stdout } = await shell.type('experiment get -o name');
    expect(stdout).toBe('31\n');
    expect(stderr).toContain('using experiment 31 of mona/mnist (last used; pass -xp to choose another)');
  });

  it('-o json gives the experiment and nothing else', async () => {
    const { stdout, stderr } = await shell.type('experiment -xp 23 resume -u -o json');
    expect(JSON.parse(stdout)).toMatchObject({ id: 31, source_id: 23 });
    expect(stderr).toBe('');
  });
});

describe('-u', () => {
  const membersOf = async (): Promise<string[]> => {
    const { body, headers } = gateway.requests[0]!;
    expect(headers['content-length']).toBe(String(body.length));
    expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    const start = body.indexOf('\r\n\r\n') + 4;
    expect(body.subarray(0, start).toString()).toContain('name="repo"');
    const members: string[] = [];
    const reader = list({ onReadEntry: (entry) => void members.push(entry.path) });
    await new Promise((resolve, reject) =>
      Readable.from([body.subarray(start, body.lastIndexOf('\r\n--'))])
        .pipe(reader)
        .on('end', resolve)
        .on('error', reject),
    );
    return members;
  };

  it('uploads the files of this folder that .polyaxonignore leaves in', async () => {
    shell.write('.polyaxonignore', '*.pyc\ndata/\n!data/keep\n');
    for (const path of ['a.pyc', 'data/big.bin', 'src/.hidden', 'src/empty.py', '@odd', '.polyaxon/x']) shell.write(path, '');
    const { stderr } = await shell.type('experiment -xp 23 resume -u');
    expect(await membersOf()).toEqual(['./.polyaxonignore', './@odd', './polyaxonfile_override.yml', './src/.hidden', './src/empty.py', './train.py']);
    expect(stderr).toContain('revision c0dec0dec0de: 2 files, 20 B');
  });

  it('sends the same bytes for the same files', async () => {
    await shell.type('experiment -xp 23 resume -u');
    await shell.type('experiment -xp 23 resume -u');
    const archives = gateway.requests
      .filter(({ method }) => method === 'PUT')
      .map(({ body }) => body.subarray(body.indexOf('\r\n\r\n') + 4, body.lastIndexOf('\r\n--')));
    expect(archives).toHaveLength(2);
    expect(archives[0]?.equals(archives[1]!)).toBe(true);
  });

  it('refuses links by name, and asks for nothing', async () => {
    const { symlinkSync } = await import('node:fs');
    symlinkSync('/etc/passwd', `${shell.folder}/secrets`);
    const { code, stderr } = await shell.type('experiment -xp 23 resume -u');
    expect(code).toBe(4);
    expect(stderr).toContain('secrets (link)');
    expect(gateway.requests).toEqual([]);
  });

  it('is refused with another project than that of the folder', async () => {
    const { code, stderr } = await shell.type('experiment -xp 23 -p mona/other resume -u');
    expect(code).toBe(2);
    expect(stderr).toContain("the code of this folder belongs to mona/mnist, so -u can't go with mona/other");
    expect(gateway.requests).toEqual([]);
  });

  it('names the biggest files above 10 MiB', async () => {
    shell.write('model.bin', Buffer.alloc(11 * 1024 * 1024));
    expect((await shell.type('upload')).stderr).toContain('the biggest: model.bin 11.0 MiB');
  });
});

describe('--plan', () => {
  const plan = (refusal: object | null) => ({
    cloning_strategy: 'resume',
    source_id: 23,
    outputs_owner_id: 23,
    outputs_path: 'mona/mnist/experiments/23',
    differences: [{ path: 'params.lr', change: 'changed', before: 0.1, after: 0.5 }],
    command: { before: 'a', after: 'b' },
    code_revision: { before: null, after: null },
    checkpoint: null,
    copy: null,
    refusal,
    token: 'p1.seen',
    valid_until: '2026-01-01T01:00:00Z',
  });

  it('does nothing, not even the upload', async () => {
    gateway.on(`POST ${X}/resume/plan`, plan(null));
    const { code, stdout } = await shell.type('experiment -xp 23 resume --plan -u -f polyaxonfile_override.yml');
    expect(code).toBe(0);
    expect(stdout).toContain('- params.lr: 0.1\n  + params.lr: 0.5');
    expect(stdout).toContain('the working directory (2 files');
    expect(gateway.requests.map(({ path }) => path)).toEqual([`${X}/resume/plan`]);
  });

  it('gives a token that stands for it, and sends it back', async () => {
    gateway.on(`POST ${X}/resume/plan`, plan(null));
    expect((await shell.type('experiment -xp 23 resume --plan')).stderr).toContain('with --plan-token p1.seen only if nothing of this has changed');
    expect((await shell.type('experiment -xp 23 resume --plan-token p1.seen')).code).toBe(0);
    expect(gateway.said.at(-1)).toBe(`POST ${X}/resume {"plan_token":"p1.seen"}`);
    expect(await shell.type('experiment -xp 23 resume -u --plan-token p1.seen')).toMatchObject({ code: 2, stderr: expect.stringContaining('no plan has seen what -u uploads') as string });
  });

  it('exits with 4 when it would be refused', async () => {
    gateway.on(`POST ${X}/copy/plan`, plan({ code: 'outputs-empty', detail: 'nothing to copy', fix: 'polyaxon experiment -xp 23 restart' }));
    const { code, stdout } = await shell.type('experiment -xp 23 --copy --plan restart');
    expect(code).toBe(4);
    expect(stdout).toContain('nothing to copy');
  });
});

describe('what the gateway refuses', () => {
  const refuse =
    (status: number, code: string): Answer =>
    (_request, response) =>
      problem(response, status, code, '23 is running', 'polyaxon experiment -xp 23 stop');

  it.each([
    [409, 'experiment-not-done', 4],
    [404, 'experiment-not-found', 3],
    [409, 'experiment-name-taken', 5],
    [401, 'not-authenticated', 6],
    [400, 'override-invalid', 4],
    [500, 'internal-error', 1],
  ])('%d %s exits with %d', async (status, problemCode, exitCode) => {
    gateway.on(`POST ${X}/resume`, refuse(status, problemCode));
    const { code, stdout, stderr } = await shell.type('experiment -xp 23 resume');
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toContain('error: 23 is running\n  fix: polyaxon experiment -xp 23 stop\n');
  });

  it('is the problem itself with -o json', async () => {
    gateway.on(`POST ${X}/resume`, refuse(409, 'experiment-not-done'));
    const { code, stdout, stderr } = await shell.type('experiment -xp 23 resume -o json');
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({ status: 409, code: 'experiment-not-done', fix: 'polyaxon experiment -xp 23 stop' });
  });

  it('a bad override is found before anything is uploaded', async () => {
    shell.write('list.yml', '- 1\n');
    const { code, stderr } = await shell.type('experiment -xp 23 resume -u -f list.yml');
    expect(code).toBe(4);
    expect(stderr).toContain('list.yml');
    expect(gateway.requests).toEqual([]);
  });
});

describe('a gateway that is away for a moment', () => {
  it('is asked again with the same key', async () => {
    let asked = 0;
    gateway.on(`POST ${X}/resume`, ((_request, response) => {
      if (asked++ === 0) return response.destroy();
      if (asked === 2) return problem(response, 503, 'unavailable', 'starting');
      if (asked === 3) return problem(response, 409, 'request-in-progress', 'the first try is worked on');
      return response.writeHead(201).end(JSON.stringify(experimentBody(31)));
    }) satisfies Answer);
    expect((await shell.type('experiment -xp 23 resume')).stdout).toBe('Experiment was resumed with id 31\n');
    const keys = gateway.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('sends an upload again as a whole', async () => {
    let asked = 0;
    gateway.on('PUT /mona/mnist/repo/upload', ((_request, response) =>
      asked++ === 0 ? problem(response, 502, 'unavailable', 'away') : response.end(JSON.stringify(uploaded))) satisfies Answer);
    expect((await shell.type('upload')).stdout).toBe('Files uploaded.\n');
    const [first, second] = gateway.requests;
    expect(first?.body.length).toBeGreaterThan(200);
    expect(second?.body.equals(first!.body)).toBe(true);
  });

  it('that stays away is named, with what to do', async () => {
    const { code, stdout, stderr } = await shell.type('experiment -xp 23 resume', { env: { POLYAXON_HTTP_PORT: '1' } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error: no answer from http://127.0.0.1:1 (ECONNREFUSED)');
    expect(stderr).toContain('npm start');
    expect(stderr).not.toContain('    at ');
  });
});
