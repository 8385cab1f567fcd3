/** A store and dead letters in memory, for tests on virtual time. */
import type { Measurement, Point } from "../../src/domain/point.ts";
import type { DeadLetter, DeadLetters } from "../../src/stream/dead_letters.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import type { PointQuery, Removal, Store, WriteResult } from "../../src/stream/store.ts";

/** Keeps points by name and every write in order. */
export class MemoryStore implements Store {
  readonly points = new Map<string, Point>();
  readonly writes: (readonly Point[])[] = [];
  /** How many of the next writes fail; `afterwards` lets them happen first. */
  failWrites: { count: number; afterwards: boolean } = { count: 0, afterwards: false };
  /** How many of the next amendments fail. */
  failAmends = 0;
  /** Told of each write, before anything happens. */
  onWrite: (points: readonly Point[]) => void = () => {};
  /** Writes wait for it before anything happens. */
  gate: Promise<void> | undefined;
  /** Why a point will never be taken; undefined takes it. */
  refusal: (point: Point) => string | undefined = () => undefined;

  async write(points: readonly Point[]): Promise<WriteResult> {
    this.onWrite(points);
    await this.gate;
    const fails = this.failWrites.count > 0;
    if (fails) this.failWrites.count--;
    if (!fails || this.failWrites.afterwards) {
      this.writes.push(points);
      for (const point of points) if (this.refusal(point) === undefined) this.points.set(nameOf(point), point);
    }
    if (fails) throw new RetryableError("Cannot write: scripted");
    return {
      refused: points.map((point) => ({ point, reason: this.refusal(point) ?? "" })).filter(({ reason }) => reason),
    };
  }

  amend(points: readonly Point[]): Promise<void> {
    if (this.failAmends > 0) {
      this.failAmends--;
      return Promise.reject(new RetryableError("Cannot amend: scripted"));
    }
    for (const point of points) {
      const found = this.points.get(nameOf(point));
      if (found !== undefined) {
        this.points.set(nameOf(point), { ...found, fields: { ...found.fields, ...point.fields } });
      }
    }
    return Promise.resolve();
  }

  async *read(
    { measurement, fromMs = -Infinity, toMs = Infinity, tags = {}, limit }: PointQuery,
  ): AsyncIterable<Point> {
    const points = this.of(measurement).filter((point) =>
      point.timeMs >= fromMs && point.timeMs < toMs &&
      Object.entries(tags).every(([name, value]) => point.tags[name] === value)
    );
    for (const point of await Promise.resolve(limit === undefined ? points : points.slice(-limit))) yield point;
  }

  tagValues(
    { measurement, tag, limit }: { readonly measurement: Measurement; readonly tag: string; readonly limit: number },
  ): Promise<readonly string[]> {
    const values = this.of(measurement).map(({ tags }) => tags[tag] ?? "");
    return Promise.resolve([...new Set(values)].sort().slice(0, limit));
  }

  remove({ measurement, beforeMs }: Removal): Promise<void> {
    for (const [name, point] of this.points) {
      if (point.measurement === measurement && point.timeMs < beforeMs) this.points.delete(name);
    }
    return Promise.resolve();
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
  /** How many of the next calls fail. */
  failAppends = 0;
  /** Told of each call, before anything happens. */
  onAppend: (letters: readonly DeadLetter[]) => void = () => {};

  append(letters: readonly DeadLetter[]): Promise<void> {
    this.onAppend(letters);
    if (this.failAppends > 0) {
      this.failAppends--;
      return Promise.reject(new RetryableError("Cannot append: scripted"));
    }
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
