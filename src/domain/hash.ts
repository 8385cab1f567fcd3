/** 32-bit hashing of bytes where they lie, for name tables, unique-customer sketches and configuration fingerprints. */

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

/** Seed of every hash that outlives a process or crosses a thread; changing it changes unique-customer sketches. */
export const HASH_SEED = 0x7a11e5;

/**
 * MurmurHash3 (x86, 32 bits) of the bytes `[start, end)` of `view`, seeded with `HASH_SEED`.
 *
 * Shape: an unsigned 32-bit integer; equal bytes give equal hashes on every machine.
 * Cost: one multiply-rotate-multiply for each 4 bytes, no allocation.
 * Source: Austin Appleby, MurmurHash3_x86_32 (public domain).
 */
export function murmur3(view: DataView, start: number, end: number): number {
  let hash = HASH_SEED;
  let at = start;
  for (const words = end - 3; at < words; at += 4) {
    hash ^= mixed(view.getInt32(at, true));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (at < end) {
    let tail = view.getUint8(at);
    if (at + 1 < end) tail |= view.getUint8(at + 1) << 8;
    if (at + 2 < end) tail |= view.getUint8(at + 2) << 16;
    hash ^= mixed(tail);
  }
  return avalanche(hash ^ (end - start));
}

/** `murmur3` of the UTF-8 bytes of `text`. Cost: one allocation; for the slow path and for configuration. */
export function murmur3Text(text: string): number {
  const bytes = new TextEncoder().encode(text);
  return murmur3(new DataView(bytes.buffer), 0, bytes.length);
}

function mixed(word: number): number {
  const scaled = Math.imul(word, C1);
  return Math.imul((scaled << 15) | (scaled >>> 17), C2);
}

function avalanche(bits: number): number {
  let hash = bits ^ (bits >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
