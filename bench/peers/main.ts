/**
 * The same job by everybody, on one topic, each run beside a run of Tally.
 *
 *     deno task bench:peers [--only c,go,…] [--records N] [--rounds N]
 *
 * The job: one-minute windows of event time by category, count, sum, average and frauds. Tally does more (rolling
 * windows, quantiles, distinct customers, regions) and writes points that InfluxDB acknowledges; the peers collect in
 * memory. A peer that fails or has wrong totals gets no row, and the command fails.
 */
import { parseArgs } from "node:util";
import { calibrate } from "../calibration.ts";
import { CommandError, measured } from "../measured_process.ts";
import { type Findings, median, publish, range, WrongTotals } from "../report.ts";
import { Stage } from "../stage.ts";
import { checkSums, ratesOf, runTally, type TallyRun } from "../tally_run.ts";
import type { FilledTopic } from "../topic.ts";
import { type Contender, contenders } from "./contenders.ts";

const WITHIN_MS = 900_000;

/** A peer's run and Tally's beside it. */
interface Round {
  readonly peer: TallyRun;
  readonly tally: TallyRun;
}

/** Runs a peer over the topic. @throws {WrongTotals} (rejects) */
async function runPeer(stage: Stage, topic: FilledTopic, contender: Contender): Promise<TallyRun> {
  const { influx: { url, token, org, bucket } } = stage, { totals } = topic;
  const listener = contender.listen?.(totals.records);
  const cost = await measured({
    command: contender.command,
    env: {
      ...stage.environment(topic.name, { url, token, org, bucket, timeoutMs: WITHIN_MS }),
      RECORDS: `${totals.records}`,
      ...contender.env,
    },
    withinMs: WITHIN_MS,
    ...(listener === undefined ? {} : { onLine: (line, process) => listener.hear(line, process) }),
  });
  const done = (name: string) => Number(cost.done.get(name));
  checkSums(listener?.sums ?? { records: done("records"), amount: done("amount"), fraud: done("fraud") }, totals);
  if (contender.hasEventTime !== false && done("windows") !== totals.windows) {
    throw new WrongTotals(`Cannot trust ${contender.name}: ${done("windows")} windows, not ${totals.windows}`);
  }
  const marks = listener?.marks ?? cost.marks, endedAtMs = marks.at(-1)?.atMs ?? NaN;
  return { cost, ...ratesOf({ marks, endedAtMs }, cost.seconds, totals) };
}

function row(title: string, runs: readonly TallyRun[], rounds: readonly Round[]): string[] {
  const times = (rate: (run: TallyRun) => number) =>
    rounds.length === 0 ? "1" : `${range(rounds.map(({ peer, tally }) => rate(tally) / rate(peer)))} ×`;
  return [
    title,
    range(runs.map((run) => run.steadyPerSecond), 1_000),
    range(runs.map((run) => run.wholePerSecond), 1_000),
    range(runs.map(({ cost }) => cost.cpuSeconds)),
    range(runs.map(({ cost }) => cost.peakRssMib)),
    times((run) => run.steadyPerSecond),
    times((run) => run.wholePerSecond),
    times((run) => 1 / run.cost.cpuSeconds),
  ];
}

/** Where a peer was ahead of Tally beside it, in words. */
function losses(title: string, rounds: readonly Round[]): readonly string[] {
  const figures = [
    ["steady rate", (run: TallyRun) => run.steadyPerSecond],
    ["rate of the whole run", (run: TallyRun) => run.wholePerSecond],
    ["CPU time", (run: TallyRun) => 1 / run.cost.cpuSeconds],
    ["memory", (run: TallyRun) => 1 / run.cost.peakRssMib],
  ] as const;
  return figures.flatMap(([figure, of]) => {
    const ahead = median(rounds.map(({ peer, tally }) => of(peer) / of(tally)));
    return ahead > 1 ? [`${title} wins in ${figure}: ${ahead.toFixed(2)} times as good as Tally.`] : [];
  });
}

function findings(
  topic: FilledTopic,
  results: ReadonlyMap<Contender, readonly Round[]>,
): Omit<Findings, "calibrationMs"> {
  const { totals } = topic, all = [...results];
  const ratios = all.map(([{ name }, rounds]) => [
    `steady rate against ${name}`,
    median(rounds.map(({ peer, tally }) => tally.steadyPerSecond / peer.steadyPerSecond)),
  ]);
  return {
    name: "peers",
    title: "The same job by others",
    notes: [
      `${totals.records.toLocaleString("en")} records of ${(totals.valueBytes / totals.records).toFixed(0)} bytes, ` +
      "12 partitions, broker and store on the same machine; each run of a peer has one of Tally right before it.",
      "Totals of every run are those of the topic. Steady: from the moment a third was counted to the last result " +
      "(Tally: acknowledged by InfluxDB; the others: counted in memory); whole: start to exit of the process.",
      ...all.flatMap(([{ title }, rounds]) => losses(title, rounds)),
    ],
    columns: [
      "what",
      "steady, k/s",
      "whole run, k/s",
      "CPU s",
      "RSS MiB",
      "Tally: steady",
      "Tally: whole",
      "Tally: CPU",
    ],
    rows: [
      row("Tally", all.flatMap(([, rounds]) => rounds.map(({ tally }) => tally)), []),
      ...all.map(([{ title }, rounds]) => row(title, rounds.map(({ peer }) => peer), rounds)),
    ],
    figures: Object.fromEntries(ratios),
  };
}

/** The run, or undefined when the peer failed; the command fails then, at its end. */
async function orFailure(run: Promise<TallyRun>): Promise<TallyRun | undefined> {
  try {
    return await run;
  } catch (error) {
    if (!(error instanceof WrongTotals || error instanceof CommandError)) throw error;
    console.error(error.message);
    Deno.exitCode = 1;
    return undefined;
  }
}

const all = contenders();
const { values } = parseArgs({
  options: {
    only: { type: "string", default: all.map(({ name }) => name).join(",") },
    records: { type: "string", default: "6000000" },
    rounds: { type: "string", default: "2" },
  },
});
const chosen = values.only.split(",").map((name) => {
  const found = all.find((contender) => contender.name === name);
  if (found === undefined) throw new RangeError(`Cannot compare ${name}: known are ${all.map((each) => each.name)}`);
  return found;
});
await using stage = await Stage.open();
const topic = await stage.topic({ records: Number(values.records) });
const results = new Map<Contender, Round[]>(chosen.map((contender) => [contender, []]));
const calibrationMs: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [contender, rounds] of results) {
    calibrationMs.push(calibrate());
    const tally = await runTally(stage, topic), peer = await orFailure(runPeer(stage, topic, contender));
    if (peer === undefined) results.delete(contender);
    else rounds.push({ tally, peer });
    const shown = [tally, peer].map((run) =>
      run === undefined ? "failed" : `${Math.round(run.wholePerSecond / 1_000)} k/s`
    );
    console.log(`round ${round + 1}: ${contender.name} ${shown[1]}, Tally ${shown[0]} (whole run)`);
  }
}
const command = `deno task bench:peers --only ${values.only} --records ${values.records} --rounds ${values.rounds}`;
await publish({ ...findings(topic, results), calibrationMs }, command);
