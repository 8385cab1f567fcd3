/**
 * What the page knows, and what follows from it. Pure: no DOM, no clock, no network.
 *
 * I1. A point is kept once by category and time; what the stream says wins over what was read from history.
 * I2. Nothing older than `HISTORY_MS` before the newest point is kept.
 * I3. Headline numbers come from the newest window whose last pane has ended by the newest event time.
 */

/** Event time kept and drawn, ms. */
export const HISTORY_MS = 15 * 60_000;
/** How many categories have a colour of their own; the others share a grey. */
export const COLOURS = 8;
/** How many categories are drawn as lines; the table has them all. */
export const MAX_LINES = 24;

/**
 * @typedef {Record<string, any>} FlatPoint a point as `/api/points` gives it
 * @typedef {{ point: FlatPoint, timeMs: number, epoch: number }} Kept
 * @typedef {{ nowMs: number, highMs: number | null, ledger: any, points: FlatPoint[] }} Message
 */

/** Everything that the page shows follows from this. */
export class Model {
  /** @type {Map<string, Map<number, Kept>>} */
  #categories = new Map();
  /** @type {Map<string, number>} category → its place in the order of the table, which never changes */
  #places = new Map();
  #epoch = 0;
  #newestMs = -Infinity;
  #finalMs = -Infinity;
  #window = "";
  /** @type {Omit<Message, "points"> | undefined} */
  #latest;

  /** The newest window's end, or undefined. */
  get newestMs() {
    return Number.isFinite(this.#newestMs) ? this.#newestMs : undefined;
  }

  /** @param {Message} message a snapshot: what was known before may have holes */
  snapshot(message) {
    this.#epoch++;
    this.delta(message);
  }

  /** @param {Message} message */
  delta({ nowMs, highMs, ledger, points }) {
    this.#latest = { nowMs, highMs, ledger };
    for (const point of points) this.#put(point, true);
    this.#trim();
  }

  /** @param {FlatPoint[]} points read from the store after the last snapshot */
  history(points) {
    for (const point of points) this.#put(point, false);
    this.#trim();
  }

  /** What to draw now; plain data that does not change when the model does. */
  view() {
    const times = this.#times(), shownMs = this.#shownMs(times);
    const rows = this.#rows(shownMs);
    return {
      ...this.#latest ?? { nowMs: undefined, highMs: null, ledger: undefined },
      window: this.#window,
      finalMs: Number.isFinite(this.#finalMs) ? this.#finalMs : undefined,
      shownMs,
      times,
      rows,
      headline: totalOf(rows.map((row) => row.point)),
      trend: times.map((timeMs) => totalOf(this.#at(timeMs))),
      trendEnd: shownMs === undefined ? 0 : times.indexOf(shownMs) + 1,
      /** @type {(category: string, timeMs: number) => FlatPoint | undefined} */
      point: this.#reader(),
    };
  }

  /** @param {FlatPoint} point @param {boolean} live */
  #put(point, live) {
    const timeMs = Date.parse(point.time), category = String(point.category);
    if (timeMs < this.#newestMs - HISTORY_MS || !this.#sameWindow(point, timeMs)) return;
    const kept = this.#categories.get(category) ?? new Map();
    if (!live && kept.get(timeMs)?.epoch === this.#epoch) return;
    this.#categories.set(category, kept);
    kept.set(timeMs, { point, timeMs, epoch: live ? this.#epoch : this.#epoch - 1 });
    this.#newestMs = Math.max(this.#newestMs, timeMs);
    if (point.final) this.#finalMs = Math.max(this.#finalMs, timeMs);
  }

  /** A changed window length starts the page anew: two lengths in one line would be a lie. */
  #sameWindow(point, timeMs) {
    if (point.window === this.#window) return true;
    if (timeMs < this.#newestMs) return false;
    this.#window = point.window;
    this.#categories.clear();
    this.#finalMs = -Infinity;
    return true;
  }

  #trim() {
    const oldestMs = this.#newestMs - HISTORY_MS;
    for (const [category, kept] of this.#categories) {
      for (const timeMs of kept.keys()) if (timeMs < oldestMs) kept.delete(timeMs);
      if (kept.size === 0) this.#categories.delete(category);
    }
  }

  #times() {
    const times = new Set();
    for (const kept of this.#categories.values()) for (const timeMs of kept.keys()) times.add(timeMs);
    return [...times].sort((a, b) => a - b);
  }

  /** @param {number[]} times */
  #shownMs(times) {
    const highMs = this.#latest?.highMs ?? Infinity;
    return times.findLast((timeMs) => timeMs <= highMs);
  }

  /** @param {number} timeMs */
  #at(timeMs) {
    return [...this.#categories.values()].flatMap((kept) => kept.get(timeMs)?.point ?? []);
  }

  /** Biggest category first when a category is first seen; from then on it keeps its place, so that nothing jumps. */
  #rows(shownMs) {
    const found = shownMs === undefined ? [] : this.#at(shownMs);
    const added = found.filter((point) => !this.#places.has(point.category));
    added.sort((a, b) => b.transaction_count - a.transaction_count || (a.category < b.category ? -1 : 1));
    for (const point of added) this.#places.set(point.category, this.#places.size);
    const rows = found.map((point) => ({ category: point.category, place: this.#places.get(point.category), point }));
    return rows.sort((a, b) => a.place - b.place);
  }

  #reader() {
    const frozen = new Map([...this.#categories].map(([category, kept]) => [category, new Map(kept)]));
    return (category, timeMs) => frozen.get(category)?.get(timeMs)?.point;
  }
}

/**
 * Sums over categories; the average of nothing is absent.
 *
 * @param {FlatPoint[]} points
 */
export function totalOf(points) {
  const sum = (field) => points.reduce((total, point) => total + (point[field] ?? 0), 0);
  const count = sum("transaction_count"), frauds = sum("fraud_count");
  return {
    count,
    perMinute: sum("transactions_per_minute"),
    average: count > 0 ? sum("amount_sum") / count : undefined,
    frauds,
    fraudRate: count > 0 ? frauds / count : undefined,
    final: points.length > 0 && points.every((point) => point.final),
  };
}

/**
 * A category's values as two lines over `times`: final, and provisional from the last final point on.
 *
 * @param {ReturnType<Model["view"]>} view
 * @param {{ category: string, field: string }} line
 * @returns {{ final: (number | null)[], provisional: (number | null)[] }}
 */
export function lineOf(view, { category, field }) {
  const points = view.times.map((timeMs) => view.point(category, timeMs));
  const value = (point) => point?.[field] ?? null;
  const final = points.map((point) => point?.final ? value(point) : null);
  // A provisional stretch starts at the final point before it, so that the line has no gap.
  const joins = (index) => points[index]?.final && points[index + 1]?.final === false;
  const provisional = points.map((point, index) => point && (!point.final || joins(index)) ? value(point) : null);
  return { final, provisional };
}
