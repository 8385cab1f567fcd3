/**
 * A repair: panes of the past and every window that holds one of them are counted anew from the log and written again.
 *
 * I1. It counts what the promise names: every event of the log but those of dead letters that nobody has put back. Where
 *     nothing was put back it writes the bits that are there.
 * I2. It writes nothing that ends after the frontier that the group had committed when it began, and the group writes
 *     nothing that ends by it: they never write the same point.
 * I3. Points are acknowledged before letters are named as put back. A repair that died is done again, with the same result.
 * I4. Hours and days that hold such panes are rolled up again.
 * I5. Memory is bounded: what does not fit into `maxPanes` is done in parts.
 *
 * Cost: the log from the first event needed to the committed position, once for each part.
 */
import type { FieldValue, Point } from "../domain/point.ts";
import type { EndRange } from "../window/category_window.ts";
import type { WindowShape } from "../window/shape.ts";
import type { RecordName, RecordSet } from "./amendments.ts";
import { EventReader, type EventReaderOptions } from "./event_reader.ts";
import { ConfigError } from "./failures.ts";
import { type LiveGroup, liveGroup, type LiveGroupOptions } from "./live_group.ts";
import { mergeParts } from "./merge.ts";
import { patiently } from "./patience.ts";
import type { CustomerNaming } from "./rankings.ts";
import type { LetterPorts } from "./repair_letters.ts";
import { type RepairPlan, repairPlan } from "./repair_plan.ts";
import { assertGoing, RepairReader, type RepairReaderOptions } from "./repair_reader.ts";
import { RepairTally } from "./repair_tally.ts";
import { HOUR_MS, rollUp } from "./roll_up.ts";
import { halves, holds, joined, type Span } from "./span.ts";
import type { Store } from "./store.ts";

/** What is to be repaired. */
export interface RepairJob {
  readonly group: LiveGroup;
  /** Whole panes, sorted and apart; the last ends at least one window before the frontier, but for one slide. */
  readonly panes: readonly Span[];
  /** Records that do not count. */
  readonly excluded: RecordSet;
  /** Letters that the panes put back. */
  readonly chosen: readonly RecordName[];
}

/** What a repair works with. */
export interface RepairOptions extends RepairReaderOptions, LetterPorts {
  readonly store: Store;
  readonly shape: WindowShape;
  readonly live: LiveGroupOptions;
  readonly events: EventReaderOptions;
  /** Panes of one category in one partition held at a time; each takes some kilobytes. */
  readonly maxPanes: number;
  /** How a customer is shown. */
  readonly customerOf: CustomerNaming;
  readonly onProgress?: (progress: RepairProgress) => void;
}

/** How far a repair is. */
export interface RepairProgress {
  /** Offsets passed. */
  readonly read: number;
  /** Offsets to pass in all, as far as is known. */
  readonly total: number;
}

/** What a repair has done. */
export interface RepairReport {
  readonly records: number;
  readonly points: number;
  /** Points that the store refused for good. */
  readonly refused: number;
}

/** Slides whose points are written at once. */
const WRITE_SLIDES = 16;

/**
 * Does the job.
 *
 * @throws {ConfigError} when the log does not hold what is needed, or a single pane does not fit; {RetryableError} when
 * it must be run again
 */
export async function repair(job: RepairJob, options: RepairOptions): Promise<RepairReport> {
  const { signal, clock, amendments } = options;
  const work = new Work(job, options);
  await work.do(job.panes);
  await work.rollUp();
  assertGoing(signal);
  await patiently(() => amendments.add(job.chosen), { clock, signal });
  return work.report;
}

class Work {
  readonly #job: RepairJob;
  readonly #options: RepairOptions;
  readonly #reader: RepairReader;
  #total = 0;
  #points = 0;
  #refused = 0;

  constructor(job: RepairJob, options: RepairOptions) {
    this.#job = job;
    this.#options = options;
    this.#reader = new RepairReader(options);
  }

  get report(): RepairReport {
    return { records: this.#reader.passed, points: this.#points, refused: this.#refused };
  }

  /** Repairs panes, in two halves when they do not fit. */
  async do(panes: readonly Span[]): Promise<void> {
    if (panes.length === 0) return;
    const { shape, maxPanes } = this.#options, { group } = this.#job;
    const plan = repairPlan(panes, shape, group.frontierMs);
    const tally = await this.#count(plan);
    if (tally !== undefined) return await this.#write(plan, tally);
    const parts = halves(panes, shape.slideMs);
    if (parts === undefined) {
      throw new ConfigError(
        `Cannot repair: the windows of one pane need more than ${maxPanes} panes in memory; give a higher --max-panes`,
      );
    }
    for (const part of parts) await this.do(part);
  }

  /**
   * Rolls up again the hours that were rolled up before their panes were written anew; the processor rolls up those that
   * end later.
   */
  async rollUp(): Promise<void> {
    const { source, store, live, clock, signal } = this.#options;
    const hours = joined(this.#job.panes.map(({ fromMs, toMs }) => (
      { fromMs: Math.floor(fromMs / HOUR_MS) * HOUR_MS, toMs: Math.ceil(toMs / HOUR_MS) * HOUR_MS }
    )));
    await patiently(async () => {
      const { frontierMs: finalMs } = await liveGroup(source, live);
      for (const hour of hours) await rollUp(store, { ...hour, finalMs });
    }, { clock, signal });
  }

  /** Counts what the plan needs; undefined when it does not fit. */
  async #count({ events }: RepairPlan): Promise<RepairTally | undefined> {
    const { shape, maxPanes, source, events: eventOptions, clock, signal } = this.#options;
    const { group: { partitions }, excluded } = this.#job;
    const reader = new EventReader(eventOptions);
    const tally = new RepairTally({ shape, reader, events, excluded });
    // An event is at most one skew ahead of its record's time, so those needed stand at or after it.
    const fromMs = (events[0]?.fromMs ?? Infinity) - eventOptions.maxSkewMs;
    const numbers = partitions.map(({ partition }) => partition);
    const starts = await patiently(() => source.offsetsAt(numbers, fromMs), { clock, signal });
    const spans = partitions.map(({ partition, position }) => (
      { partition, from: Math.min(starts.get(partition) ?? position, position), to: position }
    ));
    this.#total = this.#reader.passed + spans.reduce((sum, { from, to }) => sum + to - from, 0);
    for (const span of spans) {
      const fits = await this.#reader.read(span, {
        take: (record) => tally.take(span.partition, record),
        settle: (passed) => {
          tally.settle(span.partition);
          this.#tell(passed);
          return tally.paneCount <= maxPanes;
        },
      });
      if (!fits) return undefined;
    }
    return tally;
  }

  async #write({ panes, ends }: RepairPlan, tally: RepairTally): Promise<void> {
    const { shape, customerOf } = this.#options, { frontierMs } = this.#job.group;
    const stepMs = WRITE_SLIDES * shape.slideMs;
    for (const { fromMs, toMs } of ends) {
      for (let afterMs = fromMs; afterMs < toMs; afterMs += stepMs) {
        const range = { afterMs, upToMs: Math.min(afterMs + stepMs, toMs) };
        const { points } = mergeParts(tally.parts(range), {
          ...{ shape, frontierMs, customerOf },
          sinceMs: -Infinity,
          writtenUpToMs: Infinity,
        });
        const scores = await this.#scores(range);
        await this.#put(
          points.filter((point) => !isPane(point) || holds(panes, point.timeMs))
            .map((point) => withScore(point, scores.get(nameOf(point)))),
        );
      }
    }
  }

  /** Anomaly scores of the windows that end in the range: the processor gave them as time went by, and they stay. */
  async #scores({ afterMs, upToMs }: EndRange): Promise<ReadonlyMap<string, FieldValue>> {
    const { store, clock, signal } = this.#options;
    return await patiently(async () => {
      const scores = new Map<string, FieldValue>();
      const query = { measurement: "transactions_avg", fromMs: afterMs + 1, toMs: upToMs + 1 } as const;
      for await (const point of store.read(query)) {
        const score = point.fields["anomaly_score"];
        if (score !== undefined) scores.set(nameOf(point), score);
      }
      return scores;
    }, { clock, signal });
  }

  async #put(points: readonly Point[]): Promise<void> {
    const { store, clock, signal } = this.#options;
    if (points.length === 0) return;
    assertGoing(signal);
    const { refused } = await patiently(() => store.write(points), { clock, signal });
    this.#points += points.length - refused.length;
    this.#refused += refused.length;
  }

  #tell(passed: number): void {
    this.#options.onProgress?.({ read: this.#reader.passed + passed, total: this.#total });
  }
}

function withScore(point: Point, score: FieldValue | undefined): Point {
  return score === undefined ? point : { ...point, fields: { ...point.fields, anomaly_score: score } };
}

function nameOf({ measurement, tags, timeMs }: Point): string {
  return `${measurement} ${timeMs} ${tags["window"]} ${tags["category"]}`;
}

function isPane({ measurement }: Point): boolean {
  return measurement === "transactions_total";
}
