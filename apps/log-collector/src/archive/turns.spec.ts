// Does everybody get a turn, and nobody two at once?
import { Turns } from './turns.ts';

function recorded(lanes: number) {
  const began: string[] = [];
  const open = new Map<string, () => void>();
  const turns = new Turns<string>((of) => {
    if (open.has(of)) throw new Error(`two turns of ${of} at once`);
    began.push(of);
    return new Promise((resolve) => open.set(of, () => (open.delete(of), resolve())));
  }, lanes, 1);
  const end = async (of: string) => {
    open.get(of)!();
    await new Promise(setImmediate);
  };
  return { began, turns, end };
}

describe('turns', () => {
  it('go to all in the order they asked, a few at a time', async () => {
    const { began, turns, end } = recorded(2);
    for (const one of ['a', 'b', 'c', 'a']) turns.ask(one);
    expect(began).toEqual(['a', 'b']);
    await end('b');
    expect(began).toEqual(['a', 'b', 'c']);
    await end('a');
    expect(began).toEqual(['a', 'b', 'c', 'a']);
  });

  it('let the one that always wants more wait for the others', async () => {
    const { began, turns, end } = recorded(1);
    for (const one of ['greedy', 'b', 'c']) turns.ask(one);
    turns.ask('greedy');
    await end('greedy');
    await end('b');
    await end('c');
    expect(began).toEqual(['greedy', 'b', 'c', 'greedy']);
  });

  it('are over when they are closed', async () => {
    const { began, turns, end } = recorded(1);
    turns.ask('a');
    turns.ask('b');
    let isClosed = false;
    const closing = turns.close().then(() => (isClosed = true));
    turns.ask('c');
    await new Promise(setImmediate);
    expect(isClosed).toBe(false);
    await end('a');
    await closing;
    expect(began).toEqual(['a']);
  });
});
