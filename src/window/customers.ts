/**
 * Who bought how often: exact for up to `MOST_KEYS` customers, estimated beyond, mergeable.
 *
 * Up to `MOST_KEYS` different customers are a table of counts that answers everything. With one more, the table becomes
 * three sketches: `HyperLogLog` registers for how many there are (1.6 %), a sample of customers with exact counts for how
 * often they buy, and the `Frequent` for who buys most.
 *
 * I1. How many there are and the sample depend on the purchases only, in whatever order and by whatever merges:
 *     commutative and associative to the bit. The most frequent are so up to `MOST_KEYS` customers; see `Frequent`.
 * I2. There is `rest` exactly when there were more than `MOST_KEYS` customers.
 *
 * Error: 256 to 512 customers are in the sample for the most part, so a share p of the customers that is read from it
 * has a standard error of at most √(p (1 − p) / 256): 3 points of a hundred at worst.
 */
import { cutDown, Frequent, type FrequentData, mergeFrequent, MOST_KEYS, NONE_FREQUENT } from "./frequent.ts";
import { distinctIn, mergeRegisters, raiseAll, registersOf } from "./hyper_log_log.ts";
import { type KeyCounts, mergeCounts } from "./key_counts.ts";
import { KeySample, type KeySampleData, mergeSamples, sampleOf } from "./key_sample.ts";

/** What is kept of customers beside the most frequent, when they are too many to keep all. */
export interface SampledCustomers {
  readonly registers: Uint8Array;
  readonly sample: KeySampleData;
}

/** Purchases by customer, as plain data. */
export interface CustomersData {
  /** Purchases of customers, events that name none left out. */
  readonly purchases: number;
  /** All customers when there is no `rest`. */
  readonly frequent: FrequentData;
  readonly rest?: SampledCustomers;
}

/** Nobody. */
export const NOBODY: CustomersData = Object.freeze({ purchases: 0, frequent: NONE_FREQUENT });

/** The customers of both. */
export function mergeCustomers(a: CustomersData, b: CustomersData): CustomersData {
  const purchases = a.purchases + b.purchases;
  if (a.rest === undefined && b.rest === undefined) {
    const counted = mergeCounts(a.frequent, b.frequent);
    if (counted.keys.length <= MOST_KEYS) return { purchases, frequent: { ...counted, error: 0 } };
    return { purchases, frequent: cutDown(counted), rest: restOf(counted) };
  }
  const one = a.rest ?? restOf(a.frequent), other = b.rest ?? restOf(b.frequent);
  return {
    purchases,
    frequent: mergeFrequent(a.frequent, b.frequent),
    rest: {
      registers: mergeRegisters(one.registers, other.registers),
      sample: mergeSamples(one.sample, other.sample),
    },
  };
}

/** How many customers there were. */
export function uniqueOf({ frequent, rest }: CustomersData): number {
  return rest === undefined ? frequent.keys.length : distinctIn(rest.registers);
}

/** Counts purchases by customer. */
export class Customers {
  readonly #frequent = new Frequent();
  #purchases = 0;
  #rest: { readonly registers: Uint8Array; readonly sample: KeySample } | undefined;

  /** Counts the customers in rows `[from, to)` but for 0, which stands for none. */
  addAll(hashes: Uint32Array, from: number, to: number): void {
    const frequent = this.#frequent;
    for (let row = from; row < to; row++) if (hashes[row] !== 0) this.#purchases++;
    for (let row = from; row < to;) {
      const next = frequent.addSome(hashes, row, to);
      if (this.#rest !== undefined) {
        raiseAll(this.#rest.registers, hashes, { from: row, to: next });
        this.#rest.sample.addAll(hashes, row, next);
      }
      if (frequent.isOver) this.#cut();
      row = next;
    }
  }

  /** A copy as plain data. */
  data(): CustomersData {
    const purchases = this.#purchases, frequent = this.#frequent.data(), rest = this.#rest;
    if (rest === undefined) return { purchases, frequent };
    return { purchases, frequent, rest: { registers: rest.registers.slice(), sample: rest.sample.data() } };
  }

  #cut(): void {
    if (this.#rest === undefined) {
      const { registers, sample } = restOf(this.#frequent.data());
      this.#rest = { registers, sample: new KeySample(sample) };
    }
    this.#frequent.cut();
  }
}

/** What is kept of customers that are all known. */
function restOf(counted: KeyCounts): SampledCustomers {
  return { registers: registersOf(counted.keys), sample: sampleOf({ keys: counted.keys, counts: counted.counts }) };
}
