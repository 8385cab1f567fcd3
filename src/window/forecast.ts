/**
 * What a series is expected to be next: the mean of four guesses, each weighted by how little it has lately missed.
 *
 * The guesses are the usual value at this time of the day, at this hour of the week, and two running means, a quick one
 * that follows trends and shifts and a slow one. None of them is right for every series; their errors say which is.
 *
 * I1. Memory and time per value are constant.
 * I2. `new Forecast(options, forecast.data())` goes on to the bit like the forecast itself.
 */
import { Season, type SeasonData } from "./season.ts";

/** How fast a forecast learns; steps are values. */
export interface ForecastOptions {
  /** Memory of the quick mean. @default 288 */
  readonly quickSteps?: number;
  /** Memory of the slow mean. @default 2880 */
  readonly slowSteps?: number;
  /** Memory of the guesses' errors. @default 2000 */
  readonly errorSteps?: number;
  /** Slots of a day. @default 48 */
  readonly daySlots?: number;
  /**
   * The power of its error by which a guess loses weight. Of noisy values all guesses miss by nearly as much, the wrong ones
   * too: a high power still tells them apart. @default 1
   */
  readonly errorPower?: number;
}

/** A forecast as plain data: finite numbers only, so that JSON keeps it exactly. */
export interface ForecastData {
  readonly steps: number;
  readonly day: SeasonData;
  readonly week: SeasonData;
  readonly quick: MeanData;
  readonly slow: MeanData;
  /** Mean absolute errors of the guesses: day, week, quick, slow; each a sum by weight and the weight. */
  readonly errors: readonly MeanData[];
}

/** A running mean: a sum by weight, and the weight. */
export interface MeanData {
  readonly sum: number;
  readonly weight: number;
}

const DAY_MS = 86_400_000;
const DAY_RATE = 0.15;
const WEEK_SLOTS = 168;
const WEEK_RATE = 0.3;
/** Keeps a guess that was never wrong from a weight without bound. */
const LEAST_ERROR = 1e-9;

/** Four guesses and their errors. */
export class Forecast {
  readonly #options: Required<ForecastOptions>;
  readonly #day: Season;
  readonly #week: Season;
  #quick: MeanData;
  #slow: MeanData;
  #errors: MeanData[];
  #steps: number;
  #guesses: readonly number[] = [];

  /** A forecast that knows nothing, or that of `data`. */
  constructor(options: ForecastOptions = {}, data?: ForecastData) {
    const { quickSteps = 288, slowSteps = 2_880, errorSteps = 2_000, daySlots = 48, errorPower = 1 } = options;
    for (const [name, steps] of Object.entries({ quickSteps, slowSteps, errorSteps, daySlots, errorPower })) {
      if (!(Number.isSafeInteger(steps) && steps >= 1)) {
        throw new RangeError(`Cannot create forecast: ${name} must be a whole number from 1, got ${steps}`);
      }
    }
    this.#options = { quickSteps, slowSteps, errorSteps, daySlots, errorPower };
    this.#day = new Season({ cycleMs: DAY_MS, slots: daySlots, rate: DAY_RATE }, data?.day);
    this.#week = new Season({ cycleMs: 7 * DAY_MS, slots: WEEK_SLOTS, rate: WEEK_RATE }, data?.week);
    this.#quick = data?.quick ?? NO_MEAN;
    this.#slow = data?.slow ?? NO_MEAN;
    this.#errors = data === undefined ? [NO_MEAN, NO_MEAN, NO_MEAN, NO_MEAN] : [...data.errors];
    this.#steps = data?.steps ?? 0;
  }

  /** How many values it has learnt. */
  get steps(): number {
    return this.#steps;
  }

  /** The weight of what it remembers: of how many events, or steps, the slow mean is made. */
  get evidence(): number {
    return this.#slow.weight * Math.min(this.#steps, this.#options.slowSteps);
  }

  /** What is expected at `timeMs`, in local time; undefined before anything was learnt. */
  expected(timeMs: number): number | undefined {
    // Both seasons are asked always: asking is what moves them to the slot that learns next.
    const day = this.#day.expected(timeMs), week = this.#week.expected(timeMs);
    const guesses = this.#guessesOf(day, week);
    if (guesses === undefined) return undefined;
    this.#guesses = guesses;
    return this.#weighed(guesses);
  }

  /** What is expected at `timeMs`; nothing can be learnt for it. */
  peek(timeMs: number): number | undefined {
    const guesses = this.#guessesOf(this.#day.peek(timeMs), this.#week.peek(timeMs));
    return guesses === undefined ? undefined : this.#weighed(guesses);
  }

  /**
   * Learns the value at the time last asked for. `weight` says how much is known by it – the number of events behind a
   * mean; 0 teaches nothing.
   */
  learn(value: number, weight = 1): void {
    const { quickSteps, slowSteps, errorSteps } = this.#options;
    const steps = ++this.#steps;
    this.#errors = this.#errors.map((error, index) => {
      const miss = Math.abs(value - (this.#guesses[index] ?? value));
      return moved(error, { sum: miss * weight, weight }, Math.max(1 / errorSteps, 1 / steps));
    });
    this.#day.learn(value, weight);
    this.#week.learn(value, weight);
    this.#quick = moved(this.#quick, { sum: value * weight, weight }, Math.max(1 / quickSteps, 1 / steps));
    this.#slow = moved(this.#slow, { sum: value * weight, weight }, Math.max(1 / slowSteps, 1 / steps));
  }

  /** A copy as plain data. */
  data(): ForecastData {
    return {
      steps: this.#steps,
      day: this.#day.data(),
      week: this.#week.data(),
      quick: this.#quick,
      slow: this.#slow,
      errors: [...this.#errors],
    };
  }

  #guessesOf(day: number | undefined, week: number | undefined): readonly number[] | undefined {
    const quick = meanOf(this.#quick), slow = meanOf(this.#slow);
    return quick === undefined || slow === undefined ? undefined : [day ?? quick, week ?? day ?? quick, quick, slow];
  }

  #weighed(guesses: readonly number[]): number {
    const errors = this.#errors.map((error) => (meanOf(error) ?? 0) + LEAST_ERROR), least = Math.min(...errors);
    let sum = 0, weights = 0;
    guesses.forEach((guess, index) => {
      // Against the least error, lest the power leave the range of numbers.
      const weight = (least / (errors[index] ?? least)) ** this.#options.errorPower;
      sum += weight * guess;
      weights += weight;
    });
    return sum / weights;
  }
}

/** A mean of nothing. */
export const NO_MEAN: MeanData = Object.freeze({ sum: 0, weight: 0 });

/** The mean; undefined when nothing has weight. */
export function meanOf({ sum, weight }: MeanData): number | undefined {
  return weight > 0 ? sum / weight : undefined;
}

/** A running mean moved towards `value` by `rate`. */
export function moved(mean: MeanData, value: MeanData, rate: number): MeanData {
  return { sum: mean.sum + rate * (value.sum - mean.sum), weight: mean.weight + rate * (value.weight - mean.weight) };
}
