/** Writes the numbers and byte strings that records are made of. */

const CONTINUES = 0x80;

/** Bytes written one behind the other into a buffer that doubles as needed. */
export class ByteWriter {
  #buffer: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(capacity: number) {
    this.#buffer = new Uint8Array(Math.max(capacity, 64));
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** What was written, not copied: valid until the next write. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }

  /** One byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** A zigzag varint of an integer of up to 53 bits. */
  varint(value: number): void {
    this.#reserve(10);
    let left = zigzag(value);
    while (left >= CONTINUES) {
      this.#buffer[this.#length++] = (left % CONTINUES) | CONTINUES;
      left = Math.floor(left / CONTINUES);
    }
    this.#buffer[this.#length++] = left;
  }

  /** Bytes behind their length; −1 stands for null. */
  sized(bytes: Uint8Array | null): void {
    if (bytes === null) return this.varint(-1);
    this.varint(bytes.length);
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + count));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

/** How many bytes `ByteWriter.varint` writes for `value`. */
export function varintBytes(value: number): number {
  let count = 1;
  for (let left = zigzag(value); left >= CONTINUES; left = Math.floor(left / CONTINUES)) count++;
  return count;
}

/** How many bytes `ByteWriter.sized` writes for `bytes`. */
export function sizedBytes(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintBytes(bytes.length) + bytes.length;
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}
