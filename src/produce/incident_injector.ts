/** Puts incidents into a stream of records. */
import type { FieldMap } from "../domain/field_map.ts";
import { type Incident, incidentOf, type IncidentPlan, INCIDENTS_MAX } from "./incident.ts";
import { IncidentEffect } from "./incident_effect.ts";
import { SeededRandom } from "./seeded_random.ts";
import type { TimedRecord } from "./timed_record.ts";

/** Settings of an `IncidentInjector`. */
export interface IncidentInjectorOptions {
  readonly plans: readonly IncidentPlan[];
  /** A whole number from 0 to 2^53 − 1. */
  readonly seed: number;
  /** Under which names values have their fields. */
  readonly map: FieldMap;
  /** Event time of the start of the stream. @default {that of the first record that has one} */
  readonly originMs?: number;
  /** Called once, when it is known when the incidents are, before a record is changed. */
  readonly onKnown?: (incidents: readonly Incident[]) => void;
}

/** Streams of random numbers below this one are those of the generator. */
const FIRST_STREAM = 100;

/** Applies incidents to one record after another, in the order of their plans. */
export class IncidentInjector {
  readonly #options: IncidentInjectorOptions;
  #effects: readonly IncidentEffect[] | undefined;

  /** @throws {RangeError} when there are more than `INCIDENTS_MAX` plans, or the seed is none. */
  constructor(options: IncidentInjectorOptions) {
    const { length } = options.plans;
    if (length > INCIDENTS_MAX) {
      throw new RangeError(`Cannot inject incidents: at most ${INCIDENTS_MAX} in a run, got ${length}`);
    }
    this.#options = options;
    if (options.originMs !== undefined) this.#begin(options.originMs);
  }

  /** Incidents that have changed nothing so far; all, while no record had a time. */
  get idle(): readonly Pick<IncidentPlan, "kind" | "category">[] {
    if (this.#effects === undefined) return this.#options.plans;
    return this.#effects.filter(({ changed }) => changed === 0).map(({ incident }) => incident);
  }

  /** What becomes of a record: nothing, itself, another one, or several. */
  apply(record: TimedRecord): readonly TimedRecord[] {
    if (this.#effects === undefined && record.atMs !== undefined) this.#begin(record.atMs);
    let records: readonly TimedRecord[] = [record];
    for (const effect of this.#effects ?? []) records = records.flatMap((one) => effect.apply(one));
    return records;
  }

  #begin(originMs: number): void {
    const { plans, seed, map, onKnown } = this.#options;
    this.#effects = plans.map((plan, index) =>
      new IncidentEffect(incidentOf(plan, originMs, seed), map, new SeededRandom(seed, FIRST_STREAM + index))
    );
    onKnown?.(this.#effects.map(({ incident }) => incident));
  }
}
