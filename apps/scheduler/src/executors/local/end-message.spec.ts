// Does the end of a program read as what it was?
import { endMessage } from './end-message.ts';

const plain = { isOutOfMemory: false, tail: 'epoch 3\nloss 0.2\n' };

describe('the message of an end', () => {
  it('is none for a success', () => expect(endMessage(0, plain)).toBeNull());
  it('is the exit code', () => expect(endMessage(3, plain)).toBe('exited with code 3'));
  it('is the name of the signal', () => expect(endMessage(139, plain)).toBe('killed by SIGSEGV (exit code 139)'));
  it('asks what killed it', () => expect(endMessage(137, plain)).toBe('killed by SIGKILL (exit code 137); out of memory?'));
  it('knows it, when there was a limit', () => expect(endMessage(137, { ...plain, isOutOfMemory: true })).toMatch('out of memory, it reached its memory limit'));
  it('does not invent signals', () => expect(endMessage(255, plain)).toBe('exited with code 255'));
  it('is what the shell said of a command that is not there', () => {
    expect(endMessage(127, { isOutOfMemory: false, tail: '/bin/bash: line 1: trian: command not found\n' })).toBe('/bin/bash: line 1: trian: command not found');
    expect(endMessage(126, { isOutOfMemory: false, tail: '' })).toBe('exited with code 126: the command could not be run');
  });
  it('is short, and begins with a whole line', () => {
    const tail = Array.from({ length: 100 }, (_, line) => `line ${line} of a long story`).join('\n');
    const message = endMessage(127, { isOutOfMemory: false, tail }) ?? '';
    expect(message.length).toBeLessThanOrEqual(500);
    expect(message).toMatch(/^line \d+ of a long story\n/);
    expect(message).toMatch(/line 99 of a long story$/);
  });
});
