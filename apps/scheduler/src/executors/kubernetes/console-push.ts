// How does the scheduler send what an attempt has printed where no pod of its own can, as that would?

/** It is worth trying again. */
export class GatewayAway extends Error {
  override readonly name = 'GatewayAway';
}

const pieceBytes = 1024 * 1024;
const answerWithinMs = 30_000;

export interface ConsolePart {
  readonly bytes: Buffer;
  /** Of the first of them. */
  readonly fromByte: number;
  /** How much was printed, whether anybody has it or not. */
  readonly sizeBytes: number;
}

/** How much of it is there then; less than `fromByte` says that something before it is missing. Undefined: nobody takes it any more. Throws `GatewayAway`, and may be repeated. */
export async function sendConsole(address: string, token: string, { bytes, fromByte, sizeBytes }: ConsolePart): Promise<number | undefined> {
  const end = fromByte + bytes.length;
  for (let offset = fromByte; ; ) {
    const piece = bytes.subarray(offset - fromByte, offset - fromByte + pieceBytes);
    const where = new URL(address);
    const isLast = offset + piece.length === end;
    for (const [name, value] of Object.entries({ offset, size: sizeBytes, ...(isLast && { last: 1 }) })) where.searchParams.set(name, String(value));
    const receivedBytes = await put(where, token, new Uint8Array(piece));
    if (receivedBytes === undefined || receivedBytes < offset || receivedBytes >= end) return receivedBytes;
    offset = receivedBytes;
  }
}

async function put(address: URL, token: string, body: Uint8Array<ArrayBuffer>): Promise<number | undefined> {
  const headers = { authorization: `Token ${token}`, 'content-type': 'application/octet-stream' };
  let response: Response;
  try {
    response = await fetch(address, { method: 'PUT', headers, body, redirect: 'error', signal: AbortSignal.timeout(answerWithinMs) });
  } catch (error) {
    throw new GatewayAway((error as Error).message, { cause: error });
  }
  const { receivedBytes } = (await response.json().catch(() => ({}))) as { receivedBytes?: number };
  if (receivedBytes !== undefined && (response.ok || response.status === 409)) return receivedBytes;
  if (response.status >= 500 || response.status === 429 || response.status === 408) throw new GatewayAway(`${address.host} answers ${response.status}`);
  return undefined;
}
