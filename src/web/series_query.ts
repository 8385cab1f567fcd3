/** From the parameters of `/api/series` and `/api/regions` to what is asked. */
import type { RegionQuery } from "../stream/region_history.ts";
import type { PointQuery } from "../stream/store.ts";
import { parsePointsQuery } from "./points_query.ts";
import { ROLL_UPS, type RollUp } from "./roll_up_windows.ts";

/** Which windows are wanted, and how close together. */
export interface SeriesQuery {
  readonly points: PointQuery;
  /** Windows that end at multiples of this, ms. */
  readonly stepMs: number;
  /** With a region: how long a window is that its panes are folded into, ms. */
  readonly windowMs: number;
  /** Hours or days in place of windows. */
  readonly rollUp?: RollUp;
}

/** Which regions are wanted, and whether from memory or from hours or days. */
export interface RegionsQuery extends RegionQuery {
  readonly rollUp?: RollUp;
}

const DAY_MS = 86_400_000;
const SERIES_PARAMETERS = ["from", "to", "category", "region", "step", "window", "every"];
const REGION_PARAMETERS = ["from", "category", "every"];

/**
 * Reads `from` (required), `to`, `category`, `region`, and `step` and `window` in whole milliseconds, at most a day; in
 * place of these two `every=hour` or `every=day` asks for what has been rolled up.
 *
 * @throws {SyntaxError} as for `/api/points`
 */
export function parseSeriesQuery(params: URLSearchParams): SeriesQuery {
  checkNames(params, SERIES_PARAMETERS);
  const stepMs = durationOf(params, "step", 1), windowMs = durationOf(params, "window", 60_000);
  const rollUp = rollUpOf(params), rest = without(params, ["step", "window", "every"]);
  rest.set("measurement", rollUp?.measurement ?? (rest.has("region") ? "transactions_total" : "transactions_avg"));
  const points = parsePointsQuery(rest);
  if (points.fromMs === undefined) throw new SyntaxError("Cannot read points: from is missing");
  return { points, stepMs, windowMs, ...(rollUp === undefined ? {} : { rollUp }) };
}

/**
 * Reads `from` (required), `category` and `every`.
 *
 * @throws {SyntaxError} as for `/api/points`
 */
export function parseRegionQuery(params: URLSearchParams): RegionsQuery {
  checkNames(params, REGION_PARAMETERS);
  const { points: { fromMs = 0, tags = {} }, rollUp } = parseSeriesQuery(params), category = tags["category"];
  return { fromMs, ...(category === undefined ? {} : { category }), ...(rollUp === undefined ? {} : { rollUp }) };
}

function rollUpOf(params: URLSearchParams): RollUp | undefined {
  const [every, ...more] = params.getAll("every");
  if (every === undefined) return undefined;
  if (params.has("step") || params.has("window")) {
    throw new SyntaxError("Cannot read points: every takes the place of step and window");
  }
  if (more.length === 0 && (every === "hour" || every === "day")) return ROLL_UPS[every];
  throw new SyntaxError("Cannot read points: every must be given once, hour or day");
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
