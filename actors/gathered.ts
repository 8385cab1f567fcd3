/** What a flush has gathered from its partitions, and what follows from it. */
import type { Checkpoint } from "../src/stream/checkpoint.ts";
import type { Standing } from "../src/stream/frontier.ts";
import type { LedgerLine } from "../src/stream/ledger.ts";
import { lastFinalEndMs, type WindowShape } from "../src/window/shape.ts";
import type { Mark, PartitionSummary } from "./partition_task.ts";
import type { Sharing } from "./sharing.ts";

/** The answers of all partitions, and how far they go together. */
export interface Gathered {
  readonly marks: readonly Mark[];
  readonly standings: readonly Standing[];
  readonly summaries: readonly PartitionSummary[];
  /** Ends of the partitions when the flush was ordered. */
  readonly ends: ReadonlyMap<number, number>;
  readonly frontierMs: number;
  /** What ends past the frontier and by then is to be final, but not yet. */
  readonly heldMs: number;
}

/** Whether there is a pane to make final that is not made final yet. */
export function isHeld({ heldMs, frontierMs }: Gathered, { slideMs }: WindowShape): boolean {
  return lastFinalEndMs(heldMs, slideMs) > lastFinalEndMs(frontierMs, slideMs);
}

/** The checkpoints, with what is closed together and what other processes must know. */
export function checkpointsOf(gathered: Gathered, sharing: Sharing): ReadonlyMap<number, Checkpoint> {
  const { summaries, marks, standings, frontierMs } = gathered, share = sharing.shareOf(frontierMs);
  return new Map(summaries.map(({ partition, checkpoint }) => {
    const mark = marks.find((candidate) => candidate.partition === partition);
    const standing = standings.find((candidate) => candidate.partition === partition);
    const shown = mark && standing && sharing.shownOf({ ...standing, mark });
    return [partition, { ...checkpoint, share, ...(shown && { shown }) }];
  }));
}

/** What became of the records of each partition. */
export function linesOf({ summaries, ends }: Gathered): readonly LedgerLine[] {
  return summaries.map(({ partition, checkpoint: { ledger, position } }) => {
    const { first, ...counts } = ledger;
    return { partition, first, position, end: Math.max(position, ends.get(partition) ?? 0), ...counts };
  });
}
