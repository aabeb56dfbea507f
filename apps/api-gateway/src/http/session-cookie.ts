// How does a browser say who is calling, and how is it kept from saying so for somebody else's page?
import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from '#decider';

/** Set by the page's own script only: another site's can't, without asking first. */
const pageHeader = 'x-polyaxon-page';
const keptSeconds = 30 * 24 * 3600;
const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

interface Asked {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** Cookies know no ports: two platforms on one machine would log each other out. */
function nameFor({ host = '' }: IncomingHttpHeaders): string {
  return `polyaxon-session${/:(\d{1,5})$/.exec(host)?.[0].replace(':', '-') ?? ''}`;
}

/** The token; null: there is none. */
export function sessionIn(headers: IncomingHttpHeaders): string | null {
  const start = `${nameFor(headers)}=`;
  const cookie = (headers.cookie ?? '').split(/; */).find((one) => one.startsWith(start));
  return /^[\x21-\x7e]{1,512}$/.exec(cookie?.slice(start.length) ?? '')?.[0] ?? null;
}

/** Null: forgotten. Scripts can't read it, and no other site's request carries it. */
export function sessionCookie(headers: IncomingHttpHeaders, token: string | null): string {
  const secure = headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
  return `${nameFor(headers)}=${token ?? ''}; Path=/api/v1; HttpOnly; SameSite=Strict; Max-Age=${token === null ? 0 : keptSeconds}${secure}`;
}

/** A site is the same on every port, so the cookie alone does not show that it was the page who asked. */
export function refuseForeign({ method, headers }: Asked): void {
  if (safe.has(method)) return;
  const { origin, host } = headers;
  if (headers[pageHeader] !== undefined && (origin === undefined || hostOf(origin) === host)) return;
  throw new Refusal('not-allowed', 'with the session of a browser only its own page may change something; anything else sends a token', 'polyaxon login');
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
