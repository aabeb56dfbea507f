// The other side of polyaxonfile-worker.ts: what is compiled here may take its time.
import { parentPort } from 'node:worker_threads';
import { Refusal } from '#decider';
import { compileSpecification } from './compile-specification.ts';
import type { CompileAnswer, CompileRequest } from './polyaxonfile-worker.ts';

function answer({ content, overrides }: CompileRequest): CompileAnswer {
  try {
    return { compiled: compileSpecification(content, overrides) };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: refusalOf(error as Refusal) };
    return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function refusalOf({ code, message, fix }: Refusal): { code: string; message: string; fix?: string } {
  return { code, message, ...(fix !== undefined && { fix }) };
}

parentPort?.on('message', (request: CompileRequest) => parentPort?.postMessage(answer(request)));
parentPort?.postMessage('ready');
