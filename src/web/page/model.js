/**
 * What the page knows, and what follows from it. Pure: no DOM, no clock, no network.
 *
 * I1. A point is kept once by category and time; what the stream says wins over what was read from history.
 * I2. Nothing older than `HISTORY_MS` before the newest point is kept.
 *     A run that is far behind an earlier one in event time starts the page anew.
 * I3. Headline numbers come from the newest window whose last pane has ended by the newest event time.
 */

/** Event time kept and drawn, ms. */
export const HISTORY_MS = 15 * 60_000;
/** What ends later than this after the newest event is of another run, which was ahead in event time, ms. */
const OTHER_RUN_MS = 24 * 3_600_000;
/** How many categories have a colour of their own; the others share a grey. */
export const COLOURS = 8;
/** How many categories are drawn as lines; the table has them all. */
export const MAX_LINES = 24;

/**
 * @typedef {Record<string, unknown>} FlatPoint a point as `/api/points` gives it
 * @typedef {{ point: FlatPoint, epoch: number }} Kept
 * @typedef {{ nowMs: number, highMs: number | null, ledger: unknown, points: FlatPoint[] }} Message
 */

/** Everything that the page shows follows from this. */
export class Model {
  /** @type {Map<number, Map<string, Kept>>} windows by their end; a map that a view has seen is never changed */
  #windows = new Map();
  /** @type {Set<number>} ends of the windows whose map no view has seen */
  #own = new Set();
  /** @type {WeakMap<Map<string, Kept>, ReturnType<typeof totalOf>>} */
  #totals = new WeakMap();
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
    if (this.#newestMs > this.#limitMs()) this.#clear();
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
    const windows = new Map(this.#windows);
    this.#own.clear();
    const times = [...windows.keys()].sort((a, b) => a - b);
    const shownMs = times.findLast((timeMs) => timeMs <= (this.#latest?.highMs ?? Infinity));
    return {
      ...this.#latest ?? { nowMs: undefined, highMs: null, ledger: undefined },
      window: this.#window,
      finalMs: Number.isFinite(this.#finalMs) ? this.#finalMs : undefined,
      shownMs,
      times,
      rows: this.#rows(windows.get(shownMs)),
      headline: this.#total(windows.get(shownMs)),
      /** Totals of the windows up to the one that is shown. */
      trend: times.filter((timeMs) => timeMs <= shownMs).map((timeMs) => this.#total(windows.get(timeMs))),
      /** @type {(category: string, timeMs: number) => FlatPoint | undefined} */
      point: (category, timeMs) => windows.get(timeMs)?.get(category)?.point,
    };
  }

  /** @param {FlatPoint} point @param {boolean} live */
  #put(point, live) {
    const timeMs = Date.parse(point.time), category = String(point.category);
    if (timeMs < this.#newestMs - HISTORY_MS || timeMs > this.#limitMs() || !this.#sameWindow(point, timeMs)) return;
    if (!live && this.#windows.get(timeMs)?.get(category)?.epoch === this.#epoch) return;
    this.#writable(timeMs).set(category, { point, epoch: live ? this.#epoch : this.#epoch - 1 });
    this.#newestMs = Math.max(this.#newestMs, timeMs);
    if (point.final) this.#finalMs = Math.max(this.#finalMs, timeMs);
  }

  /** @param {number} timeMs */
  #writable(timeMs) {
    if (!this.#own.has(timeMs)) this.#windows.set(timeMs, new Map(this.#windows.get(timeMs)));
    this.#own.add(timeMs);
    return this.#windows.get(timeMs);
  }

  /** A changed window length starts the page anew: two lengths in one line would be a lie. */
  #sameWindow(point, timeMs) {
    if (point.window === this.#window) return true;
    if (timeMs < this.#newestMs) return false;
    this.#clear();
    this.#window = point.window;
    return true;
  }

  #limitMs() {
    return (this.#latest?.highMs ?? Infinity) + OTHER_RUN_MS;
  }

  #clear() {
    this.#windows.clear();
    this.#own.clear();
    this.#newestMs = this.#finalMs = -Infinity;
  }

  #trim() {
    for (const timeMs of this.#windows.keys()) {
      if (timeMs >= this.#newestMs - HISTORY_MS) continue;
      this.#windows.delete(timeMs);
      this.#own.delete(timeMs);
    }
  }

  /** @param {Map<string, Kept> | undefined} seen a window's map that a view has seen */
  #total(seen = new Map()) {
    const total = this.#totals.get(seen) ?? totalOf([...seen.values()].map(({ point }) => point));
    this.#totals.set(seen, total);
    return total;
  }

  /** Biggest category first when a category is first seen; from then on it keeps its place, so that nothing jumps. */
  #rows(shown = new Map()) {
    const found = [...shown.values()].map(({ point }) => point);
    const added = found.filter((point) => !this.#places.has(point.category));
    added.sort((a, b) => b.transaction_count - a.transaction_count || (a.category < b.category ? -1 : 1));
    for (const point of added) this.#places.set(point.category, this.#places.size);
    const rows = found.map((point) => ({ category: point.category, place: this.#places.get(point.category), point }));
    return rows.sort((a, b) => a.place - b.place);
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
