/** The incidents of a run of `produce`: put into its stream, and written down. */
import type { FieldMap } from "../domain/field_map.ts";
import { arrivalsSpanMs } from "../produce/arrivals.ts";
import { CATEGORY_PROFILES } from "../produce/category_profile.ts";
import { incidentOf, type IncidentPlan, labelOf } from "../produce/incident.ts";
import { IncidentInjector } from "../produce/incident_injector.ts";
import { ConfigError } from "../stream/failures.ts";

/** What is asked for, and what the run is like. */
export interface RunIncidentsOptions {
  readonly plans: readonly IncidentPlan[];
  /** Where to write labels. */
  readonly labels: string | undefined;
  readonly seed: number;
  readonly map: FieldMap;
  /** Of a generated run, whose categories and start are known. */
  readonly generated?: { readonly startMs: number; readonly ratePerSecond: number; readonly count: number | undefined };
}

/**
 * Puts incidents into a run; undefined when there are none.
 *
 * @throws {ConfigError} for one that the run cannot have, and for labels that cannot be written.
 */
export function runIncidents(options: RunIncidentsOptions): IncidentInjector | undefined {
  const { plans, labels, seed, map, generated } = options;
  if (plans.length === 0) {
    if (labels !== undefined) throw new ConfigError("Cannot use --labels without --incident");
    return undefined;
  }
  if (generated !== undefined) { for (const plan of plans) checkGenerated(plan, generated); }
  if (labels !== undefined) write(labels, "");
  return new IncidentInjector({
    ...{ plans, seed, map },
    ...(generated === undefined ? {} : { originMs: generated.startMs }),
    onKnown: (incidents) => {
      if (labels !== undefined) write(labels, incidents.map((incident) => `${labelOf(incident)}\n`).join(""));
    },
  });
}

function checkGenerated(plan: IncidentPlan, run: NonNullable<RunIncidentsOptions["generated"]>): void {
  const { kind, category, startMs, endMs } = incidentOf(plan, run.startMs, 0);
  const names = CATEGORY_PROFILES.map(({ name }) => name);
  if (!names.includes(category)) {
    throw new ConfigError(`Cannot use --incident ${kind}: the category is one of ${names.join(", ")}, got ${category}`);
  }
  const runEndMs = run.startMs + (run.count === undefined ? Infinity : arrivalsSpanMs(run.count, run.ratePerSecond));
  if (startMs >= runEndMs || endMs <= run.startMs) {
    const [from, to] = [startMs, endMs].map((ms) => new Date(ms).toISOString());
    throw new ConfigError(`Cannot use --incident ${kind}: the run has no events from ${from} to ${to}`);
  }
}

function write(path: string, text: string): void {
  try {
    Deno.writeTextFileSync(path, text);
  } catch (error) {
    throw new ConfigError(`Cannot write --labels ${path}: ${error instanceof Error ? error.message : error}`);
  }
}
