/** The order in which points are read: time, then tags by code point. */
import { type MeasurementSchema, type Point, SCHEMA } from "../domain/point.ts";

/** Compares points of one measurement by time, then by each tag in the order of the schema. */
export function comparePoints(a: Point, b: Point): number {
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs;
  const schema: MeasurementSchema = SCHEMA[a.measurement];
  for (const tag of schema.tags) {
    const order = compareText(a.tags[tag] ?? "", b.tags[tag] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

/** Compares by code point, which is the order of UTF-8 bytes and so that of databases; `<` compares UTF-16 units. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i), y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates, which stand for code points past U+FFFF, behind all other units. */
function rank(unit: number): number {
  return (unit & 0xf800) === 0xd800 ? unit + 0x10000 : unit;
}
