/**
 * The newest points of `transactions_avg`, for snapshots.
 *
 * I1. Points no older than `keepMs` before the newest, and at most `capacity`; the oldest window goes first, whole.
 */
import type { Point } from "../domain/point.ts";

/** How much to keep. */
export interface RecentPointsOptions {
  /** Event time behind the newest point, ms. */
  readonly keepMs: number;
  readonly capacity: number;
}

/** Keeps each point once, by its name. */
export class RecentPoints {
  readonly #options: RecentPointsOptions;
  readonly #byTime = new Map<number, Map<string, Point>>();
  #count = 0;

  constructor(options: RecentPointsOptions) {
    const { keepMs, capacity } = options;
    if (!(keepMs > 0)) throw new RangeError(`Cannot keep recent points: keepMs must be > 0, got ${keepMs}`);
    if (!(capacity > 0)) throw new RangeError(`Cannot keep recent points: capacity must be > 0, got ${capacity}`);
    this.#options = options;
  }

  /** How many points are held. */
  get count(): number {
    return this.#count;
  }

  /** Takes points in; each replaces the one of its name. */
  put(points: readonly Point[]): void {
    for (const point of points) this.#putOne(point);
    this.#trim();
  }

  /** Drops the windows that end after `timeMs`: they are of a run that was ahead in event time. */
  dropAfter(timeMs: number): void {
    for (const time of this.#times()) if (time > timeMs) this.#drop(time);
  }

  /** Everything held, oldest window first. */
  all(): Point[] {
    return this.#times().flatMap((timeMs) => [...this.#byTime.get(timeMs)?.values() ?? []]);
  }

  #putOne(point: Point): void {
    let group = this.#byTime.get(point.timeMs);
    if (group === undefined) this.#byTime.set(point.timeMs, group = new Map());
    const before = group.size;
    group.set(JSON.stringify([point.tags.category, point.tags.window]), point);
    this.#count += group.size - before;
  }

  #trim(): void {
    const times = this.#times(), newestMs = times.at(-1) ?? 0;
    for (const timeMs of times) {
      const tooOld = timeMs < newestMs - this.#options.keepMs;
      if (!tooOld && this.#count <= this.#options.capacity) return;
      this.#drop(timeMs);
    }
  }

  #drop(timeMs: number): void {
    this.#count -= this.#byTime.get(timeMs)?.size ?? 0;
    this.#byTime.delete(timeMs);
  }

  #times(): number[] {
    return [...this.#byTime.keys()].sort((a, b) => a - b);
  }
}
