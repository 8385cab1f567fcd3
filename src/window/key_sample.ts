/**
 * A sample of keys with their exact counts: those whose hash is low.
 *
 * Of level L are the keys below 2^(32 − L), so a key is in with chance 2⁻ᴸ; the level is the lowest one that has at most
 * `MOST_KEYS` of the keys.
 *
 * I1. Level, keys and counts depend on what was counted only, in whatever order and by whatever merges: commutative and
 *     associative to the bit. For a key of the final level was in at every lower one, from its first time on.
 *
 * Source: Wegman's adaptive sampling, as Flajolet 1990, "On adaptive sampling", describes it.
 */
import { MOST_KEYS } from "./frequent.ts";
import { type KeyCounts, keysBelow, mergeCounts } from "./key_counts.ts";
import { KeyTable } from "./key_table.ts";

const BITS = 32;

/** The counts of sampled keys. */
export interface KeySampleData extends KeyCounts {
  /** Each key stands for 2 to the power of the level. */
  readonly level: number;
}

/** The sample of counted keys, which are all of those below the limit of a level. */
export function sampleOf(counted: KeyCounts, level = 0): KeySampleData {
  const sample = keysBelow(counted, 2 ** (BITS - level));
  return sample.keys.length <= MOST_KEYS ? { ...sample, level } : sampleOf(sample, level + 1);
}

/** The sample of the keys of both. */
export function mergeSamples(a: KeySampleData, b: KeySampleData): KeySampleData {
  return sampleOf(mergeCounts(a, b), Math.max(a.level, b.level));
}

/** Rows looked at together. */
const AT_ONCE = 256;

/** Samples keys one after another. */
export class KeySample {
  readonly #table = new KeyTable();
  #level: number;

  constructor({ level, ...counted }: KeySampleData) {
    this.#table.fill(counted);
    this.#level = level;
  }

  /** Counts the keys in rows `[from, to)` that are of the sample; 0 stands for none. */
  addAll(keys: Uint32Array, from: number, to: number): void {
    // Those of the sample are picked first, without a branch that nobody could predict.
    const picked = new Uint32Array(Math.min(to - from, AT_ONCE));
    for (let row = from; row < to;) {
      const end = Math.min(row + AT_ONCE, to);
      this.#addPicked(picked, this.#pick(keys, { from: row, to: end }, picked));
      row = end;
    }
  }

  /** A copy as plain data. */
  data(): KeySampleData {
    return { ...this.#table.data(), level: this.#level };
  }

  /** Copies keys of the sample to the beginning of `into`, which may be the same array; how many there are. */
  #pick(keys: Uint32Array, { from, to }: { readonly from: number; readonly to: number }, into: Uint32Array): number {
    const limit = 2 ** (BITS - this.#level);
    let size = 0;
    for (let row = from; row < to; row++) {
      const key = keys[row] ?? 0;
      into[size] = key;
      size += key < limit ? 1 : 0;
    }
    return size;
  }

  #addPicked(picked: Uint32Array, size: number): void {
    for (let from = 0, to = size; from < to;) {
      from = this.#table.addAll(picked, from, { to, most: MOST_KEYS });
      if (this.#table.size <= MOST_KEYS) continue;
      while (this.#table.size > MOST_KEYS) this.#table.keepBelow(BITS - ++this.#level);
      to = this.#pick(picked, { from, to }, picked);
      from = 0;
    }
  }
}
