// How do outputs behave that a test decides about? Ranges, ETags and digests as the gateway answers them, and connections that break.
import { createHash } from 'node:crypto';
import { json, problem, type Answer, type RecordingGateway } from './recording-gateway.ts';

interface Served {
  content: Buffer;
  version: string;
}

export class ServedOutputs {
  readonly #files = new Map<string, Served>();
  /** The body of each of the next answers breaks off behind so many bytes. */
  cuts: number[] = [];
  /** What is called once the next answer has broken off. */
  afterCut: () => void = () => undefined;
  sent = 0;
  /** Which files were asked for, and from where on. */
  readonly asked: string[] = [];
  /** Small ones come with their digest, as those of the gateway do. */
  withDigest = true;
  wrongDigests = 0;
  #version = 0;

  constructor(gateway: RecordingGateway, at: string) {
    gateway.on(`GET ${at}/outputs/list`, this.#list).on(`GET ${at}/outputs/files`, this.#file).on(`GET ${at}/outputs/digest`, this.#digest);
  }

  set(path: string, content: string | Buffer): this {
    this.#files.set(path, { content: Buffer.from(content as string), version: `v${(this.#version += 1)}` });
    return this;
  }

  remove(path: string): this {
    this.#files.delete(path);
    return this;
  }

  readonly #list: Answer = ({ query: { path = '' } }, response) => {
    const files = [...this.#files].filter(([name]) => path === '' || name === path || name.startsWith(`${path}/`)).sort(([a], [b]) => (a < b ? -1 : 1));
    if (files.length === 0) return problem(response, 404, 'path-not-found', 'there are no outputs');
    const lines = files.map(([name, { content, version }]) => JSON.stringify({ path: name, size_bytes: content.length, modified_at: '2026-01-01T00:00:00.000Z', version }));
    return response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(`${lines.join('\n')}\n`);
  };

  readonly #file: Answer = ({ query: { path = '' }, headers }, response) => {
    const found = this.#files.get(path);
    if (!found) return problem(response, 404, 'path-not-found', `there is no file ${path}`);
    const etag = `"${found.version}"`;
    const [, first] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
    const isPart = first !== undefined && headers['if-range'] === etag;
    const start = isPart ? Number(first) : 0;
    const body = found.content.subarray(start);
    const cut = this.cuts.shift();
    const part = cut === undefined ? body : body.subarray(0, cut);
    this.asked.push(`${path}@${start}`);
    this.sent += part.length;
    response.writeHead(isPart ? 206 : 200, {
      etag, 'content-length': body.length, ...(isPart && { 'content-range': `bytes ${start}-${found.content.length - 1}/${found.content.length}` }),
      ...(this.withDigest && { 'repr-digest': `sha-256=:${Buffer.from(this.#sha256(found), 'hex').toString('base64')}:` }),
    });
    if (cut === undefined) return response.end(body);
    return response.write(part, () => setImmediate(() => {
      response.destroy();
      this.afterCut();
    }));
  };

  readonly #digest: Answer = ({ query: { path = '' } }, response) => {
    const found = this.#files.get(path);
    if (!found) return problem(response, 404, 'path-not-found', `there is no file ${path}`);
    return json(response, 200, { path, size_bytes: found.content.length, version: found.version, sha256: this.#sha256(found) });
  };

  #sha256({ content }: Served): string {
    if (this.wrongDigests-- > 0) return '0'.repeat(64);
    return createHash('sha256').update(content).digest('hex');
  }
}
