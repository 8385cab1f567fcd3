/**
 * Local time of a zone: what to add to UTC, summer time included.
 *
 * I1. Asking the zone is slow, so an answer holds for its quarter of an hour: no zone has ever changed within one since 1970
 *     but at its start.
 */

const QUARTER_MS = 15 * 60_000;
/** Offsets remembered; beyond them all are forgotten and looked up anew. */
const MAX_KNOWN = 4_096;

/** An IANA time zone. */
export class TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #known = new Map<number, number>();

  /** @throws {RangeError} when there is no such zone. */
  constructor(name: string) {
    this.name = name;
    const two = "2-digit";
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      ...{ era: "short", year: "numeric", month: two, day: two, hour: two, minute: two, second: two },
    });
  }

  /** What to add to UTC for local time. Cost: a look-up; some microseconds once a quarter of an hour. */
  offsetMs(timeMs: number): number {
    const quarter = Math.floor(timeMs / QUARTER_MS);
    const known = this.#known.get(quarter);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const offset = this.#ask(quarter * QUARTER_MS);
    this.#known.set(quarter, offset);
    return offset;
  }

  #ask(timeMs: number): number {
    const parts = new Map(this.#format.formatToParts(timeMs).map(({ type, value }) => [type, value]));
    const at = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const local = Date.UTC(at("year"), at("month") - 1, at("day"), at("hour"), at("minute"), at("second"));
    return local - timeMs;
  }
}
