/** Holds points of a store against a recomputation: every window and every pane, none missing, none too many. */
import assert from "node:assert/strict";
import type { FieldValue } from "../../src/domain/point.ts";
import type { LedgerLine } from "../../src/stream/ledger.ts";
import { imbalance, type Ledger } from "../../src/stream/ledger.ts";
import type { WindowShape } from "../../src/window/shape.ts";
import { naivePanes, naiveWindows, type OracleCell, type OracleEvent } from "../fakes/naive_oracle.ts";
import type { FlatPoint } from "./installation.ts";

/** The points of both measurements, all of them. */
export interface Written {
  readonly windows: readonly FlatPoint[];
  readonly panes: readonly FlatPoint[];
}

/** How to compare. */
export interface ExactOptions {
  readonly shape: WindowShape;
  /**
   * Whether windows past the newest pane may be there: after a live run in which all was quiet for a while.
   * @default {false}
   */
  readonly isRaised?: boolean;
}

/** How far a value may be from the recomputed one: relative, or undefined when it must be equal. */
const TOLERANCE: Readonly<Record<string, number>> = {
  amount_sum: 1e-9,
  fraud_amount: 1e-9,
  avg_amount: 1e-9,
  fraud_rate: 1e-9,
  transactions_per_minute: 1e-9,
  amount_stddev: 1e-6,
  amount_p50: 0.01,
  amount_p95: 0.01,
  amount_p99: 0.01,
  unique_customers: 0.05,
  purchases_per_customer: 0.05,
  repeat_customers: 0,
};
/** Sums of cents around zero have no useful relative error. */
const SLACK: Readonly<Record<string, number>> = {
  amount_sum: 1e-6,
  fraud_amount: 1e-6,
  avg_amount: 1e-6,
  amount_stddev: 1e-6,
};
/** So many customers of a window are known one by one. */
const KNOWN_CUSTOMERS = 512;
/** Of more, 256 at least are looked at: six standard errors of a share at worst, of all customers. */
const SAMPLED_SHARE = 6 * Math.sqrt(0.25 / 256);
const MINUTE_MS = 60_000;
const DIFFERENCES_SHOWN = 5;

type Row = Readonly<Record<string, FieldValue>>;

/** Asserts that the points are exactly those of the events, all of them final. */
export function assertExact({ windows, panes }: Written, events: readonly OracleEvent[], options: ExactOptions): void {
  const { shape, isRaised = false } = options;
  const newestPaneEndMs = maxOf(events.map(({ occurredAtMs }) => paneEndOf(occurredAtMs, shape)));
  const newestWindowMs = maxOf(windows.map(timeOf));
  if (isRaised) assert.ok(newestWindowMs >= newestPaneEndMs, `the newest window ends at ${newestWindowMs}`);
  else assert.equal(newestWindowMs, newestPaneEndMs, "the newest window is that of the newest pane");
  const expectedWindows = naiveWindows(events, shape, newestWindowMs);
  assertRows(
    rowsBy(windows, (point) => `${point["category"]} ${timeOf(point)}`),
    new Map([...expectedWindows].map(([key, cell]) => [key, windowRow(cell, shape)])),
  );
  assertRows(
    rowsBy(panes, (point) => `${point["category"]} ${point["region"]} ${timeOf(point)}`),
    new Map([...naivePanes(events, shape, newestWindowMs)].map(([key, cell]) => [key, paneRow(cell)])),
  );
}

/** Asserts that every partition's ledger, and the total's, balances and has reached the end. */
export function assertBalanced({ partitions, total }: Ledger): void {
  assert.ok(partitions.length > 0, "a ledger has partitions");
  assert.deepEqual(partitions.filter((line) => imbalance(line, line.position) !== 0), []);
  assert.equal(imbalance(total, total.position), 0);
  const sum = (key: keyof LedgerLine) => partitions.reduce((so, line) => so + line[key], 0);
  assert.deepEqual(
    [total.position, total.end, total.counted, total.late, total.future, total.invalid],
    [sum("position"), sum("end"), sum("counted"), sum("late"), sum("future"), sum("invalid")],
  );
}

/** Count, sum, fraud count and fraud amount by category and region, over all time. */
export function totalsOfPanes(panes: readonly FlatPoint[]): ReadonlyMap<string, readonly number[]> {
  return totals(panes.map((pane) => [
    `${pane["category"]} ${pane["region"]}`,
    ["transaction_count", "amount_sum", "fraud_count", "fraud_amount"].map((field) => Number(pane[field])),
  ]));
}

/** Rows added up by their key. */
export function totals(rows: readonly (readonly [key: string, row: readonly number[]])[]): ReadonlyMap<
  string,
  readonly number[]
> {
  const sums = new Map<string, readonly number[]>();
  for (const [key, row] of rows) sums.set(key, row.map((value, index) => value + (sums.get(key)?.[index] ?? 0)));
  return sums;
}

/** Asserts that two tables have the same keys and the same numbers: whole ones exactly, others to 1e-9. */
export function assertSameTotals(
  found: ReadonlyMap<string, readonly number[]>,
  expected: ReadonlyMap<string, readonly number[]>,
): void {
  assert.deepEqual([...found.keys()].toSorted(), [...expected.keys()].toSorted());
  const wrong = [...expected].flatMap(([key, row]) => {
    const got = found.get(key) ?? [];
    return row.every((value, index) => isClose(got[index] ?? NaN, value)) ? [] : [{ key, got, expected: row }];
  });
  assert.deepEqual(wrong.slice(0, DIFFERENCES_SHOWN), [], `${wrong.length} differences`);
}

function isClose(got: number, expected: number): boolean {
  if (got === expected) return true;
  const areWhole = Number.isInteger(got) && Number.isInteger(expected);
  return !areWhole && Math.abs(got - expected) <= 1e-9 * Math.abs(expected) + 1e-9;
}

function assertRows(found: ReadonlyMap<string, Row>, expected: ReadonlyMap<string, Row>): void {
  const missing = [...expected.keys()].filter((key) => !found.has(key));
  const tooMany = [...found.keys()].filter((key) => !expected.has(key));
  const wrong = [...expected].flatMap(([key, row]) => {
    const got = found.get(key);
    return got === undefined ? [] : differences(got, row).map((difference) => `${key}: ${difference}`);
  });
  const short = (list: readonly string[]) => list.slice(0, DIFFERENCES_SHOWN);
  assert.deepEqual(
    { missing: short(missing), tooMany: short(tooMany), wrong: short(wrong) },
    { missing: [], tooMany: [], wrong: [] },
    `${missing.length} points missing ${short(missing)}, ${tooMany.length} too many ${short(tooMany)}, ` +
      `${wrong.length} values wrong ${short(wrong).join("; ")}, of ${expected.size}`,
  );
}

function differences(got: Row, expected: Row): readonly string[] {
  const fields = new Set([...Object.keys(got), ...Object.keys(expected)]);
  return [...fields].filter((field) => !agrees(field, got[field], expected))
    .map((field) => `${field} is ${got[field]}, recomputed ${expected[field]}`);
}

function agrees(field: string, got: FieldValue | undefined, row: Row): boolean {
  const expected = row[field], tolerance = TOLERANCE[field];
  if (got === expected) return true;
  if (typeof got !== "number" || typeof expected !== "number" || tolerance === undefined) return false;
  const slack = field === "repeat_customers" ? sampledSlack(Number(row["unique_customers"])) : SLACK[field] ?? 0;
  return Math.abs(got - expected) <= tolerance * Math.abs(expected) + slack;
}

function sampledSlack(customers: number): number {
  return customers <= KNOWN_CUSTOMERS ? 0 : SAMPLED_SHARE * customers;
}

/** Fields that are not recomputed here are left out. */
function rowsBy(points: readonly FlatPoint[], keyOf: (point: FlatPoint) => string): ReadonlyMap<string, Row> {
  return new Map(points.map((point) => {
    const { measurement: _m, time: _t, category: _c, region: _r, window: _w, ...fields } = point;
    const { lat: _lat, lon: _lon, anomaly_score: _score, ...row } = fields;
    return [keyOf(point), row];
  }));
}

function windowRow(cell: OracleCell, { windowMs }: WindowShape): Row {
  return {
    ...(cell.count === 0 ? {} : amountsRow(cell)),
    transaction_count: cell.count,
    amount_sum: cell.sum,
    transactions_per_minute: cell.count / (windowMs / MINUTE_MS),
    fraud_count: cell.fraudCount,
    fraud_amount: cell.fraudSum,
    unique_customers: cell.customers,
    repeat_customers: cell.repeatCustomers,
    ...(cell.customers === 0 ? {} : { purchases_per_customer: cell.purchases / cell.customers }),
    final: true,
  };
}

function amountsRow({ amounts, count, sum, min, max, fraudCount }: OracleCell): Row {
  const mean = sum / count;
  const variance = amounts.reduce((total, amount) => total + (amount - mean) ** 2, 0) / count;
  const quantile = (q: number) => amounts[Math.max(0, Math.ceil(q * count) - 1)] ?? NaN;
  return {
    avg_amount: mean,
    amount_min: min,
    amount_max: max,
    amount_stddev: Math.sqrt(variance),
    amount_p50: quantile(0.5),
    amount_p95: quantile(0.95),
    amount_p99: quantile(0.99),
    fraud_rate: fraudCount / count,
  };
}

function paneRow({ count, sum, min, max, fraudCount, fraudSum }: OracleCell): Row {
  return {
    transaction_count: count,
    amount_sum: sum,
    amount_min: min,
    amount_max: max,
    fraud_count: fraudCount,
    fraud_amount: fraudSum,
    final: true,
  };
}

function timeOf(point: FlatPoint): number {
  return Date.parse(String(point["time"]));
}

function paneEndOf(occurredAtMs: number, { slideMs }: WindowShape): number {
  return (Math.floor(occurredAtMs / slideMs) + 1) * slideMs;
}

function maxOf(numbers: readonly number[]): number {
  return numbers.reduce((max, value) => Math.max(max, value), -Infinity);
}
