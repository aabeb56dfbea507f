// Where do a test's services send their traces? OTLP over HTTP, in its JSON form.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 2: an error. */
  readonly status: number;
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly { name: string; traceId: string; spanId: string; parentSpanId?: string; attributes?: readonly OtlpAttribute[]; status?: { code?: number } }[];
    }[];
  }[];
}

export class OtlpReceiver {
  readonly spans: SeenSpan[] = [];
  connections = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.method === 'POST' && request.url === '/v1/traces') this.#take(JSON.parse(Buffer.concat(chunks).toString()) as OtlpTraces);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    this.#server.on('connection', () => (this.connections += 1));
  }

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((ready) => receiver.#server.listen(0, '127.0.0.1', ready));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** From this span up to where the trace came from: the last one's parent is not here. */
  wayTo(traceparent: string): SeenSpan[] {
    const [, traceId, spanId] = traceparent.split('-');
    const way: SeenSpan[] = [];
    for (let at = spanId; ; ) {
      const span = this.spans.find((one) => one.traceId === traceId && one.spanId === at);
      if (!span || way.includes(span)) return way;
      way.push(span);
      at = span.parentSpanId;
    }
  }

  #take({ resourceSpans }: OtlpTraces): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = String(flat(resource.attributes)['service.name']);
      for (const { spans } of scopeSpans)
        for (const { name, traceId, spanId, parentSpanId = '', attributes = [], status } of spans)
          this.spans.push({ service, name, traceId, spanId, parentSpanId, attributes: flat(attributes), status: status?.code ?? 0 });
    }
  }
}

function flat(attributes: readonly OtlpAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
