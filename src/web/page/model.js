/**
 * What the page knows, and what follows from it. Pure: no DOM, no clock, no network.
 *
 * I1. A point is kept once by category and time; what the stream says wins over what was read from history.
 * I2. Nothing older than the range before the newest point is kept, and of what is older than `DENSE_MS` only windows a
 *     step apart. A run that is far behind an earlier one in event time starts the page anew.
 * I3. Headline numbers come from the newest window whose last pane has ended by the newest event time.
 */
import { durationOfTag } from "./durations.js";

/** What ends later than this after the newest event is of another run, which was ahead in event time, ms. */
const OTHER_RUN_MS = 24 * 3_600_000;
/** The newest windows are kept one by one whatever the step: the headline and its window before are among them, ms. */
const DENSE_MS = 10 * 60_000;
/** How many windows are looked at to see how far apart they are. */
const NEWEST = 10;
/** How many categories have a colour of their own; the others share a grey. */
export const COLOURS = 14;

/**
 * @typedef {import("./series.js").WindowPoint} WindowPoint
 * @typedef {{ point: WindowPoint, epoch: number }} Kept
 * @typedef {{ rangeMs: number, stepMs: number }} Range
 * @typedef {{ nowMs: number, highMs: number | null, ledger: unknown }} Standing
 */

/** Everything that the charts show follows from this. */
export class Model {
  /** @type {Map<number, Map<string, Kept>>} windows by their end; a map that a view has seen is never changed */
  #windows = new Map();
  /** @type {Set<number>} ends of the windows whose map no view has seen */
  #own = new Set();
  /** @type {WeakMap<Map<string, Kept>, Map<string, ReturnType<typeof totalOf>>>} by category, "" for all */
  #totals = new WeakMap();
  /** @type {Map<string, { place: number, colour: number }>} category → its row and colour, which never change */
  #known = new Map();
  #epoch = 0;
  #newestMs = -Infinity;
  #finalMs = -Infinity;
  #window = "";
  /** @type {Range} */
  #range;
  /** @type {Standing | undefined} */
  #latest;

  /** @param {Range} range */
  constructor(range) {
    this.#range = range;
  }

  /** The newest window's end, or undefined. */
  get newestMs() {
    return Number.isFinite(this.#newestMs) ? this.#newestMs : undefined;
  }

  /** The newest final window's end, or undefined. */
  get finalMs() {
    return Number.isFinite(this.#finalMs) ? this.#finalMs : undefined;
  }

  /** The tag of the windows, such as `60s`; empty before the first. */
  get window() {
    return this.#window;
  }

  /** How far apart the newest windows end, ms: a slide; undefined while there are fewer than two. */
  get slideMs() {
    const times = [...this.#windows.keys()].sort((a, b) => b - a).slice(0, NEWEST);
    const gaps = times.slice(1).map((timeMs, index) => times[index] - timeMs);
    return gaps.length === 0 ? undefined : Math.min(...gaps);
  }

  /** Shows another range; what it holds beyond the one before is to be read. @param {Range} range */
  show(range) {
    this.#range = range;
    this.#trim();
  }

  /** @param {Standing & { points: WindowPoint[] }} message a snapshot: what was known before may have holes */
  snapshot(message) {
    this.#epoch++;
    this.delta(message);
  }

  /** @param {Standing & { points: WindowPoint[] }} message */
  delta({ points, ...standing }) {
    this.stand(standing);
    for (const point of points) this.#put(point, true);
    this.#trim();
  }

  /** @param {Standing} standing how everything stands, without points */
  stand({ nowMs, highMs, ledger }) {
    this.#latest = { nowMs, highMs, ledger };
    if (this.#newestMs > this.#limitMs()) this.#clear();
  }

  /** @param {WindowPoint[]} points read from the store after the last snapshot */
  history(points) {
    for (const point of points) this.#put(point, false);
    this.#trim();
  }

  /**
   * What to draw now; plain data that does not change when the model does.
   *
   * @param {string} [only] the category to show; empty for all
   */
  view(only = "") {
    const windows = new Map(this.#windows);
    this.#own.clear();
    const fromMs = this.#newestMs - this.#range.rangeMs;
    const times = [...windows.keys()].filter((timeMs) => timeMs >= fromMs).sort((a, b) => a - b);
    const shownMs = times.findLast((timeMs) => timeMs <= (this.#latest?.highMs ?? Infinity));
    const beforeMs = shownMs === undefined ? undefined : shownMs - durationOfTag(this.#window);
    const total = (timeMs) => this.#total(windows.get(timeMs), only);
    const all = this.#rows(windows.get(shownMs), windows.get(beforeMs));
    return {
      ...this.#latest ?? { nowMs: undefined, highMs: null, ledger: undefined },
      window: this.#window,
      finalMs: this.finalMs,
      shownMs,
      times,
      /** Every category, whatever is shown. */
      categories: all.map(({ category, colour }) => ({ category, colour })),
      rows: only === "" ? all : all.filter(({ category }) => category === only),
      headline: total(shownMs),
      before: windows.has(beforeMs) ? total(beforeMs) : undefined,
      /** Totals of the windows up to the one that is shown. */
      trend: times.filter((timeMs) => timeMs <= shownMs).map(total),
      /** @type {(category: string, timeMs: number) => WindowPoint | undefined} */
      point: (category, timeMs) => windows.get(timeMs)?.get(category)?.point,
    };
  }

  /** @param {WindowPoint} point @param {boolean} live */
  #put(point, live) {
    const { timeMs, category } = point;
    if (timeMs < this.#oldestMs() || timeMs > this.#limitMs() || !this.#sameWindow(point)) return;
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

  /** A changed window length starts the page anew: two lengths in one line would be a lie. @param {WindowPoint} point */
  #sameWindow({ window, timeMs }) {
    if (window === this.#window) return true;
    if (timeMs < this.#newestMs) return false;
    this.#clear();
    this.#window = window;
    return true;
  }

  #limitMs() {
    return (this.#latest?.highMs ?? Infinity) + OTHER_RUN_MS;
  }

  #oldestMs() {
    return this.#newestMs - Math.max(this.#range.rangeMs, DENSE_MS);
  }

  #clear() {
    this.#windows.clear();
    this.#own.clear();
    this.#newestMs = this.#finalMs = -Infinity;
  }

  #trim() {
    const { stepMs } = this.#range;
    const isBetween = (timeMs) => stepMs > 0 && timeMs % stepMs !== 0 && timeMs < this.#newestMs - DENSE_MS;
    for (const timeMs of this.#windows.keys()) {
      if (timeMs >= this.#oldestMs() && !isBetween(timeMs)) continue;
      this.#windows.delete(timeMs);
      this.#own.delete(timeMs);
    }
  }

  /** @param {Map<string, Kept> | undefined} seen a window's map that a view has seen @param {string} only */
  #total(seen = new Map(), only = "") {
    const totals = this.#totals.get(seen) ?? new Map();
    this.#totals.set(seen, totals);
    const shown = [...seen.values()].map(({ point }) => point).filter(({ category }) =>
      only === "" || category === only
    );
    const total = totals.get(only) ?? totalOf(shown);
    totals.set(only, total);
    return total;
  }

  /** Biggest category first when a category is first seen; from then on it keeps its place, so that nothing jumps. */
  #rows(shown = new Map(), before = new Map()) {
    const found = [...shown.values()].map(({ point }) => point);
    this.#meet(found.filter(({ category }) => !this.#known.has(category)));
    const rows = found.map((point) => ({
      category: point.category,
      ...this.#known.get(point.category),
      point,
      before: before.get(point.category)?.point,
    }));
    return rows.sort((a, b) => a.place - b.place);
  }

  /** Colours go by name, so that two people who look see the same. @param {WindowPoint[]} added */
  #meet(added) {
    const first = this.#known.size;
    const names = added.map(({ category }) => category).sort();
    added.sort((a, b) => b.transaction_count - a.transaction_count || (a.category < b.category ? -1 : 1));
    added.forEach(({ category }, index) => {
      this.#known.set(category, { place: first + index, colour: first + names.indexOf(category) });
    });
  }
}

/**
 * Sums over categories; the average of nothing is absent.
 *
 * @param {WindowPoint[]} points
 */
export function totalOf(points) {
  const sum = (field) => points.reduce((total, point) => total + (point[field] ?? 0), 0);
  const count = sum("transaction_count"), frauds = sum("fraud_count"), amount = sum("amount_sum");
  return {
    count,
    perMinute: sum("transactions_per_minute"),
    amount,
    average: count > 0 ? amount / count : undefined,
    frauds,
    fraudRate: count > 0 ? frauds / count : undefined,
    final: points.length > 0 && points.every((point) => point.final),
  };
}
