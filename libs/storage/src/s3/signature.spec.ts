// Is a request signed as those who made the scheme say?
import { Signature } from './signature.ts';

/** The examples in the documentation of AWS Signature Version 4 for S3, with its keys, which nobody has. */
const keys = { accessKey: ['AKIA', 'IOSFODNN7EXAMPLE'].join(''), secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const host = 'examplebucket.s3.amazonaws.com';
const at = new Date('2013-05-24T00:00:00Z');
const signatureOf = (request: { method: string; path: string; query?: string; headers?: Record<string, string>; body?: Buffer }): string | undefined => {
  const { authorization } = new Signature('us-east-1', keys).headersOf({ query: '', body: undefined, ...request, headers: { host, ...request.headers } }, at);
  return /Signature=(\w+)$/.exec(authorization!)?.[1];
};

describe('a signature', () => {
  it('is that of the example which reads an object', () => {
    expect(signatureOf({ method: 'GET', path: '/test.txt', headers: { range: 'bytes=0-9' } })).toBe('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
  });

  it('is that of the example which writes one', () => {
    const headers = { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' };
    const signature = signatureOf({ method: 'PUT', path: '/test%24file.text', headers, body: Buffer.from('Welcome to Amazon S3.') });
    expect(signature).toBe('98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd');
  });

  it('is that of the examples with a query', () => {
    expect(signatureOf({ method: 'GET', path: '/', query: 'lifecycle=' })).toBe('fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543');
    expect(signatureOf({ method: 'GET', path: '/', query: 'max-keys=2&prefix=J' })).toBe('34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7');
  });

  it('is another one with the next day, and goes with a token that was given for a time', () => {
    const signature = new Signature('us-east-1', { ...keys, sessionToken: 'token' });
    const request = { method: 'GET', path: '/', query: '', headers: { host }, body: undefined };
    const [today, tomorrow, again] = [at, new Date('2013-05-25T00:00:00Z'), at].map((now) => signature.headersOf(request, now));
    expect([today!['x-amz-security-token'], /SignedHeaders=(\S+),/.exec(today!.authorization!)?.[1]]).toEqual(['token', 'host;x-amz-content-sha256;x-amz-date;x-amz-security-token']);
    expect(tomorrow!.authorization).not.toBe(today!.authorization);
    expect(again).toEqual(today);
  });
});
