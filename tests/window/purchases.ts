/** Made-up purchases by key, from a few customers to very many, some of whom buy much more than others. */
import { seeded } from "../../src/actor/mod.ts";

/** The customers' hashes in the order of their purchases, the same for the same seed. */
export function purchases(seed: number): readonly number[] {
  const random = seeded(seed),
    customers = Math.ceil(10 ** (random() * 4.5)),
    length = Math.ceil(10 ** (random() * 4.7));
  const skew = 1 + random() * 5;
  return Array.from({ length }, () => hashOf(Math.floor(random() ** skew * customers)));
}

/** A hash that no other customer has. */
export function hashOf(customer: number): number {
  // The finalizer of MurmurHash3: a permutation of 32-bit numbers, so that only one customer has 0.
  let hash = customer + 1;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** How often each key is there. */
export function exactCounts(keys: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const key of keys) if (key !== 0) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
