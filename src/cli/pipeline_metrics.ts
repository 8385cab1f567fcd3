/** What the pipeline tells Prometheus. */
import type { Board } from "../../actors/live.ts";
import type { Stats, System } from "../actor/mod.ts";
import type { MetricFamily, Sample } from "../metrics.ts";
import type { LedgerLine } from "../stream/ledger.ts";
import type { PartitionStanding } from "../stream/progress.ts";

const NO_LABELS = {};

/** The metric families of a running pipeline. */
export function pipelineMetrics(board: Board, system: System): readonly MetricFamily[] {
  const total = (name: string, help: string, value: () => number): MetricFamily => (
    { name, help, labels: [], samples: () => [{ labels: NO_LABELS, value: value() }] }
  );
  return [
    total("tally_healthy", "1 when everything advances", () => board.problems().length === 0 ? 1 : 0),
    total("tally_flushes_total", "Flushes made durable", () => board.totals.flushes),
    total("tally_points_total", "Points written", () => board.totals.points),
    total("tally_dead_letters_total", "Dead letters written", () => board.totals.letters),
    total(
      "tally_uncovered_total",
      "Windows and panes left as they were because not all was seen",
      () => board.totals.uncovered,
    ),
    total(
      "tally_frontier_timestamp_seconds",
      "Event time up to which windows are final",
      () => board.progress.frontierMs / 1_000,
    ),
    perPartition(board, ["tally_partition_lag_records", "Records not yet read"], ({ next, end }) => end - next),
    perPartition(
      board,
      ["tally_partition_watermark_timestamp_seconds", "Watermark"],
      ({ watermarkMs }) => watermarkMs / 1_000,
    ),
    perPartition(
      board,
      ["tally_partition_paused", "1 while paused because it is ahead of the others"],
      ({ isPaused }) => isPaused ? 1 : 0,
    ),
    {
      name: "tally_partition_records_total",
      help: "Offsets by what became of them",
      labels: ["partition", "outcome"],
      samples: () => board.ledger.partitions.flatMap(outcomes),
    },
    perActor(system, ["tally_actor_restarts_total", "Restarts of an actor"], ({ restarts }) => restarts),
    perActor(system, ["tally_actor_queued", "Messages waiting in an actor's mailbox"], ({ queued }) => queued),
  ];
}

function perPartition(
  board: Board,
  [name, help]: readonly [name: string, help: string],
  value: (standing: PartitionStanding) => number,
): MetricFamily {
  const samples = () =>
    board.progress.partitions.map((standing) => (
      { labels: { partition: String(standing.partition) }, value: value(standing) }
    ));
  return { name, help, labels: ["partition"], samples };
}

function perActor(
  system: System,
  [name, help]: readonly [name: string, help: string],
  value: (stats: Stats) => number,
): MetricFamily {
  const samples = () => [...system.stats()].map((stats) => ({ labels: { path: stats.path }, value: value(stats) }));
  return { name, help, labels: ["path"], samples };
}

function outcomes(line: LedgerLine): readonly Sample[] {
  const partition = String(line.partition);
  return OUTCOMES.map((outcome) => ({ labels: { partition, outcome }, value: line[outcome] }));
}

const OUTCOMES = ["counted", "late", "future", "invalid", "skipped", "amended"] as const;
