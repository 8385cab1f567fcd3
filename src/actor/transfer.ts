/**
 * Which buffers of a payload move to the other thread instead of being copied.
 *
 * I1. Marking costs nothing locally: a payload that stays on its thread keeps its buffers.
 * I2. The mark lives as long as the payload and no longer.
 */

const marked = new WeakMap<object, readonly ArrayBuffer[]>();

/**
 * Marks buffers of `payload` to be transferred when it crosses a thread, as a tell, an ask or a reply.
 * Across threads the sender's buffers are detached; it must not use them again.
 */
export function transfer<T extends object>(payload: T, buffers: readonly ArrayBuffer[]): T {
  marked.set(payload, buffers);
  return payload;
}

/** The buffers marked for `payload`. */
export function transfersOf(payload: unknown): readonly ArrayBuffer[] {
  return typeof payload === "object" && payload !== null ? marked.get(payload) ?? NONE : NONE;
}

const NONE: readonly ArrayBuffer[] = [];
