// Which paths may a caller name, and which names are the tree's own?
import type { RefusalCode } from '#contracts';
import { Refusal } from '#decider';

const pathBytesMax = 1024;
/** Halves of characters, the line ends that terminals and editors obey, and the other system's separator. */
const forbidden = /[\p{Cc}\p{Cs}\u2028\u2029\\]/u;
const ours = /^\..+\.polyaxon\.(\d+\.)?(tmp|copied)$/s;

/** The path itself when it means one place below the root on every store, else a refusal; `''` only where a folder is asked for. */
export function checkPath(path: string, kind: 'file' | 'folder'): string {
  const problem = problemOf(path, kind);
  if (problem !== undefined) throw refused(path, problem);
  return path;
}

export function refused(path: string, problem: string): Refusal<RefusalCode> {
  const shown = JSON.stringify(path.length > 80 ? `${path.slice(0, 80)}…` : path);
  const fix = 'Name it relative to the outputs, as they are listed, with / between its segments.';
  return new Refusal<RefusalCode>('path-invalid', `The path ${shown} ${problem}.`, fix);
}

export function notFound(path: string): Refusal<RefusalCode> {
  return new Refusal<RefusalCode>('path-not-found', `There is no file ${JSON.stringify(path)}.`);
}

function problemOf(path: string, kind: 'file' | 'folder'): string | undefined {
  if (path === '') return kind === 'folder' ? undefined : 'is empty';
  if (forbidden.test(path)) return 'holds a backslash or a control character';
  if (path.normalize('NFC') !== path) return 'is not in the normal form NFC';
  if (Buffer.byteLength(path) > pathBytesMax) return `is longer than ${pathBytesMax} bytes`;
  const segments = path.split('/');
  if (segments[0] === '') return 'is absolute';
  if (segments.includes('')) return 'has an empty segment';
  if (segments.includes('.') || segments.includes('..')) return 'has a segment . or ..';
  if (segments.some(isOurs)) return 'is a name the platform keeps for itself';
  return undefined;
}

/** Half-written files and folders, and receipts of copies: never listed, never copied, never named by a caller. */
export function isOurs(name: string): boolean {
  return name.startsWith('.') && ours.test(name);
}

/** Where something called `name` grows until it can be shown; each further attempt, that of another process maybe, has a place of its own. */
export function unfinishedName(name: string, attempt = 1): string {
  return attempt === 1 ? `.${name}.polyaxon.tmp` : `.${name}.polyaxon.${attempt}.tmp`;
}

export function receiptName(name: string): string {
  return `.${name}.polyaxon.copied`;
}
