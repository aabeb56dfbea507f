// What does a pickle say, as far as that can be known without doing anything it says?

/** What unpickling would have made by calling `name`. Nothing is looked up and nothing is called: it is only kept what it would have been called with. */
export class Made {
  state: unknown = null;
  /** Put into it one by one: it was a dictionary of a special kind. */
  readonly items = new Map<unknown, unknown>();

  constructor(
    readonly name: string,
    readonly args: unknown,
  ) {}
}

/** Something the program that wrote it keeps elsewhere: a storage of tensors. */
export class Elsewhere {
  constructor(readonly id: unknown) {}
}

const stepsMax = 2_000_000;
const mark = Symbol('mark');
const utf8 = (bytes: Buffer): string => bytes.toString('utf8');

/** A stack of inert values. Throws a RangeError for what is cut off, damaged, or not written as the frameworks do. */
export class PickleReader {
  at = 0;
  #stack: unknown[] = [];
  #memo = new Map<number, unknown>();

  constructor(private readonly bytes: Buffer) {}

  /** The next one, when there are several behind each other. */
  next(): unknown {
    this.#stack = [];
    this.#memo = new Map();
    for (let steps = 0; steps < stepsMax; steps += 1) {
      const code = this.#u8();
      if (code === 0x2e) return this.#pop();
      this.#step(code);
    }
    throw new RangeError('too long to be looked at');
  }

  #step(code: number): void {
    const { bytes } = this;
    switch (code) {
      case 0x80: // PROTO
        if (this.#u8() > 5) throw new RangeError('of a later protocol');
        return;
      case 0x95: // FRAME
        return void this.#take(8);
      case 0x28: // MARK
        return void this.#stack.push(mark);
      case 0x4e: // NONE
        return void this.#stack.push(null);
      case 0x88: // NEWTRUE
        return void this.#stack.push(true);
      case 0x89: // NEWFALSE
        return void this.#stack.push(false);
      case 0x4b: // BININT1
        return void this.#stack.push(this.#u8());
      case 0x4d: // BININT2
        return void this.#stack.push(this.#take(2).readUInt16LE());
      case 0x4a: // BININT
        return void this.#stack.push(this.#take(4).readInt32LE());
      case 0x8a: // LONG1
        return void this.#stack.push(long(this.#take(this.#u8())));
      case 0x47: // BINFLOAT
        return void this.#stack.push(this.#take(8).readDoubleBE());
      case 0x8c: // SHORT_BINUNICODE
        return void this.#stack.push(utf8(this.#take(this.#u8())));
      case 0x58: // BINUNICODE
        return void this.#stack.push(utf8(this.#take(this.#take(4).readUInt32LE())));
      case 0x54: // BINSTRING
      case 0x42: // BINBYTES
        return void this.#stack.push(this.#take(this.#take(4).readUInt32LE()));
      case 0x55: // SHORT_BINSTRING
      case 0x43: // SHORT_BINBYTES
        return void this.#stack.push(this.#take(this.#u8()));
      case 0x63: { // GLOBAL
        const [module, name] = [this.#line(), this.#line()];
        return void this.#stack.push(`${module}.${name}`);
      }
      case 0x93: { // STACK_GLOBAL
        const [name, module] = [this.#pop(), this.#pop()];
        return void this.#stack.push(`${String(module)}.${String(name)}`);
      }
      case 0x71: // BINPUT
        return void this.#memo.set(this.#u8(), this.#top());
      case 0x72: // LONG_BINPUT
        return void this.#memo.set(this.#take(4).readUInt32LE(), this.#top());
      case 0x94: // MEMOIZE
        return void this.#memo.set(this.#memo.size, this.#top());
      case 0x68: // BINGET
        return void this.#stack.push(this.#memo.get(this.#u8()));
      case 0x6a: // LONG_BINGET
        return void this.#stack.push(this.#memo.get(this.#take(4).readUInt32LE()));
      default:
        if (bytes.length < this.at) throw new RangeError('cut off');
        this.#build(code);
    }
  }

  #build(code: number): void {
    switch (code) {
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
      case 0x8f: // EMPTY_SET
        return void this.#stack.push([]);
      case 0x7d: // EMPTY_DICT
        return void this.#stack.push(new Map());
      case 0x74: // TUPLE
        return void this.#stack.push(this.#sinceMark());
      case 0x85: // TUPLE1, TUPLE2, TUPLE3
      case 0x86:
      case 0x87:
        return void this.#stack.push(this.#popSome(code - 0x84));
      case 0x61: { // APPEND
        const item = this.#pop();
        return this.#append([item]);
      }
      case 0x65: // APPENDS
      case 0x90: // ADDITEMS
        return this.#append(this.#sinceMark());
      case 0x73: // SETITEM
        return this.#set(this.#popSome(2));
      case 0x75: // SETITEMS
        return this.#set(this.#sinceMark());
      case 0x52: // REDUCE
      case 0x81: { // NEWOBJ
        const [name, args] = this.#popSome(2);
        return void this.#stack.push(new Made(String(name), args));
      }
      case 0x62: { // BUILD
        const state = this.#pop();
        const made = this.#top();
        if (made instanceof Made) made.state = state;
        return;
      }
      case 0x51: // BINPERSID
        return void this.#stack.push(new Elsewhere(this.#pop()));
      case 0x30: // POP
        return void this.#pop();
      default:
        throw new RangeError(`of an instruction ${code.toString(16)} that no framework writes`);
    }
  }

  #append(items: readonly unknown[]): void {
    const list = this.#top();
    if (Array.isArray(list)) list.push(...items);
  }

  #set(pairs: readonly unknown[]): void {
    const map = this.#top();
    const into = map instanceof Made ? map.items : map;
    if (!(into instanceof Map)) return;
    for (let index = 0; index + 1 < pairs.length; index += 2) into.set(pairs[index], pairs[index + 1]);
  }

  #top(): unknown {
    if (this.#stack.length === 0) throw new RangeError('damaged');
    return this.#stack.at(-1);
  }

  #pop(): unknown {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #popSome(count: number): unknown[] {
    if (this.#stack.length < count) throw new RangeError('damaged');
    return this.#stack.splice(-count);
  }

  #sinceMark(): unknown[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) throw new RangeError('damaged');
    return this.#stack.splice(at).slice(1);
  }

  #u8(): number {
    const value = this.bytes.readUInt8(this.at);
    this.at += 1;
    return value;
  }

  #take(length: number): Buffer {
    if (this.at + length > this.bytes.length) throw new RangeError('cut off');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  #line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new RangeError('cut off');
    const line = this.bytes.toString('latin1', this.at, end);
    this.at = end + 1;
    return line;
  }
}

/** Little-endian, two's complement; large ones are only approximately needed. */
function long(bytes: Buffer): number {
  let value = 0n;
  for (const [index, byte] of bytes.entries()) value += BigInt(byte) << BigInt(8 * index);
  return Number(bytes.length > 0 && (bytes.at(-1) as number) > 127 ? value - (1n << BigInt(8 * bytes.length)) : value);
}
