/**
 * From a topic in Kafka to acknowledged points in InfluxDB, beside the same client draining the same topic and doing
 * nothing, run in turn.
 *
 * CPU per record is that of whole processes less that of the same process on an empty topic, so that starting up does
 * not count. Not measured: CPU of broker and store, several processes, a topic that grows while it is read.
 */
import { calibrate } from "./calibration.ts";
import { type Cost, measured } from "./measured_process.ts";
import { type Findings, median, range } from "./report.ts";
import type { Stage } from "./stage.ts";
import { checkSums, ratesOf, ROOT, runTally, type TallyRun } from "./tally_run.ts";
import type { FilledTopic } from "./topic.ts";

/** How much to measure. */
export interface BenchOptions {
  /** Records of the topic. */
  readonly records: number;
  readonly rounds: number;
}

/** The clients that `drain.ts` knows. */
export const CLIENTS = ["tally", "platformatic", "kafkajs"] as const;

const EMPTY = { records: 0 };
const WITHIN_MS = 600_000;

/** Runs drain and program in turn. */
export async function endToEnd(stage: Stage, { records, rounds }: BenchOptions): Promise<Findings> {
  const topic = await stage.topic({ records }), empty = await stage.topic(EMPTY);
  const idle = { drain: await runDrain(stage, empty, "tally"), tally: await runTally(stage, empty) };
  const drains: TallyRun[] = [], runs: TallyRun[] = [], calibrationMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    calibrationMs.push(calibrate());
    drains.push(await runDrain(stage, topic, "tally"));
    runs.push(await runTally(stage, topic));
  }
  calibrationMs.push(calibrate());
  const perRecordUs = (of: readonly TallyRun[], start: TallyRun) =>
    of.map(({ cost }) => (cost.cpuSeconds - start.cost.cpuSeconds) / records * 1e6);
  const drainUs = median(perRecordUs(drains, idle.drain)), runUs = median(perRecordUs(runs, idle.tally));
  const rate = median(runs.map((run) => run.wholePerSecond));
  return {
    name: "end_to_end",
    title: "End to end: Kafka → windows → acknowledged points in InfluxDB",
    notes: [
      `${records.toLocaleString("en")} records of ${
        bytesOf(topic)
      } bytes, 12 partitions, in turn, rounds: ${rounds}; ` +
      "totals of ledger and store are those of the topic in every run.",
      "Steady: from the moment a third was counted to the last acknowledgement; whole: start to exit of the process.",
    ],
    columns: ["what", "steady, k/s", "whole run, k/s", "CPU s per M", "CPU µs per record, without start", "RSS MiB"],
    rows: [
      row("drain: the same client, doing nothing", drains, perRecordUs(drains, idle.drain)),
      row("tally run --until-caught-up", runs, perRecordUs(runs, idle.tally)),
    ],
    figures: {
      "CPU µs per record over the drain": runUs - drainUs,
      "whole run, share of the drain's rate": rate / median(drains.map((run) => run.wholePerSecond)),
      "CPU s to start and end on an empty topic": idle.tally.cost.cpuSeconds,
    },
    calibrationMs,
  };
}

/** The three clients draining one topic in turn. */
export async function clients(stage: Stage, { records, rounds }: BenchOptions): Promise<Findings> {
  const topic = await stage.topic({ records }), calibrationMs: number[] = [];
  const runs = new Map<string, TallyRun[]>(CLIENTS.map((client) => [client, []]));
  for (let round = 0; round < rounds; round++) {
    calibrationMs.push(calibrate());
    for (const client of CLIENTS) runs.get(client)?.push(await runDrain(stage, topic, client));
  }
  const rateOf = (client: string) => median(runs.get(client)?.map((run) => run.wholePerSecond) ?? []);
  return {
    name: "clients",
    title: "Clients draining a topic and doing nothing",
    notes: [
      `${records.toLocaleString("en")} records of ${
        bytesOf(topic)
      } bytes, 12 partitions, in turn, rounds: ${rounds}; ` +
      "each has counted every record. tally: record batches as bytes; kafkajs: eachBatch; platformatic: its Consumer.",
    ],
    columns: ["client", "steady, k/s", "whole run, k/s", "CPU s per M", "RSS MiB"],
    rows: [...runs].map(([client, of]) => row(client, of)),
    figures: {
      "tally against kafkajs": rateOf("tally") / rateOf("kafkajs"),
      "tally against platformatic": rateOf("tally") / rateOf("platformatic"),
    },
    calibrationMs,
  };
}

/** Drains the topic by a client in a process of its own. @throws {WrongTotals} (rejects) */
async function runDrain(stage: Stage, topic: FilledTopic, client: typeof CLIENTS[number]): Promise<TallyRun> {
  const { influx: { url, token, org, bucket } } = stage, { records } = topic.totals;
  const cost: Cost = await measured({
    command: [Deno.execPath(), "run", "-A", "bench/drain.ts", client, `${records}`],
    env: stage.environment(topic.name, { url, token, org, bucket, timeoutMs: WITHIN_MS }),
    cwd: ROOT,
    withinMs: WITHIN_MS,
  });
  checkSums({ ...topic.totals, records: Number(cost.done.get("records")) }, topic.totals);
  return { cost, ...ratesOf({ ...cost, endedAtMs: cost.marks.at(-1)?.atMs ?? NaN }, cost.seconds, topic.totals) };
}

function row(name: string, runs: readonly TallyRun[], perRecordUs?: readonly number[]): string[] {
  const records = runs.map(({ wholePerSecond, cost }) => wholePerSecond * cost.seconds);
  return [
    name,
    range(runs.map((run) => run.steadyPerSecond), 1_000),
    range(runs.map((run) => run.wholePerSecond), 1_000),
    range(runs.map(({ cost }, at) => cost.cpuSeconds / (records[at] ?? NaN) * 1e6)),
    ...(perRecordUs === undefined ? [] : [range(perRecordUs)]),
    range(runs.map(({ cost }) => cost.peakRssMib)),
  ];
}

function bytesOf({ totals }: FilledTopic): string {
  return (totals.valueBytes / totals.records).toFixed(0);
}
