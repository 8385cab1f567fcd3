/** What the charts of the views draw, from a view of the model. Pure. */
import { lineOf, stacked } from "./series.js";
import { COLOURS } from "./model.js";

/** How many categories are drawn; tables have them all. */
export const MAX_LINES = 24;

/** @param {number} colour */
const nameOf = (colour) => colour < COLOURS ? `--c${colour}` : "--grey";

/**
 * One line a category.
 *
 * @param {any} view
 * @param {{ field: string, value: (value: number) => string, axis?: (value: number) => string, fromZero?: boolean }} how
 */
export function categoryLines(view, { field, ...how }) {
  const lines = view.rows.slice(0, MAX_LINES).map(({ category, colour }) => (
    { name: category, colour: nameOf(colour), values: lineOf(view, { category, field }) }
  ));
  return { times: view.times, finalMs: view.finalMs, lines, ...how };
}

/**
 * Categories upon one another, biggest at the bottom.
 *
 * @param {any} view
 * @param {{ field: string, value: (value: number) => string, axis?: (value: number) => string }} how
 */
export function categoryStack(view, how) {
  const drawing = categoryLines(view, how);
  return { ...drawing, stack: stacked(drawing.lines.map(({ values }) => values)) };
}

/**
 * Several fields of one category.
 *
 * @param {any} view
 * @param {{ category: string, fields: { field: string, name: string, colour: string, dash?: boolean }[],
 *   value: (value: number) => string, axis?: (value: number) => string, fromZero?: boolean, marks?: any[] }} how
 */
export function fieldLines(view, { category, fields, ...how }) {
  const lines = fields.map(({ field, ...look }) => ({ ...look, values: lineOf(view, { category, field }) }));
  const isEmpty = lines.every(({ values }) => values.every((value) => value === null));
  return { times: view.times, finalMs: view.finalMs, lines: isEmpty ? [] : lines, ...how };
}

/**
 * Anomalies of a category and metric as marks on its line.
 *
 * @param {any[]} anomalies points of `transactions_anomaly`
 * @param {{ category: string, metric: string }} which
 */
export function marksOf(anomalies, { category, metric }) {
  return anomalies
    .filter((point) => point.category === category && point.metric === metric)
    .map(({ time, value, message }) => ({ timeMs: Date.parse(time), value, text: String(message ?? "") }));
}
