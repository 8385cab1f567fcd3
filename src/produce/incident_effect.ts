/** What one incident does to one record after another. */
import type { FieldMap } from "../domain/field_map.ts";
import { decodeTransaction } from "../domain/transaction.ts";
import { EventEditor } from "./event_editor.ts";
import type { Incident } from "./incident.ts";
import { type Disturbance, disturbance } from "./incident_kind.ts";
import type { SeededRandom } from "./seeded_random.ts";
import type { TimedRecord } from "./timed_record.ts";

/** A record becomes so many more at most, however long none came. */
export const ADDED_MAX = 1_000;

const MINUTE_MS = 60_000;

/** A record with a value. */
type Event = TimedRecord & { readonly value: Uint8Array; readonly atMs: number };

/**
 * One incident at work.
 *
 * Cost: two comparisons a record outside of its time; some ten microseconds a record of its category within it.
 */
export class IncidentEffect {
  readonly incident: Incident;
  readonly #key: Uint8Array;
  readonly #change: Disturbance;
  readonly #map: FieldMap;
  readonly #random: SeededRandom;
  readonly #editor: EventEditor;
  /** When the next transaction of a new region is due. */
  #dueMs: number;
  #changed = 0;

  /** An effect that takes its chances from `random`. */
  constructor(incident: Incident, map: FieldMap, random: SeededRandom) {
    this.incident = incident;
    this.#key = new TextEncoder().encode(incident.category);
    this.#change = disturbance(incident.kind, incident.strength);
    this.#map = map;
    this.#random = random;
    this.#editor = new EventEditor(map, random);
    this.#dueMs = incident.startMs + this.#gapMs();
  }

  /** How many records it has changed, taken away or added. */
  get changed(): number {
    return this.#changed;
  }

  /** What becomes of a record: nothing, itself, another one, or several. */
  apply(record: TimedRecord): readonly TimedRecord[] {
    const { startMs, endMs } = this.incident, { key, atMs, value } = record;
    if (atMs === undefined || value === null || atMs < startMs || atMs >= endMs) return [record];
    if (!isSame(key, this.#key) || !this.#concerns(value, atMs)) return [record];
    const becomes = this.#become({ ...record, value, atMs });
    const isKept = becomes[0]?.value === value;
    this.#changed += isKept ? becomes.length - 1 : 1;
    return becomes;
  }

  /** Whether the value is a transaction, and of the region that the incident is in. */
  #concerns(value: Uint8Array, atMs: number): boolean {
    const transaction = decodeTransaction(value, this.#map, atMs), { kind, region } = this.incident;
    if ("reason" in transaction) return false;
    if (kind === "fraud-burst" && transaction.isFraud) return false;
    return region === undefined || kind === "new-region" || transaction.region === region;
  }

  #become(event: Event): readonly TimedRecord[] {
    const { rateFactor, amountFactor, addedFraud, addedPerMinute } = this.#change, { value } = event;
    if (rateFactor < 1) return this.#random.unit() < rateFactor ? [event] : [];
    if (rateFactor > 1) return [event, ...this.#others(event, this.#surplus(rateFactor - 1))];
    if (addedPerMinute > 0) return [event, ...this.#others(event, this.#due(event.atMs))];
    if (amountFactor !== 1) return [{ ...event, value: this.#editor.priced(value, amountFactor) }];
    return this.#random.unit() < addedFraud ? [{ ...event, value: this.#editor.fraud(value) }] : [event];
  }

  #others(event: Event, count: number): readonly TimedRecord[] {
    const region = this.incident.kind === "new-region" ? this.incident.region : undefined;
    return Array.from({ length: count }, () => ({ ...event, value: this.#editor.another(event.value, region) }));
  }

  /** A whole number that is `mean` on average. */
  #surplus(mean: number): number {
    return Math.floor(mean) + (this.#random.unit() < mean % 1 ? 1 : 0);
  }

  /** How many transactions of the new region are due by `atMs`: those of a Poisson process. */
  #due(atMs: number): number {
    let count = 0;
    for (; this.#dueMs <= atMs; this.#dueMs += this.#gapMs()) count = Math.min(ADDED_MAX, count + 1);
    return count;
  }

  #gapMs(): number {
    return this.#random.exponential() * MINUTE_MS / Math.max(this.#change.addedPerMinute, Number.MIN_VALUE);
  }
}

function isSame(key: Uint8Array | null, wanted: Uint8Array): boolean {
  return key !== null && key.length === wanted.length && wanted.every((byte, index) => byte === key[index]);
}
