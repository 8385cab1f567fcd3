/**
 * Incidents on purpose: what is done to the records of a stream, and the labels that say so.
 *
 * I1. A record of another category, of another time or that is no transaction goes out as it is.
 * I2. Seed and stream decide everything; each incident draws its chances from a sequence of its own.
 * I3. All that an incident changes or adds has an event time within `[startMs, endMs)`.
 */
import type { IncidentKind } from "./incident_kind.ts";

/** When an incident begins: at an instant, or so long after the start of the stream. */
export type IncidentStart = { readonly atMs: number } | { readonly afterMs: number };

/** An incident to come. */
export interface IncidentPlan {
  readonly kind: IncidentKind;
  readonly category: string;
  /** The new region; of any other kind the only region that it is in. */
  readonly region?: string;
  readonly begins: IncidentStart;
  readonly durationMs: number;
  readonly strength: number;
}

/** An incident whose time is known. */
export interface Incident extends Omit<IncidentPlan, "begins" | "durationMs"> {
  readonly startMs: number;
  readonly endMs: number;
  readonly seed: number;
}

/** Most incidents of a run: every record is held against each of them. */
export const INCIDENTS_MAX = 100;

/** When the incident of a plan is, in a stream that starts at `originMs`. */
export function incidentOf({ begins, durationMs, ...plan }: IncidentPlan, originMs: number, seed: number): Incident {
  const startMs = "atMs" in begins ? begins.atMs : originMs + begins.afterMs;
  return { ...plan, startMs, endMs: startMs + durationMs, seed };
}

/** The label of an incident as a line of JSON. */
export function labelOf({ kind, category, region, startMs, endMs, strength, seed }: Incident): string {
  const start = new Date(startMs).toISOString(), end = new Date(endMs).toISOString();
  return JSON.stringify({ kind, category, ...(region === undefined ? {} : { region }), start, end, strength, seed });
}
