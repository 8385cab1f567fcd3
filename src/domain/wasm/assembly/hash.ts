/** Hashes of bytes where they lie. */

const C1: u32 = 0xcc9e2d51;
const C2: u32 = 0x1b873593;
const SEED: u32 = 0x7a11e5;

/** `murmur3` of src/domain/hash.ts. It reads up to 3 bytes past the end, which do not count. */
export function murmur3(start: i32, end: i32): u32 {
  let hash = SEED;
  let at = start;
  for (const words = end - 3; at < words; at += 4) hash = rotl(hash ^ mixed(load<u32>(at)), 13) * 5 + 0xe6546b64;
  if (at < end) hash ^= mixed(load<u32>(at) & ((1 << ((end - at) << 3)) - 1));
  hash ^= end - start;
  hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
  return hash ^ (hash >> 16);
}

@inline
function mixed(word: u32): u32 {
  return rotl(word * C1, 15) * C2;
}
