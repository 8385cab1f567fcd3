/** Random topics in memory, and what a store must hold of them. */
import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import type { Point } from "../../src/domain/point.ts";
import type { WindowShape } from "../../src/window/shape.ts";
import type { MemoryLog } from "./memory_log.ts";
import type { MemoryLetters, MemoryStore } from "./memory_store.ts";
import { naivePanes, naiveWindows, type OracleEvent } from "./naive_oracle.ts";

/** The shape that a `MemoryPipeline` has unless told otherwise. */
export const SCRIPT_SHAPE: WindowShape = { slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 };

/** Event time of the first event of a script. */
export const SCRIPT_START_MS = 1_750_000_000_000;

/** An event and where it stands. */
export interface StandingEvent {
  readonly partition: number;
  readonly offset: number;
  readonly event: OracleEvent;
}

/** How a script goes. */
export interface ScriptOptions {
  readonly seed: number;
  /** Partitions that get events. @default all */
  readonly partitions?: readonly number[];
  /** @default 60 */
  readonly batches?: number;
  /** @default SCRIPT_START_MS */
  readonly startMs?: number;
}

/** An event that counts, by default an amount of 1 of one category. */
export function eventAt(occurredAtMs: number, change: Partial<OracleEvent> = {}): OracleEvent {
  return { category: "travel", region: "CA", occurredAtMs, amount: 1, isFraud: false, customer: "c", ...change };
}

/** Appends events as one batch, with `timestampMs` as their Kafka timestamp. */
export function appendEvents(
  log: MemoryLog,
  partition: number,
  { events, timestampMs }: { readonly events: readonly OracleEvent[]; readonly timestampMs: number },
): readonly StandingEvent[] {
  const offset = log.ends[partition] ?? 0;
  log.append(partition, events.map(textOf), timestampMs);
  return events.map((event, index) => ({ partition, offset: offset + index, event }));
}

/** Appends random batches; events come up to 45 s late, so some are dead letters. */
export function appendScript(log: MemoryLog, options: ScriptOptions): readonly StandingEvent[] {
  const { seed, partitions = log.ends.map((_, partition) => partition), batches = 60, startMs = SCRIPT_START_MS } =
    options;
  const random = seeded(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  let timestampMs = startMs;
  return Array.from({ length: batches }, () => {
    const events = Array.from({ length: 1 + below(20) }, () => {
      timestampMs += below(2_000);
      return eventAt(timestampMs - below(45_000), {
        category: ["grocery_pos", "travel", "gas_transport"][below(3)] ?? "",
        region: ["CA", "NY"][below(2)] ?? "",
        amount: below(1_000_000) / 100,
        isFraud: random() < 0.05,
        customer: `c${below(30)}`,
      });
    });
    return appendEvents(log, partitions[below(partitions.length)] ?? 0, { events, timestampMs });
  }).flat();
}

function textOf({ category, region, occurredAtMs, amount, isFraud, customer }: OracleEvent): string {
  const timestamp = new Date(occurredAtMs).toISOString();
  return JSON.stringify({ category, region, timestamp, amount, is_fraud: isFraud, customer_id: customer });
}

/** What was written, and what of it is compared with. */
export interface Written {
  readonly store: MemoryStore;
  readonly letters: MemoryLetters;
  readonly events: readonly StandingEvent[];
  readonly message?: string;
}

type Table = Readonly<Record<string, unknown>>;

/** Every point that there should be is there and final, and nothing else. Answers how many there are. */
export function assertExact(written: Written): number {
  const { found, expected } = tablesOf(written);
  assert.ok(Object.keys(found).length > 0, written.message);
  assertSame(found, expected, written.message);
  return Object.keys(found).length;
}

/** Every final point is true; points may be missing. Answers which are there. */
export function assertTrue(written: Written): readonly string[] {
  const { found, expected } = tablesOf(written);
  const names = Object.entries(found).filter(([, row]) => Array.isArray(row) && row.at(-1) === true).map(([name]) =>
    name
  );
  const only = (table: Table) => Object.fromEntries(names.map((name) => [name, table[name]]));
  assertSame(only(found), only(expected), written.message);
  return names;
}

/** Names only what differs: the tables are long. */
function assertSame(found: Table, expected: Table, message: string | undefined): void {
  const names = [...new Set([...Object.keys(found), ...Object.keys(expected)])]
    .filter((name) => JSON.stringify(found[name]) !== JSON.stringify(expected[name]));
  const told = names.slice(0, 5).map((name) =>
    `${name}: ${JSON.stringify(found[name])}, not ${JSON.stringify(expected[name])}`
  );
  assert.strictEqual(names.length, 0, [message ?? "", `${names.length} points differ`, ...told].join("\n"));
}

function tablesOf({ store, letters, events }: Written): { readonly found: Table; readonly expected: Table } {
  const counted = events.filter(({ partition, offset }) => !letters.letters.has(`transactions ${partition} ${offset}`))
    .map(({ event }) => event);
  const windows = store.of("transactions_avg"), panes = store.of("transactions_total");
  const upToMs = Math.max(-Infinity, ...windows.map(({ timeMs }) => timeMs));
  const found = [
    ...windows.map((point) => [`${point.tags["category"]} ${point.timeMs}`, rowOf(point)] as const),
    ...panes.map((point) =>
      [`${point.tags["category"]} ${point.tags["region"]} ${point.timeMs}`, rowOf(point)] as const
    ),
  ];
  const expected = [...naiveWindows(counted, SCRIPT_SHAPE, upToMs), ...naivePanes(counted, SCRIPT_SHAPE, upToMs)]
    .map(([name, { count, sum, fraudCount }]) => [name, [count, rounded(sum), fraudCount, true]] as const);
  return { found: tableOf(found), expected: tableOf(expected) };
}

function rowOf({ fields }: Point): readonly unknown[] {
  return [fields["transaction_count"], rounded(Number(fields["amount_sum"])), fields["fraud_count"], fields["final"]];
}

/** Sums of cents, whatever the order of adding up. */
function rounded(sum: number): number {
  return Math.round(sum * 1e6) / 1e6;
}

function tableOf(rows: readonly (readonly [string, unknown])[]): Table {
  return Object.fromEntries(rows.toSorted(([a], [b]) => a < b ? -1 : 1));
}
