/** One category's events of one slide of event time, in one partition. */
import type { Columns } from "./columns.ts";
import { HyperLogLog, type HyperLogLogData } from "./hyper_log_log.ts";
import { type MomentsData, PaneMoments } from "./moments.ts";
import { QuantileSketch, type QuantileSketchData } from "./quantile_sketch.ts";
import { RegionTotals, type RegionTotalsData } from "./region_totals.ts";

/** A pane's content as plain data; what windows are folded from. */
export interface PaneData {
  readonly moments: MomentsData;
  readonly amounts: QuantileSketchData;
  readonly customers: HyperLogLogData;
  readonly regions: RegionTotalsData;
}

/** Powers of two that the amounts of one category span; money seldom spans more. */
const OCTAVES = 12;

/** The most bytes of a pane whose events are of so many regions, once it has been folded: see `Pane`. */
export function mostPaneBytes(regions: number): number {
  // What it counts in, and the copy that windows are folded from.
  return 2 * (1_024 + OCTAVES * 512 + 4_096 + regions * 72);
}

/**
 * Counts the events of a pane.
 *
 * Memory: about 1 kB at first; 512 bytes for each power of two among the amounts, 72 for each region, and 4 kB once
 * more than 384 customer registers are set.
 */
export class Pane {
  readonly #moments = new PaneMoments();
  readonly #amounts = new QuantileSketch();
  readonly #customers = new HyperLogLog();
  readonly #regions = new RegionTotals();
  #data: PaneData | undefined;
  /** Whether an event was added since the flag was last taken down. */
  isChanged = false;

  /** Adds the events in rows `[from, to)`. Cost: each part of the pane goes over its own columns, so that runs are quick. */
  add(columns: Columns, from: number, to: number): void {
    this.#moments.add(columns, from, to);
    this.#amounts.addAll(columns.amounts, from, to);
    this.#customers.addAll(columns.customerHashes, from, to);
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
      regions: this.#regions.data(),
    };
  }
}
