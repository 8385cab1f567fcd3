/** How customers are shown: by a keyed hash, or by their ids where that is wanted. */
import { createHmac } from "node:crypto";
import type { CustomerNaming } from "./rankings.ts";

const NAME_DIGITS = 16;

/**
 * Names customers by an HMAC-SHA256 of what they are counted by, the 32-bit hash of their id as eight hexadecimal digits:
 * 16 digits that say nothing without the key, and the same wherever and whenever the key is the same.
 */
export function customerPseudonyms(key: string | Uint8Array): CustomerNaming {
  return (hash) =>
    createHmac("sha256", key).update(hash.toString(16).padStart(8, "0")).digest("hex").slice(0, NAME_DIGITS);
}

/** Names customers by their ids, and those whose ids are not known any more as `customerPseudonyms` does. */
export function customerIds(key: string | Uint8Array): CustomerNaming {
  const pseudonymOf = customerPseudonyms(key);
  return (hash, id) => id ?? pseudonymOf(hash, undefined);
}
