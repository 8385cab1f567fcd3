/** InfluxQL statements for points, and points from their rows. */
import { INFLUX_TIME_RANGE_MS, storedTagValue, tagValueOf } from "../domain/line_protocol.ts";
import { type FieldValue, type Measurement, type MeasurementSchema, type Point, SCHEMA } from "../domain/point.ts";

/** A run of rows, from the oldest (`ASC`) or the newest (`DESC`). */
export interface RowRange {
  readonly measurement: Measurement;
  readonly tags: Readonly<Record<string, string>>;
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly order: "ASC" | "DESC";
  /** 0: all. */
  readonly limit: number;
}

/**
 * Selects the columns `time`, the fields, then the tags, in the order of `SCHEMA`.
 *
 * @throws {RangeError} when the measurement has no such tag.
 */
export function selectStatement(range: RowRange): string {
  const schema: MeasurementSchema = SCHEMA[range.measurement];
  const columns = [
    ...Object.entries(schema.fields).map(([name, kind]) => `${identifier(name)}::${kind}`),
    ...schema.tags.map((name) => `${identifier(name)}::tag`),
  ];
  const { min, max } = INFLUX_TIME_RANGE_MS;
  const where = [`time >= ${Math.max(Math.ceil(range.fromMs), min)}ms`];
  // The newest instant has no exclusive end that InfluxDB could read.
  if (range.toMs <= max) where.push(`time < ${Math.max(Math.ceil(range.toMs), min)}ms`);
  for (const [name, value] of Object.entries(range.tags)) {
    checkTag(range.measurement, name);
    where.push(`${identifier(name)} = ${text(storedTagValue(value))}`);
  }
  const limit = range.limit === 0 ? "" : ` LIMIT ${range.limit}`;
  const from = identifier(range.measurement);
  return `SELECT ${columns.join(", ")} FROM ${from} WHERE ${where.join(" AND ")} ORDER BY time ${range.order}${limit}`;
}

/** Deletes the points of a measurement before `beforeMs`. */
export function deleteStatement(measurement: Measurement, beforeMs: number): string {
  const { min, max } = INFLUX_TIME_RANGE_MS;
  return `DELETE FROM ${identifier(measurement)} WHERE time < ${Math.min(Math.max(Math.ceil(beforeMs), min), max)}ms`;
}

/** Selects the columns `key`, `value` of at most `limit` values of a tag, sorted. */
export function tagValuesStatement(measurement: Measurement, tag: string, limit: number): string {
  checkTag(measurement, tag);
  return `SHOW TAG VALUES FROM ${identifier(measurement)} WITH KEY = ${identifier(tag)} LIMIT ${limit}`;
}

/** The point of a row of `selectStatement`. */
export function pointOf(measurement: Measurement, row: readonly unknown[]): Point {
  const schema: MeasurementSchema = SCHEMA[measurement];
  const fields: Record<string, FieldValue> = {}, tags: Record<string, string> = {};
  let column = 1;
  for (const name of Object.keys(schema.fields)) {
    const value = row[column++];
    if (typeof value === "number" || typeof value === "boolean" || typeof value === "string") fields[name] = value;
  }
  for (const name of schema.tags) {
    const value = row[column++];
    tags[name] = typeof value === "string" ? tagValueOf(value) : "";
  }
  return { measurement, tags, timeMs: Number(row[0]), fields };
}

function checkTag(measurement: Measurement, tag: string): void {
  const schema: MeasurementSchema = SCHEMA[measurement];
  if (!schema.tags.includes(tag)) {
    throw new RangeError(`Cannot read ${measurement}: its tags are ${schema.tags.join(", ")}, got ${tag}`);
  }
}

/** Only names of `SCHEMA` come here, which need no escape. */
function identifier(name: string): string {
  return `"${name}"`;
}

/** A string literal; line feeds, carriage returns and NUL, which it could not hold, are never in a stored tag value. */
function text(value: string): string {
  return `'${value.replace(/['\\]/g, "\\$&")}'`;
}
