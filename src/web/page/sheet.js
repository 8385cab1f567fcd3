/**
 * Sheets: what a chart shows, as a table for readers and as CSV for spreadsheets. Pure.
 *
 * @typedef {{ label: string, format?: (value: any) => string }} Column
 * @typedef {{ name: string, columns: Column[], rows: any[][] }} Sheet rows hold values as they are, undefined for none
 */
import { lineOf } from "./series.js";

/** A cell that a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * A sheet as CSV after RFC 4180; times and numbers are written in full.
 *
 * @param {Sheet} sheet
 */
export function csvOf({ columns, rows }) {
  const lines = [columns.map(({ label }) => label), ...rows];
  return lines.map((cells) => cells.map(cellOf).join(",")).join("\r\n") + "\r\n";
}

/** @param {unknown} value */
function cellOf(value) {
  if (value === undefined || value === null) return "";
  if (value instanceof Date) return value.toISOString();
  const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Categories over time, newest first.
 *
 * @param {any} view
 * @param {{ name: string, field: string, value: (value: any) => string, time: (date: Date) => string }} options
 * @returns {Sheet}
 */
export function timeSheet(view, { name, field, value, time }) {
  const lines = view.rows.map(({ category }) => lineOf(view, { category, field }));
  const rows = view.times.map((timeMs, index) => [new Date(timeMs), ...lines.map((line) => line[index] ?? undefined)]);
  const columns = [{ label: "Time", format: time }];
  return {
    name,
    columns: [...columns, ...view.rows.map(({ category }) => ({ label: category, format: value }))],
    rows: rows.toReversed(),
  };
}
