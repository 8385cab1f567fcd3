/**
 * Reads Kafka's answers from a stream of bytes, without ever holding one whole.
 *
 * I1. Small fields are read ahead into a buffer of its own; long runs of bytes go straight to where they are wanted.
 * I2. Nothing is read past the end of the answer that was begun, whatever a length inside it says.
 */
import { RetryableError } from "../stream/failures.ts";

/** Where the bytes come from: a socket. */
export interface ByteSource {
  /** Reads at least one byte; resolves to how many, or null at the end. */
  read(into: Uint8Array): Promise<number | null>;
}

/** Bytes read ahead at most: small fields come a few at a time. */
const AHEAD_BYTES = 512;

/** One connection's answers, one after the other. */
export class WireReader {
  readonly #source: ByteSource;
  readonly #bytes = new Uint8Array(AHEAD_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #decoder = new TextDecoder();
  #at = 0;
  #end = 0;
  /** Bytes of the answer that are not taken yet. */
  #left = 4;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Bytes of the answer that are not taken yet. */
  get left(): number {
    return this.#left;
  }

  /** Begins with the next answer; the last one must be over. @throws {SyntaxError} when it is longer than `maxBytes` */
  async begin(maxBytes: number): Promise<void> {
    this.#left = 4;
    const length = await this.int32();
    if (!(length >= 0 && length <= maxBytes)) {
      throw new SyntaxError(`Cannot read answer: it has ${length} bytes, at most ${maxBytes} were asked for`);
    }
    this.#left = length;
  }

  async int16(): Promise<number> {
    return this.#view.getInt16(await this.#take(2));
  }

  async int32(): Promise<number> {
    return this.#view.getInt32(await this.#take(4));
  }

  async int64(): Promise<bigint> {
    return this.#view.getBigInt64(await this.#take(8));
  }

  /** An unsigned varint of at most 32 bits. @throws {SyntaxError} when it is longer */
  async varint(): Promise<number> {
    for (let value = 0, shift = 0; shift < 35; shift += 7) {
      const byte = this.#view.getUint8(await this.#take(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new SyntaxError("Cannot read answer: a length goes on for more than five bytes");
  }

  /** A compact text; null is the empty one. */
  async text(): Promise<string> {
    const bytes = new Uint8Array(this.#within(Math.max(0, await this.varint() - 1)));
    await this.into(bytes);
    return this.#decoder.decode(bytes);
  }

  /** The elements of a compact array, read one by one; null is the empty one. */
  async array<T>(element: () => Promise<T>): Promise<T[]> {
    const elements: T[] = [];
    for (let left = await this.varint() - 1; left > 0; left--) elements.push(await element());
    return elements;
  }

  /** Fields that a later version of the protocol may have added. */
  async skipTagged(): Promise<void> {
    for (let left = await this.varint(); left > 0; left--) {
      await this.varint();
      await this.skip(await this.varint());
    }
  }

  /** Fills `target` with the next bytes. */
  async into(target: Uint8Array): Promise<void> {
    this.#within(target.length);
    const ahead = Math.min(target.length, this.#end - this.#at);
    target.set(this.#bytes.subarray(this.#at, this.#at + ahead));
    this.#at += ahead;
    for (let filled = ahead; filled < target.length;) filled += await this.#read(target.subarray(filled));
    this.#left -= target.length;
  }

  /** Passes over the next bytes. */
  async skip(byteLength: number): Promise<void> {
    const rest = new Uint8Array(Math.min(AHEAD_BYTES, byteLength));
    for (let left = this.#within(byteLength); left > 0;) {
      const step = Math.min(rest.length, left);
      await this.into(rest.subarray(0, step));
      left -= step;
    }
  }

  /** Where the next `count` bytes stand, which are then taken. */
  async #take(count: number): Promise<number> {
    this.#within(count);
    if (this.#end - this.#at < count) {
      this.#bytes.copyWithin(0, this.#at, this.#end);
      this.#end -= this.#at;
      this.#at = 0;
      while (this.#end < count) this.#end += await this.#read(this.#bytes.subarray(this.#end));
    }
    const at = this.#at;
    this.#at += count;
    this.#left -= count;
    return at;
  }

  #within(byteLength: number): number {
    if (byteLength <= this.#left) return byteLength;
    throw new SyntaxError(`Cannot read answer: it ends ${byteLength - this.#left} bytes before a field of it does`);
  }

  async #read(into: Uint8Array): Promise<number> {
    const count = await this.#source.read(into);
    if (count === null) throw new RetryableError("Cannot read answer: the broker closed the connection");
    return count;
  }
}
