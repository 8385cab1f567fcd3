/**
 * What is unusual in a category: its transaction rate, average amount, fraud rate and unique customers, minute by minute.
 *
 * I1. A step is judged once, in the order of time; equal facts give equal points, restored or not, however many steps are
 *     taken at a time.
 * I2. Steps without facts are steps without an event: a category that falls silent is unusual. After `MOST_SILENT_STEPS` of
 *     them in a row it is not silent but absent: nothing more is judged or learnt until it is back.
 * I3. A peek changes nothing.
 */
import { type AnomalyMetric, type AnomalyPoint, anomalyPoint } from "./anomaly_point.ts";
import { type IncidentNews, type IncidentOptions, Incidents, type IncidentsData } from "./incident.ts";
import {
  type MetricJudgement,
  type MetricKind,
  MetricModel,
  type MetricModelData,
  type Observation,
} from "./metric_model.ts";
import { type MomentsData, NO_MOMENTS } from "./moments.ts";

/** A step of a category: one minute, or one slide where that is longer. */
export interface CategoryFacts {
  readonly startMs: number;
  readonly moments: Pick<MomentsData, "count" | "sum" | "m2" | "fraudCount">;
  readonly uniqueCustomers: number;
}

/** What a step brought. */
export interface CategoryNews {
  readonly points: readonly AnomalyPoint[];
  readonly incident?: IncidentNews;
}

/** How a category is watched. */
export interface CategoryAnomaliesOptions extends IncidentOptions {
  readonly category: string;
  /** Length of a step. @default 60000 */
  readonly stepMs?: number;
  /** The local time that days and weeks follow. @default UTC */
  readonly localMs?: (timeMs: number) => number;
  /** Nothing is judged before so many steps. @default 180 */
  readonly warmUpSteps?: number;
}

/** A category's models as plain data: finite numbers only, so that JSON keeps them exactly. */
export interface CategoryAnomaliesData {
  /** Where the next step starts; null before the first. */
  readonly nextMs: number | null;
  /** How many steps without facts came last. */
  readonly silentSteps: number;
  readonly models: Readonly<Record<AnomalyMetric, MetricModelData>>;
  readonly incidents: IncidentsData;
}

/** The most steps without facts that are taken for silence: a day of minutes. */
export const MOST_SILENT_STEPS = 1_440;

const KINDS: Readonly<Record<AnomalyMetric, MetricKind>> = {
  transaction_rate: "count",
  average_amount: "mean",
  fraud_rate: "share",
  unique_customers: "count",
};
const METRICS = ["transaction_rate", "average_amount", "fraud_rate", "unique_customers"] as const;
const MINUTE_MS = 60_000;

/** Watches one category. Memory: some 45 kB as JSON, whatever came. Cost: four models, some 10 µs each a step. */
export class CategoryAnomalies {
  readonly #options: Required<Pick<CategoryAnomaliesOptions, "category" | "stepMs" | "localMs">>;
  readonly #models: Readonly<Record<AnomalyMetric, MetricModel>>;
  readonly #incidents: Incidents;
  #nextMs: number | null;
  #silentSteps: number;

  /** A category of which nothing is known, or that of `data`. */
  constructor(options: CategoryAnomaliesOptions, data?: CategoryAnomaliesData) {
    const { category, stepMs = MINUTE_MS, localMs = (timeMs) => timeMs, warmUpSteps = 180 } = options;
    if (!(stepMs >= 1)) throw new RangeError(`Cannot watch category: stepMs must be at least 1, got ${stepMs}`);
    this.#options = { category, stepMs, localMs };
    const model = (metric: AnomalyMetric) =>
      new MetricModel({ kind: KINDS[metric], warmUpSteps }, data?.models[metric]);
    this.#models = {
      transaction_rate: model("transaction_rate"),
      average_amount: model("average_amount"),
      fraud_rate: model("fraud_rate"),
      unique_customers: model("unique_customers"),
    };
    this.#incidents = new Incidents(options, data?.incidents);
    this.#nextMs = data?.nextMs ?? null;
    this.#silentSteps = data?.silentSteps ?? 0;
  }

  /** Where the next step starts; undefined before the first. */
  get nextMs(): number | undefined {
    return this.#nextMs ?? undefined;
  }

  /**
   * Judges the steps up to this one: those in between had no event.
   *
   * @throws {RangeError} when the step was judged before or does not start where steps start.
   */
  step(facts: CategoryFacts): CategoryNews[] {
    if (facts.startMs % this.#options.stepMs !== 0) {
      throw new RangeError(`Cannot judge step: ${facts.startMs} is no multiple of ${this.#options.stepMs} ms`);
    }
    if (this.#nextMs !== null && facts.startMs < this.#nextMs) {
      throw new RangeError(`Cannot judge step: ${facts.startMs} comes before ${this.#nextMs}, which is next`);
    }
    const silent = this.advance(facts.startMs);
    this.#silentSteps = 0;
    return [...silent, this.#judge(facts)];
  }

  /** Judges the steps that end by `endMs` as without an event. */
  advance(endMs: number): CategoryNews[] {
    const { stepMs } = this.#options, news: CategoryNews[] = [];
    if (this.#nextMs === null) return news;
    while (this.#nextMs + stepMs <= endMs && this.#silentSteps < MOST_SILENT_STEPS) {
      this.#silentSteps++;
      news.push(this.#judge({ startMs: this.#nextMs, moments: NO_MOMENTS, uniqueCustomers: 0 }));
      if (this.#silentSteps === MOST_SILENT_STEPS) { for (const metric of METRICS) this.#models[metric].breakOff(); }
    }
    this.#nextMs = Math.max(this.#nextMs, Math.floor(endMs / stepMs) * stepMs);
    return news;
  }

  /**
   * Judges facts that start anywhere, by what was learnt so far and without learning from them: of windows between steps,
   * and of those that may still change.
   */
  peek(facts: CategoryFacts): readonly AnomalyPoint[] {
    const { stepMs } = this.#options, overlapMs = Math.max(0, (this.#nextMs ?? 0) - facts.startMs);
    return this.#points(facts, (model, observation) => model.peek(observation, Math.ceil(overlapMs / stepMs)));
  }

  /** A copy as plain data. */
  data(): CategoryAnomaliesData {
    const { transaction_rate, average_amount, fraud_rate, unique_customers } = this.#models;
    return {
      nextMs: this.#nextMs,
      silentSteps: this.#silentSteps,
      models: {
        transaction_rate: transaction_rate.data(),
        average_amount: average_amount.data(),
        fraud_rate: fraud_rate.data(),
        unique_customers: unique_customers.data(),
      },
      incidents: this.#incidents.data(),
    };
  }

  #judge(facts: CategoryFacts): CategoryNews {
    const endMs = facts.startMs + this.#options.stepMs;
    this.#nextMs = endMs;
    const points = this.#points(facts, (model, observation) => model.step(observation));
    const incident = this.#incidents.step(endMs, points);
    return incident === undefined ? { points } : { points, incident };
  }

  #points(
    facts: CategoryFacts,
    judge: (model: MetricModel, observation: Observation) => MetricJudgement | undefined,
  ): readonly AnomalyPoint[] {
    const { category, stepMs, localMs } = this.#options, { startMs } = facts, timeMs = localMs(startMs);
    return METRICS.flatMap((metric) => {
      const judged = judge(this.#models[metric], { timeMs, ...observation(metric, facts) });
      return judged === undefined ? [] : [anomalyPoint({ category, metric, timeMs: startMs, stepMs }, judged)];
    });
  }
}

function observation(metric: AnomalyMetric, { moments, uniqueCustomers }: CategoryFacts): Omit<Observation, "timeMs"> {
  const { count, sum, m2, fraudCount } = moments;
  switch (metric) {
    case "transaction_rate":
      return { sum: count, weight: 1 };
    case "unique_customers":
      return { sum: uniqueCustomers, weight: 1 };
    case "fraud_rate":
      return { sum: fraudCount, weight: count };
    case "average_amount":
      return { sum, weight: count, m2 };
  }
}
