/**
 * One client's queue of server-sent events.
 *
 * I1. Never more than `capacity` frames; one more drops them all, oldest first, and the client is behind.
 * I2. A client that is behind gets nothing but a snapshot next, and takes frames again from that moment.
 */

/** What to send next: a frame, a snapshot, or nothing any more. */
export type NextEvent = { readonly kind: "frame"; readonly bytes: Uint8Array } | { readonly kind: "snapshot" } | {
  readonly kind: "end";
};

/** Holds what a slow client has not taken yet; a new client is behind. */
export class EventQueue {
  readonly #capacity: number;
  readonly #frames: Uint8Array[] = [];
  #phase: "behind" | "live" | "ended" = "behind";
  #wake: (() => void) | undefined;

  constructor(capacity: number) {
    if (!(capacity > 0)) throw new RangeError(`Cannot create event queue: capacity must be > 0, got ${capacity}`);
    this.#capacity = capacity;
  }

  /** Offers a frame; it is refused while the client waits for a snapshot. */
  push(bytes: Uint8Array): "accepted" | "displaced" | "refused" {
    if (this.#phase !== "live") return "refused";
    if (this.#frames.length === this.#capacity) {
      this.fallBehind();
      return "displaced";
    }
    this.#frames.push(bytes);
    this.#wake?.();
    return "accepted";
  }

  /** Drops everything: a snapshot comes next. */
  fallBehind(): void {
    if (this.#phase === "ended") return;
    this.#frames.length = 0;
    this.#phase = "behind";
    this.#wake?.();
  }

  /** Takes frames from now on; to be called in the same turn as the snapshot is composed. */
  catchUp(): void {
    if (this.#phase === "behind") this.#phase = "live";
  }

  /** Ends the stream; what is queued is dropped. */
  end(): void {
    this.#frames.length = 0;
    this.#phase = "ended";
    this.#wake?.();
  }

  /** Resolves with what to send next; one caller at a time. */
  async next(): Promise<NextEvent> {
    while (this.#phase === "live" && this.#frames.length === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    this.#wake = undefined;
    if (this.#phase === "ended") return { kind: "end" };
    const bytes = this.#frames.shift();
    return bytes === undefined ? { kind: "snapshot" } : { kind: "frame", bytes };
  }
}
