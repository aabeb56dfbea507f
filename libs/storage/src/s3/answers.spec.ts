// Are the names in a store's answers read exactly, whatever is in them?
import { newEtagOf, objectPageOf, refusalIn, undeletedOf, wholeSeconds } from './answers.ts';

const contents = (key: string): string => `<Contents><Key>${key}</Key><Size>7</Size><ETag>&#34;0a&#34;</ETag><LastModified>2026-01-02T03:04:05.678Z</LastModified></Contents>`;
const listing = (inside: string): string => `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}<IsTruncated>false</IsTruncated></ListBucketResult>`;
const keysOf = (inside: string): string[] => objectPageOf(listing(inside)).objects.map(({ key }) => key);

describe('a page of objects', () => {
  it('tells each with its size, time, and ETag', () => {
    const [object] = objectPageOf(listing(contents('a'))).objects;
    expect(object).toEqual({ key: 'a', sizeBytes: 7, etag: '0a', modifiedAt: '2026-01-02T03:04:05.000Z' });
  });

  it('may be of none, or of one', () => {
    expect(objectPageOf(listing(''))).toEqual({ objects: [], prefixes: [] });
    expect(keysOf(contents('one'))).toEqual(['one']);
  });

  it.each([
    ['007', '007'], ['1e5', '1e5'], [' lead', ' lead'], ['a+b', 'a+b'], ['%2F', '%2F'], ['&amp;#34;', '&#34;'], ['&lt;&amp;&gt;', '<&>'], ['&#x6A21;&#22411;', '模型'],
  ])('has the name %j as it is', (told, meant) => expect(keysOf(contents(told))).toEqual([meant]));

  it('decodes names when the store says that it encoded them', () => {
    expect(keysOf(`<EncodingType>url</EncodingType>${contents('a+b%2Fc%252F')}`)).toEqual(['a b/c%2F']);
  });

  it('says where the next one goes on', () => {
    const xml = listing('<NextContinuationToken>a&amp;b</NextContinuationToken>').replace('false', 'true');
    expect(objectPageOf(xml).next).toBe('a&b');
  });

  it('that breaks off anywhere is none', () => {
    const whole = listing(contents('one') + contents('two'));
    for (let length = whole.indexOf('<ListBucketResult'); length < whole.length; length += 1) expect(() => objectPageOf(whole.slice(0, length))).toThrow('whole');
  });

  it('may have attributes, comments and elements without content', () => {
    expect(keysOf(`<!-- <Contents><Key>no</Key></Contents> --><Prefix/><Owner xsi:type="CanonicalUser"><ID></ID></Owner>${contents('__proto__')}`)).toEqual(['__proto__']);
  });

  it('has many objects, with two entities each', () => expect(keysOf(contents('x').repeat(1000))).toHaveLength(1000));
});

describe('the answer to a copy', () => {
  it('is the new ETag', () => expect(newEtagOf('<CopyObjectResult><ETag>"0a"</ETag></CopyObjectResult>')).toBe('0a'));
  it('may be an error after the status 200', () => {
    expect(() => newEtagOf('<Error><Code>SlowDown</Code><Message>slower</Message></Error>')).toThrow(expect.objectContaining({ code: 'SlowDown' }));
  });
  it('may be broken off', () => expect(() => newEtagOf('')).toThrow(expect.objectContaining({ code: 'InternalError' })));
});

it('a deletion names what is still there', () => {
  const [error] = undeletedOf('<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>');
  expect(error).toMatchObject({ message: 'no a', code: 'AccessDenied' });
});

describe('a refusal', () => {
  const codeIn = (status: number, text: string): unknown => (refusalIn(status, text) as Error & { code: string }).code;

  it('is what the store says, or what its status means when it says nothing', () => {
    expect(codeIn(403, '<?xml version="1.0"?><Error><Code>RequestTimeTooSkewed</Code><Message>late</Message></Error>')).toBe('RequestTimeTooSkewed');
    expect([codeIn(404, ''), codeIn(301, ''), codeIn(418, '')]).toEqual(['NotFound', 'MovedPermanently', '']);
  });

  it('of a server that is no store means nothing', () => expect([codeIn(404, '<html><body>nothing here</body></html>'), codeIn(403, 'no')]).toEqual(['', '']));
});

it.each(['2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05Z', 'Fri, 02 Jan 2026 03:04:05 GMT', '2026-01-02T04:04:05+01:00'])('the time %s is told in whole seconds of UTC', (told) => {
  expect(wholeSeconds(told)).toBe('2026-01-02T03:04:05.000Z');
});
