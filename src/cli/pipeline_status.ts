/** What the page's view of the pipeline shows. */
import type { Board } from "../../actors/live.ts";
import type { Witness } from "../../actors/witness.ts";
import type { PipelineStatus } from "../web/views.ts";

/** Where everything stands now. */
export function pipelineStatus(board: Board, witness: Witness): PipelineStatus {
  const { progress, totals } = board;
  return {
    problems: board.problems(),
    frontierMs: finite(progress.frontierMs),
    heldBy: progress.partitions.length === 0 ? [] : progress.holders(),
    partitions: progress.partitions.map(({ partition, next, end, watermarkMs, isPaused }) => (
      { partition, next, end, watermarkMs: finite(watermarkMs), isPaused }
    )),
    store: witness.acknowledgements,
    totals: { ...totals },
  };
}

/** JSON has no infinities. */
function finite(timeMs: number): number | null {
  return Number.isFinite(timeMs) ? timeMs : null;
}
