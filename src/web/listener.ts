/**
 * The port that HTTP comes in by, with a bound on everything that a stranger could hold open.
 *
 * I1. Whoever is slow is cut off: with the headers, with the rest of a request, with taking the next part of an answer.
 * I2. At most `connections` at once; one more is closed as soon as it is accepted.
 * I3. The host that a request names decides nothing: addresses are read against one origin of our own.
 *
 * `Deno.serve` has none of these limits, so this is `node:http`, spoken to in the web's own words.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";

/** Bounds of a listener; the README's table of limits quotes them. */
export const LISTENER_LIMITS = {
  connections: 256,
  /** From the first byte of a request to the end of its headers, and of a new connection to both. */
  headersMs: 10_000,
  /** To the end of the request. */
  requestMs: 20_000,
  /** Between two requests of one connection. */
  quietMs: 15_000,
  /** For a client to take what the system's buffers do not hold. */
  stalledMs: 30_000,
  /** Longer headers are not even parsed. */
  headerBytes: 32_768,
} as const;

/** What to listen with. */
export interface ListenerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly answer: (request: Request) => Promise<Response>;
  /** @default LISTENER_LIMITS */
  readonly limits?: { readonly [K in keyof typeof LISTENER_LIMITS]: number };
}

const ORIGIN = "http://localhost";

/** Takes connections until it is closed. */
export class Listener {
  readonly #server: Server;
  readonly #options: Required<ListenerOptions>;
  readonly #underWay = new Set<Promise<void>>();

  private constructor(options: ListenerOptions) {
    this.#options = { limits: LISTENER_LIMITS, ...options };
    this.#server = serverOf(this.#options.limits);
    this.#server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => this.#take(incoming, outgoing));
    this.#server.on("clientError", refuseUnread);
  }

  /** Listens. @throws {Deno.errors.AddrInUse} and the like when the address cannot be taken. */
  static async open(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options), { promise, resolve, reject } = Promise.withResolvers<void>();
    listener.#server.once("error", (error) => reject(addressError(error)));
    listener.#server.listen(options.port, options.host, resolve);
    await promise;
    return listener;
  }

  /** The port that was taken. */
  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === "string" ? 0 : address.port;
  }

  /** The answers under way, each settled when it is sent or broken off. */
  get underWay(): readonly Promise<void>[] {
    return [...this.#underWay];
  }

  /** Cuts every connection; an answer that is still being made is left alone with its making. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  #take(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const done = this.#answer(incoming, outgoing);
    this.#underWay.add(done);
    done.then(() => void this.#underWay.delete(done));
  }

  /** Never rejects: who breaks off is gone, and has been told all that could be told. */
  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const request = requestOf(incoming);
      const response = request === undefined
        ? new Response(null, { status: 400 })
        : await this.#options.answer(request);
      await this.#send(response, outgoing);
    } catch {
      outgoing.destroy();
    }
  }

  async #send(response: Response, outgoing: ServerResponse): Promise<void> {
    outgoing.writeHead(response.status, [...response.headers].flat());
    const reader = response.body?.getReader();
    const left = () => void reader?.cancel().catch(() => {}); // Its end is of no interest to who cancels it.
    outgoing.once("close", left);
    for (;;) {
      const { done, value } = await reader?.read() ?? { done: true };
      if (done || outgoing.destroyed) break;
      if (!outgoing.write(value)) await this.#drained(outgoing);
    }
    outgoing.off("close", left);
    outgoing.end();
  }

  /** Resolves when there is room again or the client is gone; who takes nothing for too long is made to go. */
  async #drained(outgoing: ServerResponse): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _limit = this.#options.clock.after(this.#options.limits.stalledMs, () => outgoing.destroy());
    outgoing.once("drain", resolve).once("close", resolve);
    await promise;
    outgoing.off("drain", resolve).off("close", resolve);
  }
}

function serverOf(limits: Required<ListenerOptions>["limits"]): Server {
  const { connections, headersMs, requestMs, quietMs, headerBytes } = limits;
  const server = createServer({
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: quietMs,
    connectionsCheckingInterval: Math.max(1, headersMs / 10),
    maxHeaderSize: headerBytes,
  });
  server.maxConnections = connections;
  return server;
}

/** The request, or undefined when it is none that the web knows. */
function requestOf(incoming: IncomingMessage): Request | undefined {
  const { method = "", url = "", rawHeaders } = incoming;
  if (!url.startsWith("/")) return undefined;
  try {
    const headers = new Headers();
    for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
      headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
    }
    const body = method === "POST" ? { body: ReadableStream.from<Uint8Array>(incoming) } : {};
    return new Request(ORIGIN + url, { method, headers, ...body });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
}

/** What was no HTTP, or too slow or too long to be read as a request. */
function refuseUnread(error: Error & { readonly code?: string }, socket: Socket): void {
  const line = STATUS_LINES[error.code ?? ""] ?? "400 Bad Request";
  if (socket.writable) socket.end(`HTTP/1.1 ${line}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  else socket.destroy();
}

const STATUS_LINES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

function addressError(error: Error & { readonly code?: string }): Error {
  return error.code === "EADDRINUSE" ? new Deno.errors.AddrInUse(error.message, { cause: error }) : error;
}
