/**
 * The ledger of the whole group: what this process knows of its own partitions, and what the others have committed.
 *
 * I1. A partition has one line: its owner's when that is us, else its last commit, else that of a partition not begun.
 * I2. Commits are read at most once a `REFRESH_MS`, one read at a time; while they cannot be read the last ones stand.
 */
import type { Clock } from "../clock.ts";
import { decodeCheckpoint } from "./checkpoint.ts";
import { RetryableError } from "./failures.ts";
import { emptyCounts, type Ledger, type LedgerLine, ledgerOf } from "./ledger.ts";
import type { Committed, OffsetRange, Source } from "./source.ts";

/** For how long commits that were read are taken for new, ms. */
export const REFRESH_MS = 1_000;

/** Puts the ledgers of the members together. */
export class GroupLedger {
  readonly #source: Pick<Source, "describe" | "committed">;
  readonly #clock: Clock;
  #lines: readonly LedgerLine[] = [];
  #readAtMs = -Infinity;
  #reading: Promise<void> | undefined;

  constructor(source: Pick<Source, "describe" | "committed">, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** The group's ledger. @param own - what this process has counted; @param owned - the partitions it owns now */
  async around(own: Ledger, owned: readonly number[]): Promise<Ledger> {
    if (this.#clock.elapsedMs() - this.#readAtMs >= REFRESH_MS) {
      await (this.#reading ??= this.#read().finally(() => this.#reading = undefined));
    }
    const ours = own.partitions.filter(({ partition }) => owned.includes(partition));
    const lines = new Map([...this.#lines, ...ours].map((line) => [line.partition, line]));
    return ledgerOf([...lines.values()]);
  }

  async #read(): Promise<void> {
    try {
      const { partitions } = await this.#source.describe();
      const commits = await this.#source.committed(partitions.map(({ partition }) => partition));
      this.#lines = partitions.map((range) => lineOf(range, commits.get(range.partition)));
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
    }
    this.#readAtMs = this.#clock.elapsedMs();
  }
}

/** A commit without a checkpoint is an operator's order: the ledger begins there. */
function lineOf(range: OffsetRange & { readonly partition: number }, committed: Committed | undefined): LedgerLine {
  const { partition, first, end } = range, position = committed?.position ?? first;
  const checkpoint = committed === undefined ? undefined : decodeCheckpoint(committed.metadata);
  return {
    ...(checkpoint?.ledger ?? emptyCounts(position)),
    partition,
    position: checkpoint?.position ?? position,
    end,
  };
}
