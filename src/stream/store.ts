/**
 * The store port: where points go and come from.
 *
 * I1. `write` resolves only when the store has acknowledged every point it does not name as refused.
 * I2. Writing a point again replaces it; a reader never sees two points of one name.
 */
import type { Measurement, Point } from "../domain/point.ts";

/** A point that the store will never take, with its reason. */
export interface RefusedPoint {
  readonly point: Point;
  readonly reason: string;
}

/** The answer to a write: everything else is durable. */
export interface WriteResult {
  readonly refused: readonly RefusedPoint[];
}

/** Which points to read. */
export interface PointQuery {
  readonly measurement: Measurement;
  /** Inclusive, ms. @default the oldest */
  readonly fromMs?: number;
  /** Exclusive, ms. @default the newest */
  readonly toMs?: number;
  /** Tag values that a point must have; tags not named are free. */
  readonly tags?: Readonly<Record<string, string>>;
  /** The newest points only, at most this many. @default all */
  readonly limit?: number;
}

/** Which points to remove. */
export interface Removal {
  readonly measurement: Measurement;
  /** Exclusive, ms. */
  readonly beforeMs: number;
}

/** A database of points. */
export interface Store extends AsyncDisposable {
  /**
   * Writes points durably; one request at a time.
   *
   * @throws {RetryableError} when the store cannot answer now: any part may or may not have been written;
   * {ConfigError} when it will never answer as it is set up.
   */
  write(points: readonly Point[]): Promise<WriteResult>;
  /**
   * Adds fields to points that are there, whoever else writes them; their other fields stay. Whether a point that is not
   * there comes to be is the store's affair.
   *
   * @throws {RetryableError | ConfigError} as `write` does; {TypeError} when a field can never be stored
   */
  amend(points: readonly Point[]): Promise<void>;
  /** Reads points in the order of time, then tags in the order of the schema. */
  read(query: PointQuery): AsyncIterable<Point>;
  /** The values of a tag that the store holds, sorted; at most `limit`. */
  tagValues(query: { readonly measurement: Measurement; readonly tag: string; readonly limit: number }): Promise<
    readonly string[]
  >;
  /** Removes the points of a measurement that are older. @throws {RetryableError | ConfigError} */
  remove(removal: Removal): Promise<void>;
  /** Resolves when the store answers and takes our credentials. @throws {RetryableError | ConfigError} with what is wrong */
  ping(): Promise<void>;
}
