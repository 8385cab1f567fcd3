/** One category's events of one slide of event time, in one partition. */
import type { Columns } from "./columns.ts";
import { Customers, type CustomersData } from "./customers.ts";
import { Frequent, type FrequentData } from "./frequent.ts";
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

/** Two tables of 2,048 slots of 8 bytes and 4,096 registers; and the copy: 512 keys of each table at 12 bytes, registers. */
const CUSTOMERS_BYTES = 2 * (2_048 * 8 + 512 * 12 + 4_096);
/** The same for one table of 512 slots with 256 keys, which few categories have. */
const MERCHANTS_BYTES = 512 * 8 + 256 * 12;

/** The most bytes of a pane whose events are of so many regions, once it has been folded: see `Pane`. */
export function mostPaneBytes(regions: number): number {
  // What it counts in, and the copy that windows are folded from.
  return 2 * (1_024 + OCTAVES * 512 + regions * 72) + CUSTOMERS_BYTES + MERCHANTS_BYTES;
}

/**
 * Counts the events of a pane.
 *
 * Memory: about 1 kB at first; 512 bytes for each power of two among the amounts, 72 for each region, 16 to 32 for each
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
