// Is what is sent here kept once and in order, and are several replicas one console, the same one after every crash?
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pushedAddressOf } from './pushed-address.ts';
import { pushedConsoles } from './pushed-console.ts';
import { ReceivedConsoles } from './received-consoles.ts';

let folder: string;
let mayCome = true;
let received: ReceivedConsoles;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyaxon-received-'));
  mayCome = true;
  received = new ReceivedConsoles({ folder, mayCome: async () => mayCome });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const of = { experimentId: 23, attempt: 1 };
const only = { ...of, replica: null };
const send = (offset: number, text: string, sizeBytes = offset + text.length, isLast = false) => received.receive(only, { offset, sizeBytes, isLast }, Buffer.from(text));
const kept = () => readFile(received.pathOf(only), 'utf8');

describe('a console that is sent here', () => {
  it('grows by what is new of each piece', async () => {
    expect(await send(0, 'one\n')).toEqual({ receivedBytes: 4, isGap: false });
    expect(await send(2, 'e\ntwo\n')).toEqual({ receivedBytes: 8, isGap: false });
    expect(await send(0, 'one\n')).toEqual({ receivedBytes: 8, isGap: false });
    expect(await send(8, 'three\n', 14, true)).toEqual({ receivedBytes: 14, isGap: false });
    expect(await kept()).toBe('one\ntwo\nthree\n');
  });

  it('keeps nothing of a piece that something is missing before', async () => {
    await send(0, 'one\n');
    expect(await send(9, 'later\n')).toEqual({ receivedBytes: 4, isGap: true });
    expect(await kept()).toBe('one\n');
  });

  it('is the same when two send it at once', async () => {
    const text = 'x'.repeat(1000);
    await Promise.all(Array.from({ length: 50 }, (_, n) => send(n * 10, text.slice(n * 10))));
    await send(0, text);
    expect(await kept()).toBe(text);
  });

  it('takes nothing more once it is sealed, and says what never came', async () => {
    await send(0, 'one\n', 100);
    expect(await received.seal(of, [null])).toBe(96);
    await expect(send(4, 'two\n')).rejects.toMatchObject({ code: 'console-closed' });
    expect(await received.seal(of, [null])).toBe(96);
    expect(await kept()).toBe('one\n');
  });

  it('is refused when it is archived, and is no file again', async () => {
    mayCome = false;
    await expect(send(0, 'late\n')).rejects.toMatchObject({ code: 'console-closed' });
    expect(await received.all()).toEqual([]);
  });

  it('goes when it is archived', async () => {
    await send(0, 'one\n');
    expect(await received.all()).toEqual([of]);
    await pushedConsoles(received, () => undefined).remove!('pushed:23-1');
    expect(await received.all()).toEqual([]);
  });
});

describe('an address', () => {
  it('names one console, one of a replica, or all of them', () => {
    expect(pushedAddressOf('pushed:23-1')).toEqual({ ...of, replicas: [] });
    expect(pushedAddressOf('pushed:23-1-worker-0')).toEqual({ ...of, replicas: ['worker-0'] });
    expect(pushedAddressOf('pushed:23-1?replicas=master,worker-0')).toEqual({ ...of, replicas: ['master', 'worker-0'] });
  });

  it.each(['pushed:', 'pushed:23', 'pushed:23-1?replicas=../x', 'pushed:23-1?replicas=a,,b', 'pushed:../23-1'])('%s is none', (address) => expect(() => pushedAddressOf(address)).toThrow());
});

describe('several replicas', () => {
  const names = ['master', 'worker-0', 'worker-1'];
  const source = () => pushedConsoles(received, () => undefined);
  const open = () => source().open(`pushed:23-1?replicas=${names.join(',')}`);
  const all = async (from = 0): Promise<string> => {
    const stitched = await open();
    const buffer = Buffer.alloc(4 * 1024 * 1024);
    const length = await stitched.read(buffer, from);
    await stitched.close();
    return buffer.toString('latin1', 0, length);
  };
  const sendTo = (replica: string, offset: number, bytes: Buffer) => received.receive({ ...of, replica }, { offset, sizeBytes: offset + bytes.length, isLast: false }, bytes);

  it('are one console of whole lines, each with its name', async () => {
    await sendTo('worker-0', 0, Buffer.from('w1\nw'));
    await sendTo('master', 0, Buffer.from('m1\n'));
    expect(await all()).toBe('[master] m1\n[worker-0] w1\n');
    await sendTo('worker-0', 4, Buffer.from('2\n'));
    expect(await all()).toBe('[master] m1\n[worker-0] w1\n[worker-0] w2\n');
  });

  it('show the end of a line that never came whole, once they are sealed', async () => {
    await sendTo('master', 0, Buffer.from('no end'));
    const stitched = await open();
    const buffer = Buffer.alloc(100);
    expect(await stitched.read(buffer, 0)).toBe(0);
    expect(await stitched.seal!()).toBe(0);
    expect(buffer.toString('utf8', 0, await stitched.read(buffer, 0))).toBe('[master] no end\n');
    await stitched.close();
  });

  it('lose a torn end that nobody has seen, and nothing else', async () => {
    await sendTo('master', 0, Buffer.from('m1\nm2\n'));
    const before = await all();
    await appendFile(join(received.folderOf(of), '.stitched'), '[wor');
    await sendTo('worker-1', 0, Buffer.from('w\n'));
    expect(await all()).toBe(`${before}[worker-1] w\n`);
  });

  it('lose nothing and repeat nothing, however they come and whenever it is opened again', async () => {
    const line = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constant('x'.repeat(300_000)), fc.constant(''));
    const printed = fc.array(line, { maxLength: 6 }).map((lines) => Buffer.from(lines.map((text) => `${text}\n`).join(''), 'latin1'));
    const steps = fc.array(fc.tuple(fc.nat(names.length - 1), fc.nat(400_000)), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.tuple(printed, printed, printed), steps, async (consoles, growth) => {
        await received.remove(of);
        const sent = [0, 0, 0];
        let shown = '';
        for (const [replica, bytes] of [...growth, [0, Infinity], [1, Infinity], [2, Infinity]] as [number, number][]) {
          const piece = consoles[replica]!.subarray(sent[replica], sent[replica]! + bytes);
          await sendTo(names[replica]!, sent[replica]!, piece);
          sent[replica]! += piece.length;
          shown += await all(shown.length);
        }
        for (const [replica, name] of names.entries()) expect(printedBy(name, shown)).toBe(consoles[replica]!.toString('latin1'));
      }),
      { numRuns: 40 },
    );
  });

  /** What it printed, out of the stitched console. */
  function printedBy(name: string, stitched: string): string {
    let text = '';
    for (const one of stitched.split('\n')) {
      if (one.startsWith(`[${name}] `)) text += `${one.slice(name.length + 3)}\n`;
      else if (one.startsWith(`[${name}+] `)) text = `${text.slice(0, -1)}${one.slice(name.length + 4)}\n`;
    }
    return text;
  }
});
