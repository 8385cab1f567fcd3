/** What can go wrong in a category: the kinds of incidents that are made, in streams and in simulations. */

/** The kinds, in the order of reports. */
export const INCIDENT_KINDS = [
  "fraud-burst",
  "rate-drop",
  "rate-surge",
  "price-shift",
  "dead-category",
  "new-region",
] as const;

/** One of `INCIDENT_KINDS`. */
export type IncidentKind = typeof INCIDENT_KINDS[number];

/** How an incident changes the transactions of a category; of `UNDISTURBED` nothing. */
export interface Disturbance {
  readonly rateFactor: number;
  readonly amountFactor: number;
  /** Share of the others that become frauds. */
  readonly addedFraud: number;
  /** Transactions a minute in a region that is new to the category. */
  readonly addedPerMinute: number;
}

/** What a strength of a kind means, and which there are. */
export interface StrengthRule {
  readonly meaning: string;
  readonly standard: number;
  readonly allows: (strength: number) => boolean;
}

/** As it usually is. */
export const UNDISTURBED: Disturbance = { rateFactor: 1, amountFactor: 1, addedFraud: 0, addedPerMinute: 0 };

/** The largest factors and rates; a record becomes that many at most. */
export const STRENGTH_MAX = { surge: 100, price: 1_000, perMinute: 10_000 } as const;

/** The strengths of each kind. */
export const STRENGTHS: Readonly<Record<IncidentKind, StrengthRule>> = {
  "fraud-burst": {
    meaning: "the share of frauds added, above 0 and up to 1",
    standard: 0.2,
    allows: (share) => share > 0 && share <= 1,
  },
  "rate-drop": {
    meaning: "the factor of the rate, from 0 and below 1",
    standard: 0.2,
    allows: (factor) => factor >= 0 && factor < 1,
  },
  "rate-surge": {
    meaning: `the factor of the rate, above 1 and up to ${STRENGTH_MAX.surge}`,
    standard: 2.5,
    allows: (factor) => factor > 1 && factor <= STRENGTH_MAX.surge,
  },
  "price-shift": {
    meaning: `the factor of the amounts, above 0 and up to ${STRENGTH_MAX.price}, not 1`,
    standard: 2.5,
    allows: (factor) => factor > 0 && factor !== 1 && factor <= STRENGTH_MAX.price,
  },
  "dead-category": { meaning: "0: nothing is left", standard: 0, allows: (factor) => factor === 0 },
  "new-region": {
    meaning: `the transactions a minute, above 0 and up to ${STRENGTH_MAX.perMinute}`,
    standard: 5,
    allows: (perMinute) => perMinute > 0 && perMinute <= STRENGTH_MAX.perMinute,
  },
};

/** What an incident changes while it lasts. */
export function disturbance(kind: IncidentKind, strength: number): Disturbance {
  switch (kind) {
    case "fraud-burst":
      return { ...UNDISTURBED, addedFraud: strength };
    case "price-shift":
      return { ...UNDISTURBED, amountFactor: strength };
    case "new-region":
      return { ...UNDISTURBED, addedPerMinute: strength };
    case "rate-drop":
    case "rate-surge":
    case "dead-category":
      return { ...UNDISTURBED, rateFactor: strength };
  }
}
