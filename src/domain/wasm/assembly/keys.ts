/** The known keys, written down by the other side: for each its length in 4 bytes, then its bytes. */
import { byteAt } from "./bytes";

export const NO_KEY: i32 = -1;
/** Most keys: two for every field of a transaction leave room. */
export const MAX_KEYS: i32 = 32;

const keyStarts = memory.data(4 * MAX_KEYS, 16);
let keyCount = 0;

/** Takes the `count` keys that are written down at `at`. */
export function setKeys(at: i32, count: i32): void {
  keyCount = count;
  let next = at;
  for (let key = 0; key < count; key++) {
    store<i32>(keyStarts + (key << 2), next);
    next += 4 + load<i32>(next);
  }
}

/** Index of the key in bytes `[start, end)`, or `NO_KEY`. */
export function findKey(start: i32, end: i32): i32 {
  for (let key = 0; key < keyCount; key++) {
    const known = load<i32>(keyStarts + (key << 2));
    if (load<i32>(known) == end - start && memory.compare(known + 4, start, end - start) == 0) return key;
  }
  return NO_KEY;
}
