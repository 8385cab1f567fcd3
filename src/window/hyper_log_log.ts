/**
 * How many different customers, in fixed memory.
 *
 * 4,096 registers: standard error 1.04 / √4096 = 1.6 %, from 32-bit hashes. Up to 384 registers are kept as a small
 * hash table; beyond that all of them, one byte each.
 *
 * I1. The estimate is a function of the set of hashes only: merging is commutative, associative and idempotent to the
 *     bit, and the sparse form gives the same registers as the dense one.
 *
 * Source: Flajolet et al. 2007 (registers); Ertl 2017, "New cardinality estimation algorithms for HyperLogLog
 * sketches" §3.3 (the estimator, which needs no bias table).
 */

const PRECISION = 12;
const REGISTERS = 1 << PRECISION;
/** Bits left of a 32-bit hash; ranks are 0 to `RANK_BITS + 1`. */
const RANK_BITS = 32 - PRECISION;
const SPARSE_SLOTS = 512;
const SPARSE_MAX = 384;

/** Registers as plain data: 4,096 bytes, or sparse pairs `register × 64 + rank`. */
export type HyperLogLogData = Uint8Array | Uint32Array;

/** Counts distinct 32-bit hashes. */
export class HyperLogLog {
  #sparse: Uint32Array | undefined = new Uint32Array(16);
  #sparseCount = 0;
  #dense: Uint8Array = NO_REGISTERS;

  /** Adds one hash: an unsigned 32-bit integer, evenly spread. */
  add(hash: number): void {
    const register = hash & (REGISTERS - 1);
    const rank = rankOf(hash);
    if (this.#sparse !== undefined) this.#raiseSparse(this.#sparse, register, rank);
    else if (rank > (this.#dense[register] ?? 0)) this.#dense[register] = rank;
  }

  /** Adds the hashes in rows `[from, to)` but for 0, which stands for no hash. */
  addAll(hashes: Uint32Array, from: number, to: number): void {
    let row = from;
    for (; row < to && this.#sparse !== undefined; row++) {
      const hash = hashes[row] ?? 0;
      if (hash !== 0) this.add(hash);
    }
    const dense = this.#dense;
    for (; row < to; row++) {
      const hash = (hashes[row] ?? 0) | 0, register = hash & (REGISTERS - 1), rank = rankOf(hash);
      if (rank > (dense[register] ?? 0) && hash !== 0) dense[register] = rank;
    }
  }

  /** Adds what another sketch has seen. */
  merge(other: HyperLogLogData): void {
    if (other instanceof Uint8Array) {
      this.#densify();
      const dense = this.#dense;
      for (let register = 0; register < REGISTERS; register++) {
        const rank = other[register] ?? 0;
        if (rank > (dense[register] ?? 0)) dense[register] = rank;
      }
      return;
    }
    for (const pair of other) this.#raise(pair >>> 6, pair & 63);
  }

  /** A copy as plain data. */
  data(): HyperLogLogData {
    return this.#sparse === undefined ? this.#dense.slice() : this.#sparse.filter((pair) => pair !== 0);
  }

  /** The estimated number of distinct hashes, rounded to a whole number. */
  estimate(): number {
    const histogram = new Float64Array(RANK_BITS + 2);
    if (this.#sparse === undefined) {
      for (const rank of this.#dense) histogram[rank] = (histogram[rank] ?? 0) + 1;
    } else {
      histogram[0] = REGISTERS - this.#sparseCount;
      for (const pair of this.#sparse) if (pair !== 0) histogram[pair & 63] = (histogram[pair & 63] ?? 0) + 1;
    }
    return Math.round(ertl(histogram));
  }

  #raise(register: number, rank: number): void {
    if (this.#sparse !== undefined) this.#raiseSparse(this.#sparse, register, rank);
    else if (rank > (this.#dense[register] ?? 0)) this.#dense[register] = rank;
  }

  #raiseSparse(slots: Uint32Array, register: number, rank: number): void {
    const mask = slots.length - 1;
    let at = Math.imul(register, 0x9e3779b1) >>> 20 & mask;
    for (let pair = slots[at] ?? 0; pair !== 0; pair = slots[at] ?? 0) {
      if (pair >>> 6 === register) {
        if (rank > (pair & 63)) slots[at] = (register << 6) | rank;
        return;
      }
      at = (at + 1) & mask;
    }
    slots[at] = (register << 6) | rank;
    if (++this.#sparseCount * 4 > slots.length * 3) this.#growSparse(slots);
  }

  #growSparse(slots: Uint32Array): void {
    if (this.#sparseCount > SPARSE_MAX || slots.length >= SPARSE_SLOTS) return this.#densify();
    this.#sparse = new Uint32Array(slots.length * 2);
    this.#sparseCount = 0;
    for (const pair of slots) if (pair !== 0) this.#raiseSparse(this.#sparse, pair >>> 6, pair & 63);
  }

  #densify(): void {
    if (this.#sparse === undefined) return;
    this.#dense = new Uint8Array(REGISTERS);
    for (const pair of this.#sparse) if (pair !== 0) this.#dense[pair >>> 6] = pair & 63;
    this.#sparse = undefined;
  }
}

const NO_REGISTERS = new Uint8Array(0);

/** One more than the number of leading zeros among the upper 20 bits. */
function rankOf(hash: number): number {
  return Math.clz32(hash | (REGISTERS - 1)) + 1;
}

function ertl(histogram: Float64Array): number {
  const at = (rank: number) => histogram[rank] ?? 0;
  let z = REGISTERS * tau(1 - at(RANK_BITS + 1) / REGISTERS);
  for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + at(rank));
  z += REGISTERS * sigma(at(0) / REGISTERS);
  return REGISTERS * REGISTERS / (2 * Math.LN2 * z);
}

function sigma(x: number): number {
  if (x === 1) return Infinity;
  let sum = x, previous = NaN, power = x;
  for (let weight = 1; sum !== previous; weight *= 2) {
    power *= power;
    previous = sum;
    sum += power * weight;
  }
  return sum;
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let root = x, weight = 1, sum = 1 - x, previous = NaN;
  while (sum !== previous) {
    root = Math.sqrt(root);
    previous = sum;
    weight *= 0.5;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}
