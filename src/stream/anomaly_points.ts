/** What is unusual as points, and windows as what models learn from: the only place that knows how they are stored. */
import { murmur3Text } from "../domain/hash.ts";
import type { Point } from "../domain/point.ts";
import type { AnomalyMetric, AnomalyPoint } from "../window/anomaly_point.ts";
import type { CategoryAnomaliesData, CategoryFacts } from "../window/category_anomalies.ts";
import type { Incident } from "../window/incident.ts";

/** What is watched: a category, or one in a region. */
export interface Subject {
  readonly category: string;
  /** Empty: all of them together. */
  readonly region: string;
}

/** What a model must have been learnt with, or it is learnt anew. */
export interface ModelKind {
  readonly stepMs: number;
  /** The zone whose hours it knows. */
  readonly zone: string;
}

/** Of the text form of a model. */
const MODEL_VERSION = 2;

/** What a model learns from a window; an empty one has no deviation. */
export function factsOf({ timeMs, fields }: Point, windowMs: number): CategoryFacts {
  const at = (name: string): number => Number(fields[name] ?? 0);
  const count = at("transaction_count");
  const moments = {
    count,
    sum: at("amount_sum"),
    m2: at("amount_stddev") ** 2 * count,
    fraudCount: at("fraud_count"),
  };
  return { startMs: timeMs - windowMs, moments, uniqueCustomers: at("unique_customers") };
}

/** A metric of a window that is unusual; of a provisional one, that may still change. */
export function anomalyPointOf(
  subject: Subject,
  { metric, timeMs, ...told }: AnomalyPoint,
  isFinal: boolean,
): Point {
  const { score, value, expected, lower, upper, message } = told;
  const fields = { score, value, expected, lower, upper, message, final: isFinal };
  return { measurement: "transactions_anomaly", tags: { ...tagsOf(subject), metric }, timeMs, fields };
}

/** What takes the place of a claim when there is nothing to judge in the window after all. */
export function withdrawal(subject: Subject, { metric, timeMs }: { metric: AnomalyMetric; timeMs: number }): Point {
  const message = `${metric} in ${subject.category} was taken for unusual and turned out to have nothing to judge`;
  return {
    measurement: "transactions_anomaly",
    tags: { ...tagsOf(subject), metric },
    timeMs,
    fields: { score: 0, message, final: true },
  };
}

/** The field that a final window gets: how unusual its most unusual metric is; undefined when nothing was judged. */
export function scoreOf(window: Point, judged: readonly AnomalyPoint[]): Point | undefined {
  if (judged.length === 0) return undefined;
  const { measurement, tags, timeMs } = window;
  return { measurement, tags, timeMs, fields: { anomaly_score: Math.max(...judged.map(({ score }) => score)) } };
}

/** An incident as it stands. */
export function incidentPoint(subject: Subject, { startMs, endMs, peak }: Incident, isOpen: boolean): Point {
  const { metric, timeMs, score, value, expected, lower, upper, message } = peak;
  return {
    measurement: "transactions_incident",
    tags: tagsOf(subject),
    timeMs: startMs,
    fields: {
      ...{ id: incidentId(subject, startMs), open: isOpen, end: endMs, peak: timeMs },
      ...{ metric, score, value, expected, lower, upper, message },
    },
  };
}

/** The same for the same incident, whoever finds it and however often. */
export function incidentId({ category, region }: Subject, startMs: number): string {
  const name = JSON.stringify([category, region, startMs]);
  const halves = [name, `${name} `].map((text) => murmur3Text(text).toString(16).padStart(8, "0"));
  return `${startMs.toString(36)}-${halves.join("")}`;
}

/** A model as it is stored. */
export function modelPoint(subject: Subject, data: CategoryAnomaliesData, { stepMs, zone }: ModelKind): Point {
  const state = JSON.stringify({ version: MODEL_VERSION, stepMs, zone, model: data });
  return { measurement: "tally_model", tags: tagsOf(subject), timeMs: data.nextMs ?? 0, fields: { state } };
}

/** The model in a stored point; undefined when it is of another kind. */
export function modelIn({ fields }: Point, { stepMs, zone }: ModelKind): CategoryAnomaliesData | undefined {
  const stored = JSON.parse(String(fields["state"]));
  const isOurs = stored.version === MODEL_VERSION && stored.stepMs === stepMs && stored.zone === zone;
  return isOurs ? stored.model : undefined;
}

/** The tags that name a subject. */
export function tagsOf({ category, region }: Subject): Readonly<Record<string, string>> {
  return { category, region };
}
