/** One category's events of one slide of event time, in one partition. */
import type { Columns } from "./columns.ts";
import { Customers, type CustomersData } from "./customers.ts";
import { Frequent, type FrequentData, MOST_KEYS } from "./frequent.ts";
import { type MomentsData, PaneMoments } from "./moments.ts";
import { QuantileSketch, type QuantileSketchData } from "./quantile_sketch.ts";
import { RegionTotals, type RegionTotalsData } from "./region_totals.ts";

/** A pane's content as plain data; what windows are folded from. */
export interface PaneData {
  readonly moments: MomentsData;
  readonly amounts: QuantileSketchData;
  readonly customers: CustomersData;
  readonly merchants: FrequentData;
  readonly regions: RegionTotalsData;
}

/** Powers of two that the amounts of one category span; money seldom spans more. */
const OCTAVES = 12;

/** Of `MOST_KEYS` keys and their counts: a full `KeyTable`, 8 bytes a key and two slots of 2, and 12 a key in its copy. */
const TABLE_BYTES = MOST_KEYS * (8 + 2 * 2 + 12);
/** The most frequent, the sample, and the registers with their copy. */
const CUSTOMERS_BYTES = 2 * TABLE_BYTES + 2 * 4_096;

/** The most bytes of a pane whose events are of so many regions, once it has been folded: see `Pane`. */
export function mostPaneBytes(regions: number): number {
  // What it counts in, and the copy that windows are folded from.
  return 2 * (1_024 + OCTAVES * 512 + regions * 72) + CUSTOMERS_BYTES + TABLE_BYTES;
}

/**
 * Counts the events of a pane.
 *
 * Memory: about 1 kB at first; 512 bytes for each power of two among the amounts, 72 for each region, 12 to 24 for each
 * customer and merchant up to 512 of each, and 20 kB once there are more customers.
 */
export class Pane {
  readonly #moments = new PaneMoments();
  readonly #amounts = new QuantileSketch();
  readonly #customers = new Customers();
  readonly #merchants = new Frequent();
  readonly #regions = new RegionTotals();
  #data: PaneData | undefined;
  /** Whether an event was added since the flag was last taken down. */
  isChanged = false;

  /** Adds the events in rows `[from, to)`. Cost: each part of the pane goes over its own columns, so that runs are quick. */
  add(columns: Columns, from: number, to: number): void {
    this.#moments.add(columns, from, to);
    this.#amounts.addAll(columns.amounts, from, to);
    this.#customers.addAll(columns.customerHashes, from, to);
    this.#merchants.addAll(columns.merchantHashes, from, to);
    this.#regions.add(columns, from, to);
    this.#data = undefined;
    this.isChanged = true;
  }

  /** The content so far; the same object until an event is added. */
  data(): PaneData {
    return this.#data ??= {
      moments: this.#moments.data(),
      amounts: this.#amounts.data(),
      customers: this.#customers.data(),
      merchants: this.#merchants.data(),
      regions: this.#regions.data(),
    };
  }
}
