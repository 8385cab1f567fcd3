/**
 * How the whole program's rate and CPU per record change with one thing at a time: workers, categories, partitions,
 * size of an event, codec, window.
 *
 * Each case is beside a run of the default case. Not measured here: folding windows, whose cost is per slide and not
 * per record, and bytes per pane (`windows.ts`).
 */
import { calibrate } from "./calibration.ts";
import type { BenchOptions } from "./end_to_end.ts";
import { type Findings, median, range } from "./report.ts";
import type { Stage } from "./stage.ts";
import { runTally, type TallyRun } from "./tally_run.ts";
import type { TopicShape } from "./topic.ts";

interface Case {
  readonly group: string;
  readonly name: string;
  readonly shape?: Omit<TopicShape, "records">;
  readonly settings?: Readonly<Record<string, string>>;
}

const CASES: readonly Case[] = [
  ...["1", "2"].map((name) => ({ group: "workers", name, settings: { TALLY_WORKERS: name } })),
  ...[1, 14, 1_000].map((categories) => ({ group: "categories", name: `${categories}`, shape: { categories } })),
  ...[1, 12, 48].map((partitions) => ({ group: "partitions", name: `${partitions}`, shape: { partitions } })),
  ...[100, 273, 1_024, 4_096].map((eventBytes) => ({ group: "event", name: `${eventBytes} B`, shape: { eventBytes } })),
  ...(["none", "lz4", "zstd", "gzip"] as const).map((codec) => ({ group: "codec", name: codec, shape: { codec } })),
  ...[["60s", "5s"], ["10m", "1s"], ["24h", "1m"]].map(([window = "", slide = ""]) => (
    { group: "window/slide", name: `${window}/${slide}`, settings: { TALLY_WINDOW: window, TALLY_SLIDE: slide } }
  )),
];

/** The largest topic of the table: so many cases, so much disk. */
const RECORDS_AT_MOST = 1_000_000;
const DEFAULT = { group: "default", name: "1 worker, 12 partitions, 60s/5s" };

/** Every case in turn with the default one. */
export async function scaling(stage: Stage, { records, rounds }: BenchOptions): Promise<Findings> {
  const count = Math.min(records, RECORDS_AT_MOST), calibrationMs: number[] = [];
  const defaults: TallyRun[] = [], rows = [];
  const startCpuSeconds = (await runTally(stage, await stage.topic({ records: 0 }))).cost.cpuSeconds;
  for (const each of CASES) {
    const runs: TallyRun[] = [], beside: TallyRun[] = [];
    const topic = await stage.topic({ ...each.shape, records: count });
    for (let round = 0; round < rounds; round++) {
      calibrationMs.push(calibrate());
      beside.push(await runTally(stage, await stage.topic({ records: count }), { TALLY_WORKERS: "1" }));
      runs.push(await runTally(stage, topic, each.settings));
    }
    if (each.shape !== undefined) await stage.drop(topic);
    defaults.push(...beside);
    rows.push(rowOf(each, { runs, beside, count, startCpuSeconds }));
  }
  return {
    name: "scaling",
    title: "Scaling: one thing changed at a time",
    notes: [
      `${
        count.toLocaleString("en")
      } records, whole runs of \`tally run --until-caught-up\`, rounds: ${rounds}, each beside a ` +
      "run of the default case; totals of ledger and store are those of the topic in every run.",
      "CPU per record is without that of a run on an empty topic.",
    ],
    columns: ["what", "", "k/s", "CPU µs per record", "RSS MiB", "CPU against the default"],
    rows: [rowOf(DEFAULT, { runs: defaults, beside: defaults, count, startCpuSeconds }), ...rows],
    calibrationMs,
  };
}

interface Runs {
  readonly runs: readonly TallyRun[];
  readonly beside: readonly TallyRun[];
  readonly count: number;
  /** CPU time of a run on an empty topic: it is no record's. */
  readonly startCpuSeconds: number;
}

function rowOf(
  { group, name }: Pick<Case, "group" | "name">,
  { runs, beside, count, startCpuSeconds }: Runs,
): (string | number)[] {
  const cpuUs = (of: readonly TallyRun[]) => of.map(({ cost }) => (cost.cpuSeconds - startCpuSeconds) / count * 1e6);
  return [
    group,
    name,
    range(runs.map((run) => run.wholePerSecond), 1_000),
    range(cpuUs(runs)),
    range(runs.map(({ cost }) => cost.peakRssMib)),
    median(cpuUs(runs)) / median(cpuUs(beside)),
  ];
}
