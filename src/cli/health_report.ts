/** What `/healthz` says: whether all is well, and in words who holds what up. */
import type { Board } from "../../actors/live.ts";
import type { Stats } from "../actor/mod.ts";
import type { AcknowledgementSummary } from "../stream/acknowledgements.ts";
import type { PartitionStanding } from "../stream/progress.ts";
import type { Health } from "../web/views.ts";

/** What a report is made of. */
export interface HealthParts {
  readonly board: Pick<Board, "problems" | "progress" | "highMs">;
  readonly acknowledgements: AcknowledgementSummary;
  readonly stats: Iterable<Stats>;
  /** Wall time. */
  readonly nowMs: number;
}

/** More partitions than these are only counted. */
const NAMED = 3;

/** The report. */
export function healthReport({ board, acknowledgements, stats, nowMs }: HealthParts): Health {
  const problems = board.problems(), all = [...stats], { frontierMs, partitions } = board.progress;
  const holders = partitions.length === 0 ? [] : board.progress.holders();
  return {
    ok: problems.length === 0,
    problems,
    ...(Number.isFinite(frontierMs) ? { frontier: { timeMs: frontierMs, heldBy: holders } } : {}),
    partitions: partitions.length,
    holding: [
      ...partitions.filter(({ partition }) => holders.includes(partition)).slice(0, NAMED)
        .map((standing) => holderSentence(standing, { highMs: board.highMs, worker: workerOf(standing, all) })),
      ...(holders.length > NAMED ? [`so do ${holders.length - NAMED} more partitions`] : []),
    ],
    store: storeSentence(acknowledgements, nowMs),
    workers: workerSentences(all),
  };
}

interface Where {
  readonly highMs: number | undefined;
  readonly worker: string;
}

/** The partition, the age of its watermark, what it waits for and where it runs. */
function holderSentence(standing: PartitionStanding, { highMs, worker }: Where): string {
  const { partition, next, end, watermarkMs, isPaused } = standing;
  const age = highMs === undefined || !Number.isFinite(watermarkMs)
    ? "it has no watermark yet"
    : `its watermark is ${((highMs - watermarkMs) / 1_000).toFixed(1)} s behind the newest event`;
  const doing = isPaused ? "paused" : next < end ? `at offset ${next} of ${end}` : `at its end, offset ${end}`;
  return `partition ${partition} holds the frontier: ${age}; it is ${doing}, in ${worker}`;
}

function workerOf({ partition }: PartitionStanding, stats: readonly Stats[]): string {
  const task = stats.find(({ path }) => path.endsWith(`/partition-${partition}`));
  if (task === undefined) return "no worker yet";
  return task.worker === "" ? "the main isolate" : task.worker;
}

function storeSentence({ writes, failures, recent }: AcknowledgementSummary, nowMs: number): string {
  const last = recent.at(-1);
  if (last === undefined) return "the store has not been written to yet";
  const ago = `${((nowMs - last.atMs) / 1_000).toFixed(1)} s ago`;
  if (last.failure !== undefined) return `the store refused a write ${ago}: ${last.failure}`;
  const troubles = failures === 0 ? "" : `; ${failures} of ${writes + failures} writes failed since the start`;
  return `the store acknowledged ${last.points} points ${ago}, within ${Math.round(last.tookMs)} ms${troubles}`;
}

function workerSentences(stats: readonly Stats[]): readonly string[] {
  return stats.filter(({ role }) => role === "worker").map(({ path, phase, restarts }) => {
    return `${path} is ${phase}${restarts === 0 ? "" : `, after ${restarts} restart${restarts === 1 ? "" : "s"}`}`;
  });
}
