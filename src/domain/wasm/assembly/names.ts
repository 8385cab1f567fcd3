/**
 * Which names have which ids, as the name tables of the other side have given them out.
 *
 * Open addressing, at most half full: a slot has the hash, the length, the id and the bytes of a name, zero-padded.
 */

/** The id of a name that has none yet. */
export const UNKNOWN: i32 = 0xffff;

const LENGTH_AT: i32 = 4;
const ID_AT: i32 = 8;
const TEXT_AT: i32 = 16;
/** Longest name. */
const TEXT_BYTES: i32 = 128;
const SLOT_BYTES: i32 = TEXT_AT + TEXT_BYTES;

const IOTA = memory.data<u8>([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], 16);

/** Whether a name may have this many bytes. */
@inline
export function isNameLength(length: i32): bool {
  return length >= 1 && length <= TEXT_BYTES;
}

/** Bytes that a table of `slots` slots, a power of two, needs; all zero at first. */
export function nameTableBytes(slots: i32): i32 {
  return slots * SLOT_BYTES;
}

/** The id of the name at `start` in the table at `table`, or `UNKNOWN`. `mask`: slots less one. */
export function findName(table: i32, mask: i32, start: i32, length: i32): i32 {
  const hash = hashOf(start, length);
  let slot = table + (i32(hash) & mask) * SLOT_BYTES;
  const last = table + mask * SLOT_BYTES;
  for (let known = load<i32>(slot, LENGTH_AT); known != 0; known = load<i32>(slot, LENGTH_AT)) {
    if (known == length && load<u32>(slot) == hash && holds(slot + TEXT_AT, start, length)) {
      return load<i32>(slot, ID_AT);
    }
    slot = slot == last ? table : slot + SLOT_BYTES;
  }
  return UNKNOWN;
}

/** Gives the name at `start`, which is not in the table, its id. */
export function learnName(table: i32, mask: i32, start: i32, length: i32, id: i32): void {
  const hash = hashOf(start, length);
  let place = i32(hash) & mask;
  while (load<i32>(table + place * SLOT_BYTES, LENGTH_AT) != 0) place = (place + 1) & mask;
  const slot = table + place * SLOT_BYTES;
  store<u32>(slot, hash);
  store<i32>(slot, length, LENGTH_AT);
  store<i32>(slot, id, ID_AT);
  memory.copy(slot + TEXT_AT, start, length);
}

/** A hash of the name at `start`. */
@inline
export function hashOf(start: i32, length: i32): u32 {
  let hash: u64 = length;
  for (let at = 0; at < length; at += 16) {
    const block = blockOf(start + at, length - at);
    hash = (hash ^ i64x2.extract_lane(block, 0)) * 0x9e3779b97f4a7c15;
    hash = (rotl(hash, 29) ^ i64x2.extract_lane(block, 1)) * 0xbf58476d1ce4e5b9;
  }
  return u32(hash >> 32);
}

function holds(text: i32, start: i32, length: i32): bool {
  for (let at = 0; at < length; at += 16) {
    if (v128.any_true(v128.xor(blockOf(start + at, length - at), v128.load(text + at)))) return false;
  }
  return true;
}

/** The 16 bytes at `at`, those from `length` on zero. */
@inline
function blockOf(at: i32, length: i32): v128 {
  return v128.and(v128.load(at), i8x16.lt_s(v128.load(IOTA), i8x16.splat(i8(min(length, 16)))));
}
