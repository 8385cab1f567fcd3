/** Random test data that a printed seed brings back. */

/** A small generator of numbers in `[0, 1)` (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** The seed of this run: `TALLY_TEST_SEED`, or a new one; printed either way by the caller. */
export function seedOfRun(): number {
  return Number(Deno.env.get("TALLY_TEST_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
}
