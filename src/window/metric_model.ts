/**
 * How unusual a metric of a category is, minute by minute, when it is known how many events are behind each value.
 *
 * A rate out of three events says nothing, one out of three thousand much: here a value is judged by the distribution
 * that its events would have if the forecast held. Steps are taken together to spans, since a weak departure that lasts
 * is as telling as a strong one that is short.
 *
 * I1. Memory and time per step are constant.
 * I2. `new MetricModel(options, model.data())` goes on to the bit like the model itself.
 * I3. The model is never surer than it has earned: where it found small probabilities more often than it should, they are
 *     discounted (`Trust`), and where sums vary more than their events explain, so much variance is allowed (dispersion).
 */
import { Forecast, type ForecastData, type MeanData, meanOf, moved, NO_MEAN } from "./forecast.ts";
import { countTails, normalTails, sumTails, type Tails } from "./tail_probability.ts";
import { Trust, type TrustData } from "./trust.ts";

/** What the values are: numbers of events, shares of events, or means over events. */
export type MetricKind = "count" | "share" | "mean";

/** How a metric is judged; steps are observations. */
export interface MetricModelOptions {
  readonly kind: MetricKind;
  /** Nothing is judged before so many steps. @default 180 */
  readonly warmUpSteps?: number;
}

/** One step of a metric. Shape: `sum / weight` is its value. */
export interface Observation {
  /** Local time of the step. */
  readonly timeMs: number;
  /** The count, the number of events that have the property, or the sum over the events. */
  readonly sum: number;
  /** 1 for a count, else the number of events. */
  readonly weight: number;
  /** Of a mean: the sum of squared deviations from it. */
  readonly m2?: number;
}

/** How unusual the metric is, and over how many steps up to now it is most so. */
export interface MetricJudgement {
  /** 0 to 1: one minus the probability of so large a departure. */
  readonly score: number;
  /** The same as a number that does not end at 1: −log10 of that probability. */
  readonly surprise: number;
  readonly steps: number;
  /** Value over those steps; a count is one per step. */
  readonly value: number;
  readonly expected: number;
  /** Three deviations around what is expected. */
  readonly lower: number;
  readonly upper: number;
}

/** A model as plain data: finite numbers only, so that JSON keeps it exactly. */
export interface MetricModelData {
  readonly forecast: ForecastData;
  /** The last 64 steps at most: sum, expected sum, weight and variance in turn. */
  readonly recent: readonly number[];
  readonly spans: readonly SpanData[];
  /** Sum of squared deviations of events, by number of events. */
  readonly eventVariance: MeanData;
}

/** What one step, or a span of steps, brought and was expected to bring. */
interface Expectation {
  readonly sum: number;
  readonly expected: number;
  readonly weight: number;
  /** Variance of the sum that its events explain. */
  readonly variance: number;
}

/** How improbable the departure over a span is. */
interface Claim {
  readonly steps: number;
  readonly total: Expectation;
  readonly dispersion: number;
  /** The dispersion, and what is not known of the expectation. */
  readonly spread: number;
  /** −log10 of the probability, before it is discounted. */
  readonly claimed: number;
}

/** What was learnt about a span. */
export interface SpanData {
  /** Squared departures, by the variance explained. */
  readonly dispersion: MeanData;
  readonly trust: TrustData;
}

/** Lengths of the spans. */
const SPANS = [1, 4, 16, 64];
const LONGEST = 64;
/** Steps are minutes: an hour, ten days, a week; slots of a quarter of an hour. */
const FORECAST = { quickSteps: 60, slowSteps: 14_400, errorSteps: 10_080, daySlots: 96, errorPower: 16 };
const DISPERSION_STEPS = 10_080;
/** A departure of more deviations teaches as one of so many. */
const LEARNT_DEVIATIONS = 3;
/** Claims beyond this teach nothing about the spread: they are not of the usual. */
const USUAL_CLAIM = 3;
/** What is unusual is not to become usual at once, but if it stays it is to: from this surprise on a step counts a tenth. */
const UNUSUAL = 4;
const UNUSUAL_WEIGHT = 0.1;
const BAND_DEVIATIONS = 3;

/** Judges a metric step by step. */
export class MetricModel {
  readonly #kind: MetricKind;
  readonly #warmUpSteps: number;
  readonly #forecast: Forecast;
  readonly #spans: { dispersion: MeanData; readonly trust: Trust }[];
  #recent: Expectation[];
  #eventVariance: MeanData;

  /** A model that knows nothing, or that of `data`. */
  constructor({ kind, warmUpSteps = 180 }: MetricModelOptions, data?: MetricModelData) {
    this.#kind = kind;
    this.#warmUpSteps = warmUpSteps;
    this.#forecast = new Forecast(FORECAST, data?.forecast);
    this.#recent = unpacked(data?.recent ?? []);
    this.#eventVariance = data?.eventVariance ?? NO_MEAN;
    this.#spans = SPANS.map((_, index) => {
      const span = data?.spans[index];
      return { dispersion: span?.dispersion ?? NO_MEAN, trust: new Trust(span?.trust) };
    });
  }

  /** Judges a step, then learns it; undefined while there is nothing to judge by. */
  step(observation: Observation): MetricJudgement | undefined {
    const step = this.#expectation(observation, this.#forecast.expected(observation.timeMs));
    if (this.#recent.push(step) > LONGEST) this.#recent.shift();
    const isReady = this.#isReady;
    const judged = this.#spans.map((_, index) => this.#judge(index, isReady));
    const most = mostOf(judged);
    this.#learn(observation, step, most?.surprise ?? 0);
    return most;
  }

  /**
   * Judges a step without learning it, in the place of the last `overlapped` steps, which it reaches into; undefined while
   * there is nothing to judge by.
   */
  peek(observation: Observation, overlapped = 0): MetricJudgement | undefined {
    if (!this.#isReady) return undefined;
    const step = this.#expectation(observation, this.#forecast.peek(observation.timeMs));
    const recent = [...this.#recent.slice(0, Math.max(0, this.#recent.length - overlapped)), step].slice(-LONGEST);
    return mostOf(SPANS.map((_, index) => {
      const claim = this.#claim(index, recent);
      return claim === undefined ? undefined : this.#judgement(index, claim);
    }));
  }

  /** Forgets the steps of the current spans: what comes next does not follow on what came last. */
  breakOff(): void {
    this.#recent = [];
  }

  /** A copy as plain data. */
  data(): MetricModelData {
    return {
      forecast: this.#forecast.data(),
      recent: this.#recent.flatMap(({ sum, expected, weight, variance }) => [sum, expected, weight, variance]),
      spans: this.#spans.map(({ dispersion, trust }) => ({ dispersion, trust: trust.data() })),
      eventVariance: this.#eventVariance,
    };
  }

  get #isReady(): boolean {
    return this.#forecast.steps >= this.#warmUpSteps;
  }

  #expectation(observation: Observation, forecast: number | undefined): Expectation {
    const { sum, weight } = observation;
    const expected = this.#expected(forecast ?? (weight > 0 ? sum / weight : 0));
    return { sum, expected: expected * weight, weight, variance: this.#variance(expected, observation) };
  }

  /** The forecast; of counts and shares as if half an event more had been seen, so that nothing is held impossible. */
  #expected(expected: number): number {
    const { evidence } = this.#forecast;
    return this.#kind === "mean" ? expected : (Math.max(0, expected) * evidence + 0.5) / (evidence + 1);
  }

  /** The variance of the step's sum that its events explain. */
  #variance(expected: number, { weight, m2 }: Observation): number {
    if (this.#kind === "count") return Math.max(0, expected);
    if (this.#kind === "share") return Math.max(0, weight * expected * (1 - expected));
    return weight * (meanOf(this.#eventVariance) ?? (weight > 0 ? (m2 ?? 0) / weight : 0));
  }

  #judge(index: number, isReady: boolean): MetricJudgement | undefined {
    const span = this.#spans[index], claim = this.#claim(index, this.#recent);
    if (span === undefined || claim === undefined) return undefined;
    const { total, dispersion, claimed } = claim;
    if (!isReady || claimed < USUAL_CLAIM) span.dispersion = this.#dispersed(span.dispersion, total, dispersion);
    if (!isReady) return undefined;
    const judgement = this.#judgement(index, claim);
    span.trust.learn(claimed);
    return judgement;
  }

  #claim(index: number, recent: readonly Expectation[]): Claim | undefined {
    const steps = SPANS[index] ?? 1, span = this.#spans[index];
    if (span === undefined || recent.length < steps) return undefined;
    const total = totalOf(recent, steps);
    if (!(total.weight > 0 && total.variance > 0)) return undefined;
    const dispersion = Math.max(1, meanOf(span.dispersion) ?? 1);
    const spread = dispersion * (1 + total.weight / (this.#forecast.evidence + this.#halfEvent(total)));
    const { lnUpper, lnLower } = this.#tails(total, spread);
    // Both sides are looked at, and every span: what has so many chances is so much more probable.
    const claimed = -(Math.min(lnUpper, lnLower) + Math.LN2) / Math.LN10;
    return { steps, total, dispersion, spread, claimed };
  }

  #judgement(index: number, { steps, total, spread, claimed }: Claim): MetricJudgement {
    const discounted = this.#spans[index]?.trust.discounted(claimed) ?? 0;
    const surprise = Math.max(0, discounted - Math.log10(SPANS.length));
    return { ...band(total, spread, this.#kind), surprise, steps, score: 1 - 10 ** -surprise };
  }

  #dispersed(known: MeanData, { sum, expected, variance }: Expectation, dispersion: number): MeanData {
    const squared = Math.min((sum - expected) ** 2, LEARNT_DEVIATIONS ** 2 * dispersion * variance + 1);
    return moved(
      known,
      { sum: squared, weight: variance },
      Math.max(1 / DISPERSION_STEPS, 1 / (this.#forecast.steps + 1)),
    );
  }

  /** Half an event, in the unit of the evidence. */
  #halfEvent({ expected, weight }: Expectation): number {
    return this.#kind === "mean" || !(expected > 0) ? 0 : 0.5 * weight / expected;
  }

  #tails({ sum, expected, variance }: Expectation, spread: number): Tails {
    const deviations = (sum - expected) / Math.sqrt(variance * spread);
    // That near, all distributions are as good as normal, and the normal one is the cheapest.
    if (Math.abs(deviations) < 1) return normalTails(deviations);
    return this.#kind === "mean" ? sumTails(sum, expected, variance * spread) : countTails(sum, expected, spread);
  }

  #learn({ m2 = 0 }: Observation, { sum, expected, weight, variance }: Expectation, surprise: number): void {
    const deviation = Math.sqrt(variance * Math.max(1, meanOf(this.#spans[0]?.dispersion ?? NO_MEAN) ?? 1));
    const isFirst = this.#forecast.steps === 0, counted = surprise < UNUSUAL ? weight : UNUSUAL_WEIGHT * weight;
    const reach = isFirst ? Infinity : LEARNT_DEVIATIONS * deviation + (this.#kind === "mean" ? 0 : 1);
    const learnt = Math.min(expected + reach, Math.max(expected - reach, sum));
    this.#forecast.learn(weight > 0 ? learnt / weight : 0, counted);
    if (this.#kind !== "mean") return;
    const rate = Math.max(1 / DISPERSION_STEPS, 1 / this.#forecast.steps);
    this.#eventVariance = moved(this.#eventVariance, { sum: m2, weight }, rate);
  }
}

function mostOf(judged: readonly (MetricJudgement | undefined)[]): MetricJudgement | undefined {
  return judged.reduce((a, b) => (b?.surprise ?? -1) > (a?.surprise ?? -1) ? b : a, undefined);
}

/** The sum of the last `steps` steps. */
function totalOf(recent: readonly Expectation[], steps: number): Expectation {
  let sum = 0, expected = 0, weight = 0, variance = 0;
  for (let at = recent.length - steps; at < recent.length; at++) {
    const step = recent[at];
    if (step === undefined) continue;
    sum += step.sum;
    expected += step.expected;
    weight += step.weight;
    variance += step.variance;
  }
  return { sum, expected, weight, variance };
}

/** Three deviations around what is expected, inside of what is possible. */
function band(total: Expectation, spread: number, kind: MetricKind) {
  const { sum, weight } = total, expected = total.expected / weight;
  const margin = BAND_DEVIATIONS * Math.sqrt(total.variance * spread) / weight;
  const upper = expected + margin, lower = Math.max(0, expected - margin);
  const known = { value: sum / weight, expected };
  if (kind === "mean" && expected > 0) return { ...known, lower: expected / (1 + margin / expected), upper };
  if (kind === "mean") return { ...known, lower: expected - margin, upper };
  return { ...known, lower, upper: kind === "share" ? Math.min(1, upper) : upper };
}

function unpacked(numbers: readonly number[]): Expectation[] {
  const steps: Expectation[] = [];
  for (let at = 0; at < numbers.length; at += 4) {
    const [sum = 0, expected = 0, weight = 0, variance = 0] = numbers.slice(at, at + 4);
    steps.push({ sum, expected, weight, variance });
  }
  return steps;
}
