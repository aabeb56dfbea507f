// The other side of polyaxonfile-worker.ts: what is compiled or searched here may take its time.
import { parentPort } from 'node:worker_threads';
import { Refusal } from '#decider';
import { nextIteration } from '../group/search/search.ts';
import { compileGroup, compileGroupChange, compileSpecification, kindOf } from './compile-specification.ts';
import type { Answer, Request } from './polyaxonfile-worker.ts';

function answer(request: Request): Answer {
  try {
    return { result: resultOf(request) };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: refusalOf(error as Refusal) };
    return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function resultOf(request: Request): unknown {
  switch (request.what) {
    case 'experiment':
      return compileSpecification(request.content, request.overrides);
    case 'kind':
      return kindOf(request.content, request.overrides);
    case 'group':
      return compileGroup(request.content, request.overrides, request.limits);
    case 'group-change':
      return compileGroupChange(request.content, request.change, request.limits);
    case 'search':
      return nextIteration(request.hptuning, request.past);
    default:
      return request satisfies never;
  }
}

function refusalOf({ code, message, fix }: Refusal): { code: string; message: string; fix?: string } {
  return { code, message, ...(fix !== undefined && { fix }) };
}

parentPort?.on('message', (request: Request) => parentPort?.postMessage(answer(request)));
parentPort?.postMessage('ready');
