// What do the XML answers of an S3 store say?
import { read, type Node, type Value } from './xml.ts';

export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  /** ISO-8601 UTC, whole seconds: more of it isn't told everywhere. */
  readonly modifiedAt: string;
}

export interface ObjectPage {
  readonly objects: readonly StoredObject[];
  /** Up to the delimiter, and with it. */
  readonly prefixes: readonly string[];
  /** Where the next page goes on. */
  readonly next?: string;
}

export interface Upload {
  readonly key: string;
  readonly id: string;
  readonly startedAt: string;
}

export interface Part {
  readonly number: number;
  readonly sizeBytes: number;
  readonly etag: string;
}

/** Where nothing else is said. */
const codes: Readonly<Record<number, string>> = { 301: 'MovedPermanently', 307: 'TemporaryRedirect', 403: 'AccessDenied', 404: 'NotFound', 405: 'MethodNotAllowed', 412: 'PreconditionFailed' };
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function objectPageOf(xml: string): ObjectPage {
  const result = rootOf(xml, 'ListBucketResult');
  // Not every store encodes names when it is asked to; each says whether it did.
  const decode = textOf(result.EncodingType) === 'url' ? (name: string) => decodeURIComponent(name.replaceAll('+', ' ')) : (name: string) => name;
  const objects = nodesOf(result.Contents).map((node) => ({
    key: decode(textOf(node.Key)),
    sizeBytes: Number(textOf(node.Size)),
    etag: etagOf(textOf(node.ETag)),
    modifiedAt: wholeSeconds(textOf(node.LastModified)),
  }));
  const prefixes = nodesOf(result.CommonPrefixes).map((node) => decode(textOf(node.Prefix)));
  const isMore = textOf(result.IsTruncated) === 'true';
  return { objects, prefixes, ...(isMore && { next: textOf(result.NextContinuationToken) }) };
}

export function uploadsOf(xml: string): { uploads: readonly Upload[]; next?: { key: string; id: string } } {
  const result = rootOf(xml, 'ListMultipartUploadsResult');
  const uploads = nodesOf(result.Upload).map((node) => ({ key: textOf(node.Key), id: textOf(node.UploadId), startedAt: textOf(node.Initiated) }));
  const isMore = textOf(result.IsTruncated) === 'true';
  return { uploads, ...(isMore && { next: { key: textOf(result.NextKeyMarker), id: textOf(result.NextUploadIdMarker) } }) };
}

export function partsOf(xml: string): { parts: readonly Part[]; next?: string } {
  const result = rootOf(xml, 'ListPartsResult');
  const parts = nodesOf(result.Part).map((node) => ({ number: Number(textOf(node.PartNumber)), sizeBytes: Number(textOf(node.Size)), etag: etagOf(textOf(node.ETag)) }));
  const isMore = textOf(result.IsTruncated) === 'true';
  return { parts, ...(isMore && { next: textOf(result.NextPartNumberMarker) }) };
}

export function uploadIdOf(xml: string): string {
  return textOf(rootOf(xml, 'InitiateMultipartUploadResult').UploadId);
}

/** Of a copy or a completed upload. They may fail after the status 200 was sent. */
export function newEtagOf(xml: string): string {
  const answer = read(xml) ?? {};
  const error = nodesOf(answer.Error)[0];
  if (error !== undefined) throw refusalOf(error);
  const result = nodesOf(answer.CopyObjectResult ?? answer.CopyPartResult ?? answer.CompleteMultipartUploadResult)[0];
  if (result === undefined) throw Object.assign(new Error('the store broke off its answer'), { code: 'InternalError' });
  return etagOf(textOf(result.ETag));
}

/** Of a deletion of many: what is still there. */
export function undeletedOf(xml: string): Error[] {
  return nodesOf(rootOf(xml, 'DeleteResult').Error).map(refusalOf);
}

export function etagOf(text: string): string {
  return text.replaceAll(/^(W\/)?"|"$/g, '');
}

export function wholeSeconds(date: string): string {
  const isRead = date.length > 19 && date[10] === 'T' && date.endsWith('Z'); // as in listings, a thousand to a page
  return `${isRead ? date.slice(0, 19) : new Date(date).toISOString().slice(0, 19)}.000Z`;
}

/** A server that is no store says anything, or nothing in XML. */
export function refusalIn(status: number, text: string): Error {
  const error = nodesOf(read(text)?.Error)[0];
  if (error !== undefined) return refusalOf(error);
  return Object.assign(new Error(`the store answered ${status}`), { code: text === '' ? (codes[status] ?? '') : '' });
}

function refusalOf(error: Node): Error {
  return Object.assign(new Error(`${textOf(error.Message)} ${textOf(error.Key)}`.trim()), { code: textOf(error.Code) });
}

function rootOf(xml: string, name: string): Node {
  const answer = read(xml)?.[name];
  if (answer !== undefined) return nodesOf(answer)[0] ?? {};
  throw Object.assign(new Error(`the store did not answer with a whole ${name}`), { code: 'InternalError' });
}

function nodesOf(value: Value | undefined): Node[] {
  if (value === undefined) return [];
  const values = Array.isArray(value) ? (value as readonly (string | Node)[]) : [value];
  return values.map((one) => (typeof one === 'string' ? {} : one));
}

function textOf(value: Value | undefined): string {
  const text = typeof value === 'string' ? value : '';
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return entities[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
