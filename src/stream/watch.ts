/**
 * A subject as it is followed: final windows in the order of time make points, scores and incidents.
 *
 * I1. What it finds is a function of the final windows it has taken; saved and restored it goes on the same.
 * I2. A claim – an unusual metric of a window that may still change – changes nothing of that, and is replaced by what is
 *     found once the window is final, unusual or not.
 */
import type { Point } from "../domain/point.ts";
import type { AnomalyMetric, AnomalyPoint } from "../window/anomaly_point.ts";
import {
  CategoryAnomalies,
  type CategoryAnomaliesData,
  type CategoryAnomaliesOptions,
  type CategoryNews,
} from "../window/category_anomalies.ts";
import { anomalyPointOf, factsOf, incidentPoint, scoreOf, type Subject, withdrawal } from "./anomaly_points.ts";

/** What is followed, and how. */
export interface WatchOptions extends Pick<CategoryAnomaliesOptions, "localMs" | "warmUpSteps"> {
  readonly subject: Subject;
  /** A window without overlap after another is a step. */
  readonly stepMs: number;
}

/** What a watch goes on from. */
export interface SavedWatch {
  /** Undefined when nothing was saved: it is learnt anew, but what was said is to be settled. */
  readonly model: CategoryAnomaliesData | undefined;
  /** Points of `transactions_anomaly` from the model's next step on: those that are not final are claims. */
  readonly anomalies: readonly Point[];
  /** The newest point of `transactions_incident`. */
  readonly incident: Point | undefined;
}

/** What was found since the last time. */
export interface Findings {
  readonly points: readonly Point[];
  /** A field for each final window. */
  readonly scores: readonly Point[];
}

/** A metric of a step, said to be unusual before that is certain. */
interface Claim {
  readonly metric: AnomalyMetric;
  readonly timeMs: number;
  readonly surprise: number;
}

/** A departure with a smaller chance than one in a million is a point: −log10. */
export const UNUSUAL = 6;
/** A claim is told again when it is ten times as improbable. */
const CLAIM_GREW = 1;
const METRICS = ["transaction_rate", "average_amount", "fraud_rate", "unique_customers"] as const;
const COUNTS: readonly AnomalyMetric[] = ["transaction_rate", "unique_customers"];

/** Follows one subject; no clock, no store. */
export class Watch {
  readonly #options: WatchOptions;
  readonly #model: CategoryAnomalies;
  /** What was claimed and not yet decided, by step and metric. */
  readonly #claims = new Map<string, Claim>();
  /** The last step of which a metric was said to be unusual, finally or not. */
  readonly #said = new Map<AnomalyMetric, number>();
  #points: Point[] = [];
  readonly #incidents = new Map<number, Point>();
  #scores: Point[] = [];
  #takenMs: number | undefined;

  /** A subject of which nothing is known, or one as it was saved. */
  constructor(options: WatchOptions, saved?: SavedWatch) {
    const { subject: { category, region }, ...how } = options;
    this.#options = options;
    this.#model = new CategoryAnomalies(
      { category: region === "" ? category : `${category}, ${region}`, ...how },
      saved?.model,
    );
    this.#takenMs = this.#model.nextMs;
    this.#closeStale(saved);
    for (const { tags, timeMs, fields } of saved?.anomalies ?? []) {
      const metric = METRICS.find((one) => one === tags["metric"]);
      if (fields["final"] === false && metric !== undefined) this.#claim({ metric, timeMs, surprise: UNUSUAL });
    }
  }

  /** Windows that end by then have been taken; undefined before the first. */
  get takenMs(): number | undefined {
    return this.#takenMs;
  }

  /** The start of the next step; undefined before the first. */
  get nextMs(): number | undefined {
    return this.#model.nextMs;
  }

  /** What to go on from, but for claims, which are in the store. */
  get data(): CategoryAnomaliesData {
    return this.#model.data();
  }

  /** Takes the next final window; those between two steps are scored and teach nothing. */
  take(window: Point): void {
    const { stepMs } = this.#options, facts = factsOf(window, stepMs), isStep = window.timeMs % stepMs === 0;
    if (isStep) {
      const news = this.#model.step(facts);
      this.#tell(news);
      this.#score(window, news.at(-1)?.points ?? []);
    } else {
      this.#tell(this.#model.advance(window.timeMs));
      this.#score(window, this.#model.peek(facts));
    }
    this.#takenMs = window.timeMs;
  }

  /** There is no further window up to `endMs`. */
  advance(endMs: number): void {
    this.#tell(this.#model.advance(endMs));
    this.#takenMs = Math.max(endMs, this.#takenMs ?? -Infinity);
  }

  /** What was found since the last call. */
  found(): Findings {
    const points = [...this.#points, ...this.#withdrawn(), ...this.#incidents.values()];
    const findings = { points, scores: this.#scores };
    this.#points = [];
    this.#incidents.clear();
    this.#scores = [];
    return findings;
  }

  /**
   * Looks at a window that may still change; points that claim what is unusual in it. Of counts only too many are claimed,
   * since more may come; and nothing while the window reaches into one of which the same was said.
   */
  glance(window: Point): readonly Point[] {
    const { subject, stepMs } = this.#options, facts = factsOf(window, stepMs);
    const timeMs = Math.floor((window.timeMs - 1) / stepMs) * stepMs;
    if (timeMs < (this.#model.nextMs ?? Infinity)) return [];
    return this.#model.peek(facts).filter((found) => {
      const { metric, surprise, value, expected } = found;
      if (surprise < UNUSUAL || (COUNTS.includes(metric) && value < expected)) return false;
      const saidMs = this.#said.get(metric) ?? -Infinity;
      if (saidMs < timeMs && facts.startMs < saidMs + stepMs) return false;
      const claim = this.#claims.get(nameOf({ metric, timeMs }));
      if (claim !== undefined && surprise < claim.surprise + CLAIM_GREW) return false;
      this.#claim({ metric, timeMs, surprise });
      return true;
    }).map((found) => anomalyPointOf(subject, { ...found, timeMs }, false));
  }

  /** An incident that the model knows nothing of, and will not find again, is over. */
  #closeStale({ incident, model }: Partial<SavedWatch> = {}): void {
    if (incident?.fields["open"] !== true || model?.incidents.open?.startMs === incident.timeMs) return;
    if (incident.timeMs >= (model?.nextMs ?? Infinity)) return;
    this.#incidents.set(incident.timeMs, { ...incident, fields: { ...incident.fields, open: false } });
  }

  #claim(claim: Claim): void {
    this.#claims.set(nameOf(claim), claim);
    this.#said.set(claim.metric, claim.timeMs);
  }

  #tell(news: readonly CategoryNews[]): void {
    const { subject } = this.#options;
    for (const { points, incident } of news) {
      for (const point of points) {
        const isUnusual = point.surprise >= UNUSUAL, wasClaimed = this.#claims.delete(nameOf(point));
        if (isUnusual) this.#said.set(point.metric, point.timeMs);
        if (isUnusual || wasClaimed) this.#points.push(anomalyPointOf(subject, point, true));
      }
      if (incident === undefined) continue;
      const told = incidentPoint(subject, incident.incident, incident.kind !== "closed");
      this.#incidents.set(told.timeMs, told);
    }
  }

  #score(window: Point, judged: readonly AnomalyPoint[]): void {
    const score = window.fields["final"] === true ? scoreOf(window, judged) : undefined;
    if (score !== undefined) this.#scores.push(score);
  }

  /** Claims of steps that are over and had nothing to judge. */
  #withdrawn(): readonly Point[] {
    const over = [...this.#claims.values()].filter(({ timeMs }) => timeMs < (this.#model.nextMs ?? -Infinity));
    for (const claim of over) this.#claims.delete(nameOf(claim));
    return over.map((claim) => withdrawal(this.#options.subject, claim));
  }
}

function nameOf({ metric, timeMs }: Pick<Claim, "metric" | "timeMs">): string {
  return `${timeMs} ${metric}`;
}
