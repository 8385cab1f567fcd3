/**
 * Categories as they might be, minute by minute: rhythm of day and week, drift, slow swings, Poisson counts.
 *
 * Means are those of `src/produce`; what happens in a minute is drawn from its distribution instead of event by event.
 */
import { CATEGORY_PROFILES, type CategoryProfile } from "../../src/produce/category_profile.ts";
import type { Disturbance } from "../../src/produce/incident_kind.ts";
import type { SeededRandom } from "../../src/produce/seeded_random.ts";
import type { CategoryFacts } from "../../src/window/category_anomalies.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Share of frauds over all categories; those of a category follow its weight. */
const FRAUD_SHARE = 0.006;
/** Deviation of the slow swings of traffic, and the minutes after which they have half decayed. */
const SWING = 0.04;
const SWING_MINUTES = 120;
const GROWTH_PER_DAY = 0.004;
const WEEKEND = 0.85;
/** Share of purchases in a minute by someone who had not bought in it yet. */
const UNIQUE_SHARE = 0.97;
/** Up to so many, amounts are drawn one by one. */
const DRAWN_AMOUNTS = 64;

/** One category's minutes, in order. */
export class CategorySimulation {
  readonly #profile: CategoryProfile;
  readonly #ratePerMinute: number;
  readonly #random: SeededRandom;
  readonly #fraudShare: number;
  #swing = 0;

  /** A category with an average of `ratePerMinute` transactions. */
  constructor(profile: CategoryProfile, ratePerMinute: number, random: SeededRandom) {
    const weights = CATEGORY_PROFILES.reduce((sum, { fraudWeight }) => sum + fraudWeight, 0);
    this.#profile = profile;
    this.#ratePerMinute = ratePerMinute;
    this.#random = random;
    this.#fraudShare = Math.min(0.5, FRAUD_SHARE * profile.fraudWeight / weights / profile.share);
  }

  /** The facts of minute `minute` since Thursday, 1970-01-01. */
  facts(minute: number, change: Disturbance): CategoryFacts {
    const { rateFactor, amountFactor, addedFraud, addedPerMinute } = change;
    const keep = 2 ** (-1 / SWING_MINUTES);
    this.#swing = this.#swing * keep + SWING * Math.sqrt(1 - keep * keep) * this.#random.normal();
    const average = this.#ratePerMinute * rateFactor + addedPerMinute;
    const mean = average * rhythmAt(this.#profile, minute) * Math.exp(this.#swing);
    const count = poisson(mean, this.#random);
    const fraudCount = binomial(count, Math.min(1, this.#fraudShare + addedFraud), this.#random);
    const { sum, m2 } = this.#amounts(count - fraudCount, fraudCount, amountFactor);
    const uniqueCustomers = count <= 1 ? count : count - binomial(count - 1, 1 - UNIQUE_SHARE, this.#random);
    return { startMs: minute * MINUTE_MS, moments: { count, sum, m2, fraudCount }, uniqueCustomers };
  }

  #amounts(genuine: number, frauds: number, factor: number): { sum: number; m2: number } {
    const count = genuine + frauds, drawn = Math.min(count, DRAWN_AMOUNTS);
    let sum = 0, squares = 0;
    for (let index = 0; index < drawn; index++) {
      const amount = factor * this.#amount(index * count < frauds * drawn);
      sum += amount;
      squares += amount * amount;
    }
    // More than are drawn count as that many times over, their mean as exact as it would be.
    const scale = drawn === 0 ? 0 : count / drawn, mean = drawn === 0 ? 0 : sum / drawn;
    return { sum: sum * scale, m2: Math.max(0, squares - drawn * mean * mean) * scale };
  }

  #amount(isFraud: boolean): number {
    const { fraud, amounts: [small, large], largeShare } = this.#profile;
    const shape = isFraud ? fraud : this.#random.unit() < largeShare ? large : small;
    return shape.median * Math.exp(shape.sigma * this.#random.normal());
  }
}

/** Traffic of a minute by the average: hours run into each other, weekends are quieter, all grows. */
function rhythmAt({ rhythm }: CategoryProfile, minute: number): number {
  const hour = minute % DAY_MINUTES / 60, before = Math.floor(hour), part = hour - before;
  const level = (rhythm[before] ?? 0) * (1 - part) + (rhythm[(before + 1) % 24] ?? 0) * part;
  const average = rhythm.reduce((sum, one) => sum + one, 0) / rhythm.length;
  const day = Math.floor(minute / DAY_MINUTES), weekday = (day + 4) % 7;
  return level / average * (weekday === 0 || weekday === 6 ? WEEKEND : 1) * (1 + GROWTH_PER_DAY * (day % 365));
}

function poisson(mean: number, random: SeededRandom): number {
  if (mean > 500) return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()));
  let count = 0;
  for (let left = mean - random.exponential(); left > 0; left -= random.exponential()) count++;
  return count;
}

function binomial(count: number, share: number, random: SeededRandom): number {
  if (share <= 0.2) return Math.min(count, poisson(count * share, random));
  let hits = 0;
  for (let index = 0; index < count; index++) if (random.unit() < share) hits++;
  return hits;
}
