/** From the parameters of `/api/points` to a query of the store. */
import { isMeasurement, type Measurement, MEASUREMENTS, SCHEMA } from "../domain/point.ts";
import type { PointQuery } from "../stream/store.ts";

const PARAMETERS = ["measurement", "from", "to", "category", "region"];
const MAX_TAG_BYTES = 128;
/** Event times lie in the years 1970 to 2261. */
const END_OF_TIME_MS = Date.UTC(2262, 0, 1);

/**
 * Reads the parameters `measurement`, `from`, `to`, `category` and `region`, each at most once.
 *
 * Shape: times are ISO 8601 with a zone, or whole milliseconds; `from` is inclusive, `to` exclusive.
 *
 * @throws {SyntaxError} with one line that says what is allowed and repeats nothing of the input.
 */
export function parsePointsQuery(params: URLSearchParams): PointQuery {
  checkNames(params);
  const measurement = measurementOf(params.get("measurement"));
  const fromMs = timeOf(params, "from"), toMs = timeOf(params, "to");
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) {
    throw new SyntaxError("Cannot read points: from must not be after to");
  }
  const tags = tagsOf(params, measurement);
  return {
    measurement,
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
  };
}

function checkNames(params: URLSearchParams): void {
  const names = [...params.keys()];
  if (names.some((name) => !PARAMETERS.includes(name))) {
    throw new SyntaxError(`Cannot read points: the parameters are ${PARAMETERS.join(", ")}`);
  }
  if (new Set(names).size < names.length) throw new SyntaxError("Cannot read points: give each parameter once");
}

function measurementOf(name: string | null): Measurement {
  if (name !== null && isMeasurement(name)) return name;
  throw new SyntaxError(`Cannot read points: measurement must be one of ${MEASUREMENTS.join(", ")}`);
}

function tagsOf(params: URLSearchParams, measurement: Measurement): Record<string, string> {
  const tags: Record<string, string> = {};
  const has: readonly string[] = SCHEMA[measurement].tags;
  for (const tag of ["category", "region"]) {
    const value = params.get(tag);
    if (value === null) continue;
    if (!has.includes(tag)) {
      throw new SyntaxError(`Cannot read points: ${measurement} has no ${tag}, its tags are ${has.join(", ")}`);
    }
    const sizeBytes = new TextEncoder().encode(value).byteLength;
    if (sizeBytes === 0 || sizeBytes > MAX_TAG_BYTES) {
      throw new SyntaxError(`Cannot read points: ${tag} must have 1 to ${MAX_TAG_BYTES} bytes`);
    }
    tags[tag] = value;
  }
  return tags;
}

const MILLISECONDS = /^\d{1,15}$/;
const ISO = /^(\d{4}-\d\d-(\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)$/;

/** A time among the parameters, ms. @throws {SyntaxError} */
export function timeOf(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  const timeMs = MILLISECONDS.test(text) ? Number(text) : isoMs(text);
  if (timeMs >= 0 && timeMs < END_OF_TIME_MS) return timeMs;
  throw new SyntaxError(
    `Cannot read points: ${name} must be ISO 8601 with a zone (2026-01-31T12:00:00Z, a + written %2B) or whole ` +
      "milliseconds since 1970, in the years 1970 to 2261",
  );
}

function isoMs(text: string): number {
  const [, local, day] = ISO.exec(text) ?? [];
  if (local === undefined || day === undefined) return NaN;
  // `Date.parse` takes 31 February for 3 March: the day must come back as it was.
  const timeMs = Date.parse(text), sameDay = new Date(Date.parse(`${local}Z`)).getUTCDate() === Number(day);
  return sameDay ? timeMs : NaN;
}
