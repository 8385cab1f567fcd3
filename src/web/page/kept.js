/** What is kept of which windows: all of them by category; less by region; less of hours and days. Pure. */
import { RANGES } from "./route.js";

/** Sums of panes and what follows from them. */
const BY_REGION = [
  "transaction_count",
  "transactions_per_minute",
  "amount_sum",
  "avg_amount",
  "fraud_count",
  "fraud_rate",
  "final",
];
/** The same and the extremes. */
const ROLLED_UP = [...BY_REGION, "amount_min", "amount_max"];

/** @typedef {Pick<import("./route.js").Route, "region" | "range">} Shown */

/**
 * Those of fields, or columns of fields, that there are in what is shown.
 *
 * @template {{ field: string }} T
 * @param {T[]} fields
 * @param {Shown} shown
 */
export function keptOf(fields, { region, range }) {
  const { every } = RANGES[range];
  if (every === undefined && region === "") return fields;
  const kept = every === undefined ? BY_REGION : ROLLED_UP;
  return fields.filter(({ field }) => kept.includes(field));
}

/**
 * Why something is missing; empty when nothing is.
 *
 * @param {Shown} shown
 */
export function lackOf({ region, range }) {
  const { every } = RANGES[range];
  if (every !== undefined) return `Not kept of ${every}s`;
  return region === "" ? "" : "Not kept by region";
}
