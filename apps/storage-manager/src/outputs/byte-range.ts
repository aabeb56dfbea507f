// Which bytes does a client ask for?

/** `end` is included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Of `Range: bytes=…` over `sizeBytes`; undefined: all of them, also when it asks for several ranges; null: none that are there. */
export function byteRange(header: string | undefined, sizeBytes: number): ByteRange | undefined | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  return start > end ? null : { start, end };
}
