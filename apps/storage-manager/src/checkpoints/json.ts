// Is it a checkpoint in plain JSON, and is it whole?
import type { FileEntry } from '#storage';
import { jsonBytesMax, oneFile, type Finding, type Look, type Peek } from './recogniser.ts';
import { stepOf } from './step-of.ts';

const keys = ['global_step', 'globalStep', 'step', 'iteration', 'epoch'];

/** Python writes them although JSON has none: a loss that became NaN doesn't damage a checkpoint. */
const notNumbers = /(?<=[:,[]\s*)(-?Infinity|NaN)(?=\s*[,\]}])/g;

/** `checkpoint.json`, `checkpoint-12.json`, `model.ckpt.json`, `checkpoints/epoch-00012.json`. */
export const json = oneFile('json', /(^|\/)(checkpoint[^/]*\.json|[^/]*\.ckpt\.json|checkpoints\/(step|epoch|iter)[^/]*\.json)$/i, examine);

async function examine(file: FileEntry, { peek }: Look): Promise<Finding | null> {
  const { path, sizeBytes } = file;
  const named = stepOf(path);
  if (sizeBytes === 0) return { step: named, problem: 'it is empty' };
  if (sizeBytes > jsonBytesMax) return { step: named, problem: await endProblem(file, peek) };
  const content = parseObject(await peek(file, 0, sizeBytes));
  if (!content) return { step: named, problem: `its ${sizeBytes} bytes are not one JSON object` };
  const step = stepInside(content) ?? named;
  return step === null ? null : { step, problem: null };
}

export function parseObject(bytes: Buffer): Record<string, unknown> | null {
  const text = bytes.toString('utf8');
  const value = parsed(text) ?? parsed(text.replaceAll(notNumbers, 'null'));
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Under the names that programs use; as a number, or as text, which is all the metadata of safetensors holds. */
export function stepInside(content: unknown): number | null {
  if (typeof content !== 'object' || content === null) return null;
  const values = keys.map((key) => (content as Record<string, unknown>)[key]);
  const numbers = values.map((value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value));
  return numbers.find((value): value is number => Number.isSafeInteger(value)) ?? null;
}

/** Too large to be read whole: at least it doesn't stop in the middle. */
async function endProblem(file: FileEntry, peek: Peek): Promise<string | null> {
  const tail = await peek(file, file.sizeBytes - 16, 16);
  return tail.toString('utf8').trimEnd().endsWith('}') ? null : `it is cut off: its ${file.sizeBytes} bytes don't end an object`;
}
