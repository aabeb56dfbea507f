// Which whole lines have arrived, and where in the text do they end?

export interface Lines {
  readonly lines: readonly string[];
  /** Bytes up to and with them: where a reader that breaks off goes on. */
  readonly offset: number;
}

const newline = 10;
/** A line without an end is passed on in pieces of this size: nobody keeps 100 MB for one client. */
const lineBytesMax = 256 * 1024;

/** Bytes in any portions to lines; what is not a whole line yet waits. */
export class LineCutter {
  #rest: Buffer = Buffer.alloc(0);

  constructor(private offset: number) {}

  /** Bytes seen, those that wait included: where reading goes on. */
  get readOffset(): number {
    return this.offset + this.#rest.length;
  }

  take(chunk: Buffer): Lines | null {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const last = bytes.lastIndexOf(newline);
    if (last >= 0) return this.#pass(bytes, last, last + 1);
    if (bytes.length < lineBytesMax) return this.#pass(bytes, 0, 0);
    const cut = wholeCharacters(bytes);
    return this.#pass(bytes, cut, cut);
  }

  /** There is no more: what waits is the last line. */
  end(): Lines | null {
    return this.#pass(this.#rest, this.#rest.length, this.#rest.length);
  }

  #pass(bytes: Buffer, textEnd: number, taken: number): Lines | null {
    this.#rest = bytes.subarray(taken);
    this.offset += taken;
    return taken === 0 ? null : { lines: bytes.toString('utf8', 0, textEnd).split('\n'), offset: this.offset };
  }
}

/** How many bytes, so that no character is cut in two. */
function wholeCharacters(bytes: Buffer): number {
  for (let start = bytes.length - 1; start >= bytes.length - 4; start -= 1) {
    const byte = bytes[start] ?? 0;
    if ((byte & 0xc0) === 0x80) continue; // in the middle of one
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return start + length > bytes.length ? start : bytes.length;
  }
  return bytes.length;
}
