/**
 * What windows cost, short and long: one category of one partition at an even rate, flushed once a second of event time.
 *
 *   deno run -A --v8-flags=--expose-gc bench/windows.ts
 *
 * The counts of the windows are checked against the rate. Each shape runs until its windows are full, then is measured.
 * Bytes a pane are those of heap and buffers after a garbage collection, folds kept for the next windows included, over
 * as many categories as give `PANES_WEIGHED` panes.
 * Not measured: decoding, actors' messages, merging partitions, the store.
 */
import process from "node:process";
import { CategoryWindow } from "../src/window/category_window.ts";
import { Columns } from "../src/window/columns.ts";
import { horizonMs, lastFinalEndMs, paneIndexOf, type WindowShape, windowShape } from "../src/window/shape.ts";

const LATENESS_MS = 30_000;
const ZERO_FILL_MS = 60_000;
const FLUSH_MS = 1_000;
/** Events per second of event time. */
const RATE = 500;
const MEASURED_FLUSHES = 300;
const PANES_WEIGHED = 3_000;
const CUSTOMERS = 5_000;
const MERCHANTS = 100;
const REGIONS = 50;

const SHAPES: readonly (readonly [name: string, slideMs: number, windowMs: number])[] = [
  ["60s by 5s", 5_000, 60_000],
  ["10m by 1s", 1_000, 600_000],
  ["24h by 1m", 60_000, 86_400_000],
];

/** Events of one second, the same each second. */
function secondOf(): Columns {
  const columns = new Columns();
  for (let event = 0; event < RATE; event++) {
    const spread = Math.imul(event + 1, 0x9e3779b1) >>> 0;
    columns.push(0, {
      amount: Math.round(10 ** (spread % 3_000 / 1_000) * 100) / 100,
      isFraud: event % 100 === 0 ? 1 : 0,
      regionId: spread % REGIONS,
      customerHash: Math.imul(spread % CUSTOMERS + 1, 0x85ebca6b) >>> 0,
      merchantHash: Math.imul(spread % MERCHANTS + 1, 0xc2b2ae35) >>> 0,
      lat: 40,
      lon: -100,
    });
  }
  return columns;
}

/** CPU microseconds. */
interface Spent {
  tallyUs: number;
  flushUs: number;
  windows: number;
}

class Run {
  readonly #shape: WindowShape;
  readonly #window: CategoryWindow;
  readonly #second = secondOf();
  #nowMs = 1_750_000_000_000;

  constructor(shape: WindowShape) {
    this.#shape = shape;
    this.#window = new CategoryWindow(shape);
  }

  get panes(): number {
    return this.#window.paneCount;
  }

  /** Counts events of `everyMs` of event time, one second's worth of them, and flushes. */
  step(spent: Spent, everyMs: number): void {
    const { slideMs } = this.#shape, closedMs = lastFinalEndMs(this.#nowMs - LATENESS_MS, slideMs);
    this.#second.paneIndexes.fill(paneIndexOf(this.#nowMs, slideMs));
    const before = process.cpuUsage().user;
    this.#window.tally(this.#second);
    const between = process.cpuUsage().user;
    const upToMs = (paneIndexOf(this.#nowMs, slideMs) + 1) * slideMs;
    const { windows } = this.#window.take({ afterMs: closedMs, upToMs });
    this.#window.prune(horizonMs(closedMs, this.#shape));
    spent.tallyUs += between - before;
    spent.flushUs += process.cpuUsage().user - between;
    spent.windows += windows.length;
    this.#check(windows.at(-1)?.moments.count ?? 0);
    this.#nowMs += everyMs;
  }

  #check(count: number): void {
    if (count < RATE || count % RATE !== 0) {
      throw new RangeError(`Cannot trust the run: the newest window has ${count}`);
    }
  }
}

function bytesHeld(): number {
  const gc: unknown = Reflect.get(globalThis, "gc");
  if (typeof gc !== "function") throw new TypeError("Cannot measure memory: run with --v8-flags=--expose-gc");
  for (let times = 0; times < 3; times++) gc(); // Buffers go one collection after the arrays on them.
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return heapUsed + Math.max(arrayBuffers, external);
}

/** A run whose windows are full. */
function filled(shape: WindowShape): Run {
  const run = new Run(shape), { windowMs, slideMs } = shape;
  for (let filledMs = 0; filledMs < windowMs; filledMs += slideMs) {
    run.step({ tallyUs: 0, flushUs: 0, windows: 0 }, slideMs);
  }
  return run;
}

function bytesPerPane(shape: WindowShape): number {
  filled(shape); // What is made once is no part of a pane.
  const before = bytesHeld(), runs: Run[] = [];
  for (let panes = 0; panes < PANES_WEIGHED; panes += runs.at(-1)?.panes ?? 1) runs.push(filled(shape));
  return (bytesHeld() - before) / runs.reduce((sum, { panes }) => sum + panes, 0);
}

console.log(
  `${RATE} events/s, ${CUSTOMERS} customers, ${REGIONS} regions, a flush a second, lateness ${LATENESS_MS} ms`,
);
for (const [name, slideMs, windowMs] of SHAPES) {
  const shape = windowShape({ slideMs, windowMs, latenessMs: LATENESS_MS, zeroFillMs: ZERO_FILL_MS });
  const run = filled(shape), spent = { tallyUs: 0, flushUs: 0, windows: 0 };
  for (let flush = 0; flush < MEASURED_FLUSHES; flush++) run.step(spent, FLUSH_MS);
  const perRecord = (us: number): string => (us * 1_000 / (MEASURED_FLUSHES * RATE)).toFixed(0);
  console.log(
    `${name}: ${windowMs / slideMs} panes a window; count ${perRecord(spent.tallyUs)} ns/record, ` +
      `flush ${(spent.flushUs / MEASURED_FLUSHES).toFixed(0)} us for ${
        (spent.windows / MEASURED_FLUSHES).toFixed(0)
      } ` +
      `windows = ${perRecord(spent.flushUs)} ns/record; ${bytesPerPane(shape).toFixed(0)} bytes a pane`,
  );
}
