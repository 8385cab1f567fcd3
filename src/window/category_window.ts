/**
 * The rolling windows of one category in one partition.
 *
 * I1. A window is folded from its panes alone, in an order that its place in time decides (`WindowFolds`): it carries no
 *     rounding from one window to the next, and equal panes give equal bits.
 * I2. A window exists exactly when the category has an event in `[end − windowMs − zeroFillMs, end)`; it is a zero when
 *     none of them is in `[end − windowMs, end)`.
 * I3. Work and memory depend on the panes that hold events, never on the time between them.
 */
import type { Columns } from "./columns.ts";
import type { CustomersData } from "./customers.ts";
import { NOTHING } from "./fold.ts";
import type { FrequentData } from "./frequent.ts";
import type { MomentsData } from "./moments.ts";
import { Pane } from "./pane.ts";
import type { QuantileSketchData } from "./quantile_sketch.ts";
import type { RegionTotalsData } from "./region_totals.ts";
import { isRanked, lastFinalEndMs, type WindowShape } from "./shape.ts";
import { WindowFolds } from "./window_folds.ts";

/** What one partition adds to a window of a category. The sketches are absent when the window is a zero. */
export interface WindowPart {
  readonly endMs: number;
  /** Whether an event of it came since it was last asked for. */
  readonly isChanged: boolean;
  readonly moments: MomentsData;
  readonly amounts?: QuantileSketchData;
  readonly customers?: CustomersData;
  /** Only of windows that end with a step of the rankings. */
  readonly merchants?: FrequentData;
}

/** What one partition adds to a pane of a category, by region. */
export interface PanePart {
  readonly startMs: number;
  readonly isChanged: boolean;
  readonly regions: RegionTotalsData;
}

/** Windows and panes of one category in one partition. */
export interface CategoryParts {
  readonly windows: readonly WindowPart[];
  readonly panes: readonly PanePart[];
}

/** Which windows and panes are asked for: those that end in `(afterMs, upToMs]`. */
export interface EndRange {
  readonly afterMs: number;
  readonly upToMs: number;
}

/** Panes and windows of one category. */
export class CategoryWindow {
  readonly #shape: WindowShape;
  readonly #panes = new Map<number, Pane>();
  readonly #folds: WindowFolds;
  /** Panes with events that are not in the folds yet. */
  readonly #unfolded = new Set<number>();

  constructor(shape: WindowShape) {
    this.#shape = shape;
    this.#folds = new WindowFolds(shape.windowMs / shape.slideMs, (index) => this.#panes.get(index)?.data() ?? NOTHING);
  }

  /** How many panes hold events. */
  get paneCount(): number {
    return this.#panes.size;
  }

  /** Counts all rows. Cost: no allocation but for a pane's first event and the growth of its sketches. */
  tally(columns: Columns): void {
    const { paneIndexes, length } = columns;
    for (let from = 0, to = 0; from < length; from = to) {
      const index = paneIndexes[from] ?? 0;
      while (to < length && paneIndexes[to] === index) to++;
      this.#paneAt(index).add(columns, from, to);
      this.#unfolded.add(index);
    }
  }

  /**
   * Windows and panes that end in the range, oldest first; takes down the change flags of panes that end by `upToMs`.
   *
   * Cost: a few merges a window, however long it is.
   */
  take(range: EndRange): CategoryParts {
    for (const index of this.#unfolded) this.#folds.change(index);
    this.#unfolded.clear();
    const sorted = this.#sorted();
    const windows = [...this.#windows(sorted, range)];
    const panes = sorted.filter(({ endMs }) => endMs > range.afterMs && endMs <= range.upToMs)
      .map(({ startMs, pane }) => ({ startMs, isChanged: pane.isChanged, regions: pane.data().regions }));
    for (const { endMs, pane } of sorted) if (endMs <= range.upToMs) pane.isChanged = false;
    return { windows, panes };
  }

  /** Forgets panes that start before `horizonMs`. */
  prune(horizonMs: number): void {
    for (const index of this.#panes.keys()) {
      if (index * this.#shape.slideMs < horizonMs) this.#panes.delete(index);
    }
  }

  #paneAt(index: number): Pane {
    const known = this.#panes.get(index);
    if (known !== undefined) return known;
    const pane = new Pane();
    this.#panes.set(index, pane);
    return pane;
  }

  #sorted(): readonly PlacedPane[] {
    const { slideMs } = this.#shape;
    return [...this.#panes].sort(([a], [b]) => a - b)
      .map(([index, pane]) => ({ startMs: index * slideMs, endMs: (index + 1) * slideMs, pane }));
  }

  *#windows(sorted: readonly PlacedPane[], { afterMs, upToMs }: EndRange): Iterable<WindowPart> {
    const { slideMs, windowMs, zeroFillMs } = this.#shape;
    let nextEndMs = Number.isFinite(afterMs) ? lastFinalEndMs(afterMs, slideMs) + slideMs : -Infinity;
    const changed = sorted.filter(({ pane }) => pane.isChanged).map(({ startMs }) => startMs);
    let past = 0, isFirst = true;
    for (const { startMs, endMs: paneEndMs } of sorted) {
      const untilMs = Math.min(startMs + windowMs + zeroFillMs, upToMs);
      for (let endMs = Math.max(nextEndMs, paneEndMs); endMs <= untilMs; endMs += slideMs) {
        while ((changed[past] ?? Infinity) < endMs - windowMs) past++;
        if (isFirst) this.#folds.forgetBefore(endMs / slideMs);
        isFirst = false;
        yield this.#window(endMs, (changed[past] ?? Infinity) < endMs);
        nextEndMs = endMs + slideMs;
      }
    }
  }

  #window(endMs: number, isChanged: boolean): WindowPart {
    const { moments, amounts, customers, merchants } = this.#folds.windowTo(endMs / this.#shape.slideMs);
    if (moments.count === 0) return { endMs, isChanged, moments };
    const part = { endMs, isChanged, moments, amounts, customers };
    return isRanked(endMs, this.#shape) ? { ...part, merchants } : part;
  }
}

interface PlacedPane {
  readonly startMs: number;
  readonly endMs: number;
  readonly pane: Pane;
}
