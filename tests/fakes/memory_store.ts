/** A store and dead letters in memory, for tests on virtual time. */
import type { Measurement, Point } from "../../src/domain/point.ts";
import type { DeadLetter, DeadLetters } from "../../src/stream/dead_letters.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import type { PointQuery, Store, WriteResult } from "../../src/stream/store.ts";

/** Keeps points by name and every write in order. */
export class MemoryStore implements Store {
  readonly points = new Map<string, Point>();
  readonly writes: (readonly Point[])[] = [];
  /** How many of the next writes fail; `afterwards` lets them happen first. */
  failWrites: { count: number; afterwards: boolean } = { count: 0, afterwards: false };

  write(points: readonly Point[]): Promise<WriteResult> {
    const fails = this.failWrites.count > 0;
    if (fails) this.failWrites.count--;
    if (!fails || this.failWrites.afterwards) {
      this.writes.push(points);
      for (const point of points) this.points.set(nameOf(point), point);
    }
    return fails ? Promise.reject(new RetryableError("Cannot write: scripted")) : Promise.resolve({ refused: [] });
  }

  async *read({ measurement, fromMs = -Infinity, toMs = Infinity }: PointQuery): AsyncIterable<Point> {
    const points = this.of(measurement).filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);
    for (const point of await Promise.resolve(points)) yield point;
  }

  tagValues({ measurement, tag }: { readonly measurement: Measurement; readonly tag: string }) {
    const values = this.of(measurement).map(({ tags }) => tags[tag] ?? "");
    return Promise.resolve([...new Set(values)].sort());
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  /** Points of a measurement by time, then tags. */
  of(measurement: Measurement): readonly Point[] {
    return [...this.points.entries()].filter(([, point]) => point.measurement === measurement)
      .sort(([a, left], [b, right]) => left.timeMs - right.timeMs || (a < b ? -1 : 1)).map(([, point]) => point);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** Keeps letters by name. */
export class MemoryLetters implements DeadLetters {
  readonly letters = new Map<string, DeadLetter>();

  append(letters: readonly DeadLetter[]): Promise<void> {
    for (const letter of letters) this.letters.set(`${letter.topic} ${letter.partition} ${letter.offset}`, letter);
    return Promise.resolve();
  }

  async *read(): AsyncIterable<DeadLetter> {
    for (const letter of await Promise.resolve([...this.letters.values()])) yield letter;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

function nameOf({ measurement, tags, timeMs }: Point): string {
  return JSON.stringify([measurement, timeMs, tags]);
}
