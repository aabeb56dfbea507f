// Whose session is it, and may whoever carries it change something?
import { Refusal } from '#decider';
import { refuseForeign, sessionCookie, sessionIn } from './session-cookie.ts';

const host = '127.0.0.1:8000';
const asks = (headers: Record<string, string>, method = 'POST') => () => refuseForeign({ method, headers: { host, ...headers } });

describe('the session of a browser', () => {
  it('comes back as it was given, and is nobody’s on another port', () => {
    const cookie = sessionCookie({ host }, 'the-token').split(';')[0] ?? '';
    expect(sessionIn({ host, cookie: `theme=dark; ${cookie}` })).toBe('the-token');
    expect(sessionIn({ host: '127.0.0.1:9000', cookie })).toBeNull();
  });
  it('is for no script and no other site', () => expect(sessionCookie({ host }, 'x')).toMatch(/; Path=\/api\/v1; HttpOnly; SameSite=Strict; Max-Age=\d+$/));
  it('never leaves an encrypted connection', () => expect(sessionCookie({ host, 'x-forwarded-proto': 'https' }, 'x')).toMatch(/; Secure$/));
  it('is forgotten', () => expect(sessionIn({ host, cookie: sessionCookie({ host }, null) })).toBeNull());
  it.each(['', 'a b', 'é'])('%j is no token', (token) => expect(sessionIn({ host, cookie: `polyaxon-session-8000=${token}` })).toBeNull());
});

describe('a change with the session of a browser', () => {
  it('is the page’s', () => expect(asks({ 'x-polyaxon-page': '1', origin: `http://${host}` })).not.toThrow());
  it.each([[{}], [{ origin: `http://${host}` }], [{ 'x-polyaxon-page': '1', origin: 'http://127.0.0.1:9000' }], [{ 'x-polyaxon-page': '1', origin: 'null' }]])('is refused with %j', (headers) =>
    expect(asks(headers)).toThrow(Refusal));
  it('reading is not one', () => expect(asks({}, 'GET')).not.toThrow());
});
