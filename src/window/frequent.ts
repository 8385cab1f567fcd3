/**
 * Who came most often, in fixed memory, and by how much the counts may be wrong.
 *
 * Keys are counted exactly until there are more than `MOST_KEYS`. Then all counts are lessened by the smallest number
 * that leaves at most half of the keys, and that number is added to the error.
 *
 * I1. A key that has a count came at least so often and at most `error` times more; one that has none came at most
 *     `error` times.
 * I2. `error` is at most the number of everything counted divided by `MOST_KEYS / 2 + 1`: a cut takes its amount from
 *     more than half of the keys. It is 0 while there were never more than `MOST_KEYS`.
 * I3. Merging is commutative to the bit, and associative to the bit as long as nothing is cut. With cuts every order
 *     keeps I1 and I2, and the callers fix the order, as they do for sums.
 *
 * Source: Misra & Gries 1982; merging by Agarwal et al. 2012, "Mergeable summaries" §3; cutting half of the keys at a
 * time as in Anderson et al. 2017, "A high-performance algorithm for identifying frequent items in data streams".
 */
import { type KeyCounts, lessened, mergeCounts, NO_KEYS } from "./key_counts.ts";
import { KeyTable } from "./key_table.ts";

/** Most keys that are counted. */
export const MOST_KEYS = 512;

const LEFT = MOST_KEYS / 2;

/** Counts of the most frequent keys. */
export interface FrequentData extends KeyCounts {
  /** By how much each count may be too low. */
  readonly error: number;
}

/** Nothing counted. */
export const NONE_FREQUENT: FrequentData = Object.freeze({ ...NO_KEYS, error: 0 });

/** The most frequent of both. Cost: one step a key. */
export function mergeFrequent(a: FrequentData, b: FrequentData): FrequentData {
  return cutDown(mergeCounts(a, b), a.error + b.error);
}

/** The most frequent of counted keys, which may be more than `MOST_KEYS`, when their counts are wrong by `error`. */
export function cutDown(counted: KeyCounts, error = 0): FrequentData {
  if (counted.keys.length <= MOST_KEYS) return { ...counted, error };
  const cut = cutOf(counted.counts);
  return { ...lessened(counted, cut), error: error + cut };
}

/** Counts keys one after another. */
export class Frequent {
  readonly #table = new KeyTable();
  #error = 0;

  /** Counts the keys in rows `[from, to)` but for 0, which stands for none. */
  addAll(keys: Uint32Array, from: number, to: number): void {
    for (let row = from; row < to;) {
      row = this.addSome(keys, row, to);
      if (this.isOver) this.cut();
    }
  }

  /** Whether there are too many keys: `cut` before the next one is counted. */
  get isOver(): boolean {
    return this.#table.size > MOST_KEYS;
  }

  /** Counts keys as `addAll` does until there are too many; returns the row after the last one counted. */
  addSome(keys: Uint32Array, from: number, to: number): number {
    return this.#table.addAll(keys, from, { to, most: MOST_KEYS });
  }

  /** Gives up the rarest half of the keys. */
  cut(): void {
    const cut = cutOf(this.#table.counts);
    this.#table.lessen(cut);
    this.#error += cut;
  }

  /** A copy as plain data. */
  data(): FrequentData {
    return { ...this.#table.data(), error: this.#error };
  }
}

/** Counts below it are sorted by counting them. */
const SMALL = 64;

/** The smallest number that at most `LEFT` of the counts exceed. */
function cutOf(counts: Uint32Array | Float64Array): number {
  const histogram = new Uint32Array(SMALL);
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index] ?? 0;
    if (count < SMALL) histogram[count] = (histogram[count] ?? 0) + 1;
  }
  let above = counts.length;
  for (let count = 1; count < SMALL; count++) {
    above -= histogram[count] ?? 0;
    if (above <= LEFT) return count;
  }
  return counts.toSorted().at(-1 - LEFT) ?? 0;
}
