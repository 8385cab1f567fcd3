/**
 * The ledger: what became of every offset.
 *
 * I1. `position − first = counted + late + future + invalid + skipped`, per partition and in total, always.
 * I2. `amended` counts events put back later; it stands outside the sum.
 */

/** What became of the offsets from `first` up to a position. */
export interface LedgerCounts {
  /** The first offset accounted for. */
  readonly first: number;
  readonly counted: number;
  readonly late: number;
  readonly future: number;
  readonly invalid: number;
  /** Control, aborted, compacted and deleted offsets. */
  readonly skipped: number;
  readonly amended: number;
}

/** One partition's line. */
export interface LedgerLine extends LedgerCounts {
  readonly partition: number;
  /** The next offset to read. */
  readonly position: number;
  /** The last stable offset when last heard of. */
  readonly end: number;
}

/** All partitions and their sums; the JSON of `/api/ledger`. */
export interface Ledger {
  readonly partitions: readonly LedgerLine[];
  readonly total: Omit<LedgerLine, "partition">;
}

/** A ledger that starts at `first` with nothing in it. */
export function emptyCounts(first: number): LedgerCounts {
  return { first, counted: 0, late: 0, future: 0, invalid: 0, skipped: 0, amended: 0 };
}

/** How far the counts are from balancing at `position`: 0, or the law is broken. */
export function imbalance(counts: LedgerCounts, position: number): number {
  const { first, counted, late, future, invalid, skipped } = counts;
  return position - first - counted - late - future - invalid - skipped;
}

/** Puts lines, in order of partition, and their sums together. */
export function ledgerOf(lines: readonly LedgerLine[]): Ledger {
  const partitions = lines.toSorted((a, b) => a.partition - b.partition);
  const total = { first: 0, position: 0, end: 0, counted: 0, late: 0, future: 0, invalid: 0, skipped: 0, amended: 0 };
  for (const line of partitions) {
    for (const key of LEDGER_KEYS) total[key] += line[key];
  }
  return { partitions, total };
}

const LEDGER_KEYS = [
  "first",
  "position",
  "end",
  "counted",
  "late",
  "future",
  "invalid",
  "skipped",
  "amended",
] as const;
