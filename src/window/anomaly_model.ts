/**
 * How unusual each value of a series is, learnt as it goes: of a series of which nothing is known but value and time.
 *
 * A value is held against its forecast. What is left over is smoothed, once briefly and once for longer, so that both a
 * peak and a slow departure stand out from noise, and is judged by how rare it is among what was left over before. The
 * score asks for no shape of the noise and settles to the same share of alarms on every series.
 *
 * I1. Memory and time per value are constant.
 * I2. `new AnomalyModel(options, model.data())` goes on to the bit like the model itself.
 * I3. Equal values at equal times give equal scores: no clock, no chance.
 */
import { Forecast, type ForecastData, type ForecastOptions } from "./forecast.ts";
import { Rarity, type RarityData } from "./rarity.ts";

/** How a model judges; steps are values. */
export interface AnomalyModelOptions extends ForecastOptions {
  /** After so many steps what was left over counts half. @default 2000 */
  readonly halfLifeSteps?: number;
  /** Scores from here on are alarms. @default 0.999 */
  readonly threshold?: number;
  /** For so many steps after an alarm there is no other. @default 100 */
  readonly quietSteps?: number;
}

/** One value of a series. Shape: `timeMs` in local time, not before the one before. */
export interface Sample {
  readonly timeMs: number;
  readonly value: number;
}

/** What a model makes of a value. */
export interface Judgement {
  /** 0 to 1: one minus the probability of so large a departure, as far as this series has shown. */
  readonly score: number;
  /** The score where it is news; 0 in the quiet after an alarm. */
  readonly alarm: number;
  readonly expected: number;
  /** 99 of 100 values have been between `lower` and `upper`. */
  readonly lower: number;
  readonly upper: number;
}

/** A model as plain data: finite numbers only, so that JSON keeps it exactly. */
export interface AnomalyModelData {
  readonly forecast: ForecastData;
  readonly smoothed: readonly number[];
  readonly rarities: readonly RarityData[];
  readonly misses: RarityData;
  readonly quietLeft: number;
}

/** Memories of the two smoothings, in steps: brief enough to be early, long enough to see what one value hides. */
const SMOOTHING_STEPS = [3, 16];
const BAND_SHARE = 0.99;
/** Of what came before so few values nothing can be called rare. */
const WARM_UP_STEPS = 100;

/** Judges a series value by value. */
export class AnomalyModel {
  readonly #threshold: number;
  readonly #quietSteps: number;
  readonly #forecast: Forecast;
  readonly #smoothed: number[];
  readonly #rarities: readonly Rarity[];
  readonly #misses: Rarity;
  #quietLeft: number;

  /** A model that knows nothing, or that of `data`. */
  constructor(options: AnomalyModelOptions = {}, data?: AnomalyModelData) {
    const { halfLifeSteps = 2_000, threshold = 0.999, quietSteps = 100 } = options;
    if (!(threshold > 0 && threshold < 1)) {
      throw new RangeError(`Cannot create anomaly model: threshold must be between 0 and 1, got ${threshold}`);
    }
    this.#threshold = threshold;
    this.#quietSteps = quietSteps;
    this.#forecast = new Forecast(options, data?.forecast);
    this.#smoothed = SMOOTHING_STEPS.map((_, index) => data?.smoothed[index] ?? 0);
    this.#rarities = SMOOTHING_STEPS.map((_, index) => new Rarity(halfLifeSteps, data?.rarities[index]));
    this.#misses = new Rarity(halfLifeSteps, data?.misses);
    this.#quietLeft = data?.quietLeft ?? 0;
  }

  /** Judges a value, then learns it. */
  step({ timeMs, value }: Sample): Judgement {
    const expected = this.#forecast.expected(timeMs) ?? value;
    const miss = value - expected;
    const margin = this.#misses.quantile(BAND_SHARE) ?? 0;
    this.#misses.add(Math.abs(miss));
    const score = this.#judge(miss);
    this.#forecast.learn(value);
    return { score, alarm: this.#news(score), expected, lower: expected - margin, upper: expected + margin };
  }

  /** A copy as plain data. */
  data(): AnomalyModelData {
    return {
      forecast: this.#forecast.data(),
      smoothed: [...this.#smoothed],
      rarities: this.#rarities.map((rarity) => rarity.data()),
      misses: this.#misses.data(),
      quietLeft: this.#quietLeft,
    };
  }

  #judge(miss: number): number {
    let score = 0;
    this.#rarities.forEach((rarity, index) => {
      const rate = Math.max(1 / (SMOOTHING_STEPS[index] ?? 1), 1 / (this.#forecast.steps + 1));
      const before = this.#smoothed[index] ?? 0;
      const magnitude = Math.abs(this.#smoothed[index] = before + rate * (miss - before));
      score = Math.max(score, 1 - probability(magnitude, rarity));
      rarity.add(magnitude);
    });
    return this.#forecast.steps < WARM_UP_STEPS ? 0 : score;
  }

  #news(score: number): number {
    if (this.#quietLeft > 0) {
      this.#quietLeft--;
      return 0;
    }
    if (score >= this.#threshold) this.#quietLeft = this.#quietSteps;
    return score;
  }
}

/**
 * Rarity, divided by the cube root of the size in medians: of two magnitudes as rare, that of a series which has peaks
 * is the more remarkable than that of a series which is all noise.
 */
function probability(magnitude: number, rarity: Rarity): number {
  const median = rarity.quantile(0.5) ?? 0, rare = rarity.probability(magnitude);
  return median > 0 ? Math.min(1, rare / Math.cbrt(Math.max(magnitude, Number.MIN_VALUE) / median)) : rare;
}
