/**
 * One socket to a broker: a request, then its answer, one at a time.
 *
 * I1. A request whose answer does not come in time, or cannot be read, ends the socket: what would follow on it is unknown.
 */
import { Writer } from "@platformatic/kafka";
import { type Clock, sleep } from "../clock.ts";
import { RetryableError } from "../stream/failures.ts";
import type { BrokerAddress } from "./connections.ts";
import type { KafkaAccess } from "./kafka_config.ts";
import { WireReader } from "./wire_reader.ts";

/** Which request it is; a header is flexible when it ends with tagged fields. */
export interface RequestKind {
  readonly key: number;
  readonly version: number;
  readonly isFlexible: { readonly request: boolean; readonly answer: boolean };
}

/** A request and how its answer is read. */
export interface WireCall<T> {
  readonly kind: RequestKind;
  readonly body: Writer;
  /** The answer may have so many bytes. */
  readonly maxBytes: number;
  readonly withinMs: number;
  read(reader: WireReader): Promise<T>;
}

/** How a wire is opened. */
export interface WireOptions {
  readonly access: KafkaAccess;
  readonly clock: Clock;
  readonly connectMs: number;
}

/** A socket to a broker. */
export class BrokerWire implements AsyncDisposable {
  readonly #socket: Deno.Conn;
  readonly #reader: WireReader;
  readonly #clientId: string;
  readonly #clock: Clock;
  #correlation = 0;
  #calling: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  private constructor(socket: Deno.Conn, { access, clock }: WireOptions) {
    this.#socket = socket;
    this.#reader = new WireReader(socket);
    this.#clientId = access.clientId;
    this.#clock = clock;
  }

  /** Connects, with TLS where it is configured. @throws {RetryableError} when that takes too long; what Deno throws */
  static async open(address: BrokerAddress, options: WireOptions): Promise<BrokerWire> {
    const opening = connect(address, options.access);
    const done = new AbortController();
    const late = sleep(options.clock, options.connectMs, done.signal).then(() => undefined);
    const socket = await Promise.race([opening, late]).finally(() => done.abort());
    if (socket !== undefined) return new BrokerWire(socket, options);
    opening.then((tooLate) => tooLate.close(), () => {});
    throw new RetryableError(`Cannot connect: no answer within ${options.connectMs} ms`);
  }

  /** Whether it is of no use any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends a request once all earlier ones are answered, and reads its answer. */
  call<T>(call: WireCall<T>): Promise<T> {
    const answer = this.#calling.then(() => this.#call(call));
    this.#calling = answer.catch(() => {}); // Whoever made that call hears of its failure.
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await this.#calling;
  }

  async #call<T>(call: WireCall<T>): Promise<T> {
    if (this.#isClosed) throw new RetryableError("Cannot send request: the connection is closed");
    using _limit = this.#clock.after(call.withinMs, () => this.#close());
    try {
      const correlation = ++this.#correlation;
      await this.#send(this.#framed(call, correlation));
      await this.#reader.begin(call.maxBytes);
      const answered = await this.#reader.int32();
      if (answered !== correlation) {
        throw new SyntaxError(`Cannot read answer: it is to request ${answered}, not ${correlation}`);
      }
      if (call.kind.isFlexible.answer) await this.#reader.skipTagged();
      const answer = await call.read(this.#reader);
      await this.#reader.skip(this.#reader.left);
      return answer;
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  #framed({ kind, body }: Pick<WireCall<unknown>, "kind" | "body">, correlation: number): Uint8Array {
    const header = Writer.create()
      .appendInt16(kind.key)
      .appendInt16(kind.version)
      .appendInt32(correlation)
      .appendString(this.#clientId, false);
    if (kind.isFlexible.request) header.appendTaggedFields();
    return header.appendFrom(body).prependLength().buffer;
  }

  async #send(frame: Uint8Array): Promise<void> {
    for (let sent = 0; sent < frame.length;) sent += await this.#socket.write(frame.subarray(sent));
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }
}

async function connect({ host: hostname, port }: BrokerAddress, { ssl }: KafkaAccess): Promise<Deno.Conn> {
  if (ssl === false) {
    const socket = await Deno.connect({ hostname, port });
    socket.setNoDelay();
    return socket;
  }
  const { ca, cert, key } = ssl === true ? {} : ssl;
  const trust = ca === undefined ? {} : { caCerts: [ca] };
  const identity = cert === undefined || key === undefined ? {} : { cert, key };
  return await Deno.connectTls({ hostname, port, ...trust, ...identity });
}
