/** From the parameters of `/api/series` and `/api/regions` to what is asked. */
import type { RegionQuery } from "../stream/region_history.ts";
import type { PointQuery } from "../stream/store.ts";
import { parsePointsQuery } from "./points_query.ts";

/** Which windows are wanted, and how close together. */
export interface SeriesQuery {
  readonly points: PointQuery;
  /** Windows that end at multiples of this, ms. */
  readonly stepMs: number;
  /** With a region: how long a window is that its panes are folded into, ms. */
  readonly windowMs: number;
}

const DAY_MS = 86_400_000;
const SERIES_PARAMETERS = ["from", "to", "category", "region", "step", "window"];
const REGION_PARAMETERS = ["from", "category"];

/**
 * Reads `from` (required), `to`, `category`, `region`, and `step` and `window` in whole milliseconds, at most a day.
 *
 * @throws {SyntaxError} as for `/api/points`
 */
export function parseSeriesQuery(params: URLSearchParams): SeriesQuery {
  checkNames(params, SERIES_PARAMETERS);
  const stepMs = durationOf(params, "step", 1), windowMs = durationOf(params, "window", 60_000);
  const rest = without(params, ["step", "window"]);
  rest.set("measurement", rest.has("region") ? "transactions_total" : "transactions_avg");
  const points = parsePointsQuery(rest);
  if (points.fromMs === undefined) throw new SyntaxError("Cannot read points: from is missing");
  return { points, stepMs, windowMs };
}

/**
 * Reads `from` (required) and `category`.
 *
 * @throws {SyntaxError} as for `/api/points`
 */
export function parseRegionQuery(params: URLSearchParams): RegionQuery {
  checkNames(params, REGION_PARAMETERS);
  const { fromMs, tags = {} } = parseSeriesQuery(params).points, category = tags["category"];
  return { fromMs: fromMs ?? 0, ...(category === undefined ? {} : { category }) };
}

function checkNames(params: URLSearchParams, allowed: readonly string[]): void {
  if ([...params.keys()].every((name) => allowed.includes(name))) return;
  throw new SyntaxError(`Cannot read points: the parameters are ${allowed.join(", ")}`);
}

function without(params: URLSearchParams, names: readonly string[]): URLSearchParams {
  return new URLSearchParams([...params].filter(([name]) => !names.includes(name)));
}

function durationOf(params: URLSearchParams, name: string, fallbackMs: number): number {
  const [text, ...more] = params.getAll(name);
  if (text === undefined) return fallbackMs;
  const durationMs = /^\d{1,8}$/.test(text) ? Number(text) : NaN;
  if (more.length === 0 && durationMs >= 1 && durationMs <= DAY_MS) return durationMs;
  throw new SyntaxError(`Cannot read points: ${name} must be given once, in whole milliseconds from 1 to ${DAY_MS}`);
}
