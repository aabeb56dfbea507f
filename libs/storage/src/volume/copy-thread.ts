// What does a thread of a copy do? One task after the other, each of them blocking.
import { parentPort } from 'node:worker_threads';
import { compareFiles } from './compare-files.ts';
import { closeFolders, copyFiles, flushFiles, makeFolders } from './copy-files.ts';
import { survey } from './survey.ts';

const tasks = { survey, makeFolders, copyFiles, compareFiles, closeFolders, flushFiles };

export type Tasks = typeof tasks;
export type Request = { [Name in keyof Tasks]: { readonly task: Name; readonly input: Parameters<Tasks[Name]>[0] } }[keyof Tasks];
export type Reply = { readonly result: unknown } | { readonly error: { readonly message: string; readonly code: string | undefined } };

parentPort?.on('message', ({ task, input }: Request) => {
  parentPort?.postMessage(replyTo(tasks[task] as (input: unknown) => unknown, input));
});

function replyTo(perform: (input: unknown) => unknown, input: unknown): Reply {
  try {
    return { result: perform(input) };
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException; // an Error loses its code on the way to another thread
    return { error: { message, code } };
  }
}
