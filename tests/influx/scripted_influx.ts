/** An HTTP server that answers as a test tells it, in InfluxDB's place. */
import type { InfluxConfig } from "../../src/influx/influx_config.ts";

/** A request as it came in. */
export interface Received {
  readonly path: string;
  readonly headers: Headers;
  /** The lines of a write, decompressed. */
  readonly lines: readonly string[];
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** Answers a request; 204 is "written". */
export type Answer = (received: Received) => Response | Promise<Response>;

/** The server; it lasts until disposed of. */
export class ScriptedInflux implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly config: InfluxConfig;
  /** How many requests were ever waiting for an answer at once. */
  mostAtOnce = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #waiting = 0;

  constructor(answer: Answer) {
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => undefined }, async (request) => {
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#waiting);
      const received = await receivedOf(request);
      this.received.push(received);
      const response = await answer(received);
      this.#waiting--;
      return response;
    });
    const url = `http://127.0.0.1:${this.#server.addr.port}`;
    this.config = { url, token: "s3cret", org: "o", bucket: "b", timeoutMs: 60_000 };
  }

  /** How many lines each write had. */
  get writeSizes(): readonly number[] {
    return this.received.map(({ lines }) => lines.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** InfluxDB's "written". */
export const written = (): Response => new Response(null, { status: 204 });

/** A 2.x error answer. */
export function refusal(status: number, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ code: "some code", message }, { status, headers });
}

async function receivedOf(request: Request): Promise<Received> {
  const gzipped = request.headers.get("content-encoding") === "gzip";
  const body = gzipped ? request.body?.pipeThrough(new DecompressionStream("gzip")) : request.body;
  const text = await new Response(body ?? null).text();
  const { pathname, search } = new URL(request.url);
  return {
    path: pathname + search,
    headers: request.headers,
    lines: text === "" ? [] : text.split("\n"),
    signal: request.signal,
  };
}
