/** Totals of one pane by region, in one array of numbers. */
import type { Columns } from "./columns.ts";

/** Totals of one region as plain numbers, `TOTALS` of them in this order. */
export const TOTAL = {
  count: 0,
  sum: 1,
  min: 2,
  max: 3,
  fraudCount: 4,
  fraudSum: 5,
  /** How many of the events had coordinates; `latSum` and `lonSum` add those up. */
  located: 6,
  latSum: 7,
  lonSum: 8,
} as const;

/** How many numbers a region has. */
export const TOTALS = 9;

/** Totals as plain data: `ids[i]` has the `TOTALS` numbers from `values[i × TOTALS]` on. */
export interface RegionTotalsData {
  readonly ids: Uint16Array;
  readonly values: Float64Array;
}

/**
 * Sums by region.
 *
 * Shape: region ids are small whole numbers (dense, below 65,535). Memory: 72 bytes a region that occurs, 2 for each id
 * below the highest.
 */
export class RegionTotals {
  #slotOf = new Uint16Array(64);
  #ids = new Uint16Array(4);
  #values = new Float64Array(4 * TOTALS);
  #count = 0;

  /** Adds the events in rows `[from, to)`, in order. */
  add(columns: Columns, from: number, to: number): void {
    const { regionIds, amounts, frauds, lats, lons } = columns;
    for (let row = from; row < to; row++) {
      const id = regionIds[row] ?? 0, amount = amounts[row] ?? 0, lat = lats[row] ?? NaN;
      const slot = (this.#slotOf[id] ?? 0) || this.#admit(id);
      const values = this.#values, at = (slot - 1) * TOTALS;
      values[at] = (values[at] ?? 0) + 1;
      values[at + 1] = (values[at + 1] ?? 0) + amount;
      if (amount < (values[at + 2] ?? 0)) values[at + 2] = amount;
      if (amount > (values[at + 3] ?? 0)) values[at + 3] = amount;
      if (frauds[row] !== 0) {
        values[at + 4] = (values[at + 4] ?? 0) + 1;
        values[at + 5] = (values[at + 5] ?? 0) + amount;
      }
      if (Number.isNaN(lat)) continue;
      values[at + 6] = (values[at + 6] ?? 0) + 1;
      values[at + 7] = (values[at + 7] ?? 0) + lat;
      values[at + 8] = (values[at + 8] ?? 0) + (lons[row] ?? 0);
    }
  }

  /** A copy as plain data, in the order in which the regions first came. */
  data(): RegionTotalsData {
    return { ids: this.#ids.slice(0, this.#count), values: this.#values.slice(0, this.#count * TOTALS) };
  }

  #admit(id: number): number {
    if (id >= this.#slotOf.length) this.#slotOf = grown(this.#slotOf, new Uint16Array(2 * (id + 1)));
    if (this.#count === this.#ids.length) {
      this.#ids = grown(this.#ids, new Uint16Array(2 * this.#count));
      this.#values = grown(this.#values, new Float64Array(2 * this.#count * TOTALS));
    }
    const at = this.#count * TOTALS;
    this.#values[at + TOTAL.min] = Infinity;
    this.#values[at + TOTAL.max] = -Infinity;
    this.#ids[this.#count] = id;
    return this.#slotOf[id] = ++this.#count;
  }
}

/** Adds the totals at `from` of `b` into the totals `a`. */
export function mergeTotals(a: Float64Array, b: Float64Array, from: number): void {
  for (let index = 0; index < TOTALS; index++) {
    const left = a[index] ?? 0, right = b[from + index] ?? 0;
    a[index] = index === TOTAL.min ? Math.min(left, right) : index === TOTAL.max ? Math.max(left, right) : left + right;
  }
}

/** Totals of no event. */
export function noTotals(): Float64Array {
  const totals = new Float64Array(TOTALS);
  totals[TOTAL.min] = Infinity;
  totals[TOTAL.max] = -Infinity;
  return totals;
}

function grown<T extends Uint16Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
