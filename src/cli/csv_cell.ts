/** One cell of a CSV file that people open with spreadsheet programs. */
import type { FieldValue } from "../domain/point.ts";

/** Where a spreadsheet sees the beginning of a formula; the wide forms count in East Asian settings. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
/** What would end a cell under one separator or another. */
const SEPARATOR = /[",;\t\r\n]/;

/**
 * The cell of a value: text that would be taken for a formula gets an apostrophe before it, and quotes where need be.
 * Numbers stay as they are.
 *
 * Source: OWASP, "CSV Injection"; RFC 4180.
 *
 * @example
 * ```ts
 * import { csvCell } from "./csv_cell.ts";
 * if (csvCell("=1+1") !== "'=1+1" || csvCell(-1) !== "-1") throw new RangeError("Cannot keep formulas out");
 * ```
 */
export function csvCell(value: FieldValue | undefined): string {
  if (typeof value !== "string") return value === undefined ? "" : String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return SEPARATOR.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
