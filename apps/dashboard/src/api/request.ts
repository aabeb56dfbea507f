// How does the page ask the platform for something?
import type { Problem } from '#contracts';
import { go } from '../shell/navigation.ts';
import { pathOf } from '../shell/routes.ts';

/** What the platform said no to, or that it said nothing. */
export interface Trouble {
  readonly code: Problem['code'] | 'away';
  readonly detail: string;
  readonly fix?: string | undefined;
  readonly requestId?: string | undefined;
}

export class Refused extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.detail);
  }
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'DELETE' | 'PATCH';
  readonly body?: unknown;
  /** The same again acts once. */
  readonly key?: string;
  readonly signal?: AbortSignal;
}

const awayAfterMs = 30_000;
const base = '/api/v1';

export async function ask<Body>(path: string, asked: Asked = {}): Promise<Body> {
  const response = await send(path, asked);
  return (response.status === 204 ? undefined : await response.json()) as Body;
}

/** The answer itself, for what isn't JSON; always a success. */
export async function send(path: string, { method = 'GET', body, key, signal }: Asked = {}): Promise<Response> {
  const limit = AbortSignal.timeout(awayAfterMs);
  let response: Response;
  try {
    response = await fetch(`${base}${path}`, {
      method,
      headers: { accept: 'application/json', 'x-polyaxon-page': '1', ...(body !== undefined && { 'content-type': 'application/json' }), ...(key && { 'idempotency-key': key }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      cache: 'no-store',
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused({ code: 'away', detail: 'The platform does not answer.' });
  }
  if (response.ok) return response;
  const trouble = await troubleIn(response);
  if (response.status === 401 && path !== '/users/session') login();
  throw new Refused(trouble);
}

/** Back to this very place afterwards. */
export function login(): void {
  const { pathname, search, hash } = window.location;
  if (pathname !== '/app/token') go(pathOf.token(`${pathname}${search}${hash}`), { replace: true });
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof Refused) return error.trouble;
  return { code: 'internal-error', detail: error instanceof Error ? error.message : String(error) };
}

async function troubleIn(response: Response): Promise<Trouble> {
  try {
    const { code, detail, fix, requestId } = (await response.json()) as Problem;
    return { code, detail, fix, requestId };
  } catch {
    return { code: 'away', detail: `The platform does not answer as it should (${response.status}).` };
  }
}

/** Also where a page has no `crypto.randomUUID`: over plain HTTP. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
