import { NEVER, type Rules } from "./rules.ts";

/** A committed lift of a partition's watermark, applied before the first record at or past `offset` (L5). */
export interface Raise {
  readonly offset: number;
  readonly watermark: number;
}

/** What became of the offsets of a partition; balances with `position - first` (DESIGN §2). */
export interface Ledger {
  readonly first: number;
  readonly counted: number;
  readonly late: number;
  readonly future: number;
  readonly invalid: number;
  readonly skipped: number;
}

/** All that is known after a crash (L1). */
export interface Checkpoint {
  readonly offset: number;
  readonly watermark: number;
  readonly position: number;
  readonly high: number;
  readonly frontier: number;
  /** Undefined while the first watermark after a gap is not known. */
  readonly since: number | undefined;
  readonly raises: readonly Raise[];
  readonly ledger: Ledger;
  readonly config: Rules;
}

/** The checkpoint of a partition nobody has read. */
export function freshCheckpoint(start: number, config: Rules): Checkpoint {
  return {
    offset: start,
    watermark: NEVER,
    position: start,
    high: NEVER,
    frontier: NEVER,
    since: start === 0 ? NEVER : undefined,
    raises: [],
    ledger: { first: start, counted: 0, late: 0, future: 0, invalid: 0, skipped: 0 },
    config,
  };
}

/** What is missing in the ledger's sum; 0 when it balances. */
export function imbalance(checkpoint: Checkpoint): number {
  const { first, counted, late, future, invalid, skipped } = checkpoint.ledger;
  return checkpoint.position - first - counted - late - future - invalid - skipped;
}
