// When is there more in a file that another container writes?
import { watch } from 'node:fs';
import { stat } from 'node:fs/promises';

/** In case the kernel does not tell. */
const lookEveryMs = 500;

export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(({ size }) => size, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return 0;
    throw error;
  });
}

/** Resolves when something was written, `signal` says so, or after a while. The kernel is asked only while somebody waits: a program at full speed would otherwise keep us busy with being told. */
export function untilGrown(path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      watcher?.close();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, lookEveryMs);
    signal.addEventListener('abort', done);
    let watcher: ReturnType<typeof watch> | undefined;
    try {
      watcher = watch(path, { persistent: false }, done).on('error', () => undefined);
    } catch {
      // as many watches as the system allows are taken, or the file is not there yet
    }
  });
}
