/** What can go wrong in a category, at several strengths. */
import { type Disturbance, UNDISTURBED } from "./simulation.ts";

/** Kinds that are injected. */
export type IncidentKind = "fraud-burst" | "rate-drop" | "rate-surge" | "price-shift" | "dead-category" | "new-region";

/** The strengths of each kind: share of frauds added, factor of the rate or of amounts, transactions a minute. */
export const STRENGTHS: Readonly<Record<IncidentKind, readonly number[]>> = {
  "fraud-burst": [0.05, 0.2, 0.5],
  "rate-drop": [0.7, 0.5, 0.2],
  "rate-surge": [1.3, 1.6, 2.5],
  "price-shift": [1.2, 1.5, 2.5],
  "dead-category": [0],
  "new-region": [0.2, 1, 5],
};

/** The kinds in the order of the report. */
export const KINDS = [
  "fraud-burst",
  "rate-drop",
  "rate-surge",
  "price-shift",
  "dead-category",
  "new-region",
] as const satisfies readonly IncidentKind[];

/** What a minute of an incident is like; of a new region, the rate is that of the region alone. */
export function disturbance(kind: IncidentKind, strength: number): Disturbance {
  switch (kind) {
    case "fraud-burst":
      return { ...UNDISTURBED, addedFraud: strength };
    case "price-shift":
      return { ...UNDISTURBED, amountFactor: strength };
    case "rate-drop":
    case "rate-surge":
    case "dead-category":
    case "new-region":
      return { ...UNDISTURBED, rateFactor: strength };
  }
}
