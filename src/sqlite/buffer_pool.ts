/** Buffers used again, so that a steady stream of fetches allocates nothing. */

/** The most buffers kept; more are left to the garbage collector. */
const CAPACITY = 32;
/** Sizes are rounded up to this, so that a buffer suits the next batch too. */
const STEP_BYTES = 64 * 1024;

/** A pool of at most 32 buffers. */
export class BufferPool {
  readonly #free: ArrayBuffer[] = [];

  /** A buffer of at least `byteLength` bytes; what it holds is of no meaning. */
  take(byteLength: number): ArrayBuffer {
    const index = this.#free.findIndex((buffer) => buffer.byteLength >= byteLength);
    const [fitting] = index < 0 ? [] : this.#free.splice(index, 1);
    return fitting ?? new ArrayBuffer(Math.ceil(byteLength / STEP_BYTES) * STEP_BYTES);
  }

  /** Takes a buffer back; one that was transferred away, or is one too many, is let go. */
  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength > 0 && this.#free.length < CAPACITY) this.#free.push(buffer);
  }
}
