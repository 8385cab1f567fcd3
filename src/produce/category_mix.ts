/**
 * Which category the next genuine purchase is in: the mix changes with the hour, the number of purchases does not.
 *
 * Hours are those of the middle of the USA (UTC−6): a single clock for the mix; each customer keeps local hours besides.
 */
import { CATEGORY_PROFILES } from "./category_profile.ts";
import { weightedTable } from "./weighted.ts";

/** Size of the tables of a mix; draw with a number below it. */
export const MIX_TABLE_SIZE = 8_192;

const FITTING_ROUNDS = 50;
const HOUR_MS = 3_600_000;

/** The local hour of `atMs`, `offsetHours` from UTC. Shape: 0 to 23. */
export function hourAt(atMs: number, offsetHours: number): number {
  return (Math.floor(atMs / HOUR_MS) + offsetHours + 24) % 24;
}

/** For each hour of the mix's day a table of category indices to draw from. */
export function hourlyMix(): readonly Uint32Array[] {
  return hourlyShares().map((shares) => weightedTable(shares, MIX_TABLE_SIZE));
}

/**
 * Shares of the categories by hour: every hour's add up to 1, and each category's average over the day is its own.
 *
 * Both at once take fitting: scaling the hours to 1 shifts the categories, and the other way round; it converges.
 */
function hourlyShares(): number[][] {
  let factors = CATEGORY_PROFILES.map(() => 1);
  let hours: number[][] = [];
  for (let round = 0; round < FITTING_ROUNDS; round++) {
    hours = Array.from({ length: 24 }, (_, hour) => {
      const weights = CATEGORY_PROFILES.map(({ rhythm }, category) => (rhythm[hour] ?? 0) * (factors[category] ?? 0));
      const total = sum(weights);
      return weights.map((weight) => weight / total);
    });
    const averages = CATEGORY_PROFILES.map((_, category) => sum(hours.map((shares) => shares[category] ?? 0)) / 24);
    factors = factors.map((factor, category) =>
      factor * (CATEGORY_PROFILES[category]?.share ?? 0) / (averages[category] ?? 1)
    );
  }
  return hours;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}
