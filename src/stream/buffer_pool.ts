/** Keeps buffers for reuse, so that a fast fetch loop does not allocate. */

/** How much is kept. */
export interface BufferPoolOptions {
  /** Bytes kept at most; a buffer given back beyond that is left to the garbage collector. */
  readonly capacityBytes: number;
}

const SMALLEST_BITS = 12;

/**
 * Buffers by size class, powers of two from 4 KiB on.
 *
 * Cost: a buffer is at most twice as large as what was asked for, or 4 KiB.
 */
export class BufferPool {
  readonly #capacityBytes: number;
  /** One stack per size class; `#free[i]` holds buffers of `2 ** (i + SMALLEST_BITS)` bytes. */
  readonly #free: ArrayBuffer[][] = [];
  #keptBytes = 0;

  constructor({ capacityBytes }: BufferPoolOptions) {
    if (!(capacityBytes >= 0)) {
      throw new RangeError(`Cannot create buffer pool: capacityBytes must be >= 0, got ${capacityBytes}`);
    }
    this.#capacityBytes = capacityBytes;
  }

  /** Bytes held for reuse now. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** A buffer of at least `byteLength` bytes, with old bytes in it. */
  take(byteLength: number): ArrayBuffer {
    if (byteLength === 0) return new ArrayBuffer(0);
    const sizeClass = classOf(byteLength);
    const kept = this.#free[sizeClass]?.pop();
    if (kept === undefined) return new ArrayBuffer(2 ** (sizeClass + SMALLEST_BITS));
    this.#keptBytes -= kept.byteLength;
    return kept;
  }

  /** Takes a buffer back; ones that are not ours (or transferred away) and ones over capacity are dropped. */
  give(buffer: ArrayBuffer): void {
    const { byteLength } = buffer;
    if (byteLength === 0 || this.#keptBytes + byteLength > this.#capacityBytes) return;
    const sizeClass = classOf(byteLength);
    if (2 ** (sizeClass + SMALLEST_BITS) !== byteLength) return;
    (this.#free[sizeClass] ??= []).push(buffer);
    this.#keptBytes += byteLength;
  }
}

function classOf(byteLength: number): number {
  return Math.max(0, 32 - Math.clz32(byteLength - 1) - SMALLEST_BITS);
}
