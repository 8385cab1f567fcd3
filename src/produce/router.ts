/** What producing reads of an event: its category, for the key, and its time, for the pace; nothing else of it is looked at. */
import type { CanonicalField, FieldMap } from "../domain/field_map.ts";
import { epochNumberMs, parseIsoMs } from "../domain/timestamp.ts";
import { MAX_NAME_BYTES } from "../domain/transaction.ts";

const KEYS_KEPT = 1_000;

/** Finds key and time of events under a field map. */
export class Router {
  readonly #map: FieldMap;
  readonly #keys = new Map<string, Uint8Array>();

  /** A router that reads `category` and `timestamp` where `map` says. */
  constructor(map: FieldMap) {
    this.#map = map;
  }

  /** The name under which an event that has the keys `has` says answers for `field`; undefined when it does not. */
  nameOf(field: CanonicalField, has: (name: string) => boolean): string | undefined {
    return [this.#map.names[field], field].find(has);
  }

  /** The key of a category: its UTF-8, or null when it is not one that a transaction may have. */
  keyOf(category: unknown): Uint8Array | null {
    if (typeof category !== "string" || category === "") return null;
    const known = this.#keys.get(category);
    if (known) return known;
    const key = new TextEncoder().encode(category);
    if (key.length > MAX_NAME_BYTES || /\p{Cc}/u.test(category)) return null;
    if (this.#keys.size < KEYS_KEPT) this.#keys.set(category, key);
    return key;
  }

  /** Event time in milliseconds of a JSON value, or undefined when it is none. */
  timeOf(value: unknown): number | undefined {
    const atMs = typeof value === "string" ? parseIsoMs(value) : typeof value === "number" ? epochNumberMs(value) : NaN;
    return Number.isNaN(atMs) ? undefined : atMs;
  }
}
