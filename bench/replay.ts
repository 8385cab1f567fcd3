/**
 * Replay after `kill -9`: how fast a new process rebuilds its windows from the log.
 *
 * A process counts a topic to its end and is killed; a thousand events more are appended; a second process, a static
 * member of the group, starts. Its replay is over at the first flush that is acknowledged: nothing is written before.
 * The baseline is an undisturbed run over the same topic. At the end the store must hold every event exactly once.
 */
import { systemClock } from "../src/clock.ts";
import { KafkaSource } from "../src/kafka/kafka_source.ts";
import { decodeCheckpoint } from "../src/stream/checkpoint.ts";
import type { Ledger } from "../src/stream/ledger.ts";
import { calibrate } from "./calibration.ts";
import type { BenchOptions } from "./end_to_end.ts";
import { follow, until } from "./following.ts";
import { type Findings, median, range } from "./report.ts";
import type { Stage } from "./stage.ts";
import { checkPoints, ROOT, runTally, tally } from "./tally_run.ts";
import { type FilledTopic, fillTopic } from "./topic.ts";

/** What a restart took. */
interface Replay {
  readonly records: number;
  /** From the start of the process to its first acknowledged flush. */
  readonly seconds: number;
}

const MORE = 1_000, WITHIN_MS = 300_000, PATIENCE_MS = 120_000;

/** Kills and restarts, beside undisturbed runs. */
export async function replay(stage: Stage, { records, rounds }: BenchOptions): Promise<Findings> {
  const calibrationMs: number[] = [], whole: number[] = [], replays: Replay[] = [];
  for (let round = 0; round < rounds; round++) {
    calibrationMs.push(calibrate());
    // A topic of its own: the restart appends to it, and what must be replayed depends on how old its events are.
    const topic = await fillTopic(stage.brokers, stage.freshName("topic"), { records });
    whole.push((await runTally(stage, topic)).wholePerSecond);
    replays.push(await replayOf(stage, topic));
    await stage.drop(topic);
  }
  const rates = replays.map((each) => each.records / each.seconds);
  return {
    name: "replay",
    title: "Replay after kill -9",
    notes: [
      `${
        records.toLocaleString("en")
      } records, rounds: ${rounds}; the store held every event exactly once at the end. ` +
      "Replayed are the events that a window, its zero fill and lateness can still need.",
      "Seconds from the start of the new process to its first acknowledged flush: start-up, join and flush included.",
    ],
    columns: ["what", "records", "seconds", "k/s"],
    rows: [
      [
        "baseline: a whole run from the start of the topic",
        records,
        range(whole.map((rate) => records / rate)),
        range(whole, 1_000),
      ],
      [
        "replay",
        range(replays.map((each) => each.records)),
        range(replays.map((each) => each.seconds)),
        range(rates, 1_000),
      ],
    ],
    figures: { "replay rate against a whole run": median(rates) / median(whole) },
    calibrationMs,
  };
}

async function replayOf(stage: Stage, topic: FilledTopic): Promise<Replay> {
  await using database = await stage.database();
  const env = {
    ...stage.environment(topic.name, database.config),
    KAFKA_INSTANCE_ID: "bench",
    KAFKA_SESSION_TIMEOUT: "6s",
  };
  const command = { command: tally("run"), env, cwd: ROOT, withinMs: WITHIN_MS };
  {
    await using first = follow(command);
    const url = await first.url;
    await until("the topic counted", PATIENCE_MS, async () => (await countedBy(url)) >= topic.totals.records);
    await first.end("SIGKILL");
  }
  const records = await toReplay(stage, env);
  const more = await fillTopic(stage.brokers, topic.name, { records: MORE, ratePerSecond: MORE });
  const fromMs = systemClock.elapsedMs();
  await using second = follow(command);
  const url = await second.url;
  await until("the first flush", PATIENCE_MS, async () => (await flushesOf(url)) > 0);
  const seconds = (systemClock.elapsedMs() - fromMs) / 1_000;
  const wanted = sumOf(topic, more);
  await until("the rest counted", PATIENCE_MS, async () => (await countedBy(url)) >= wanted.records);
  await second.end("SIGINT");
  await checkPoints(database.config, wanted);
  return { records, seconds };
}

function sumOf({ totals: one }: FilledTopic, { totals: other }: FilledTopic): FilledTopic["totals"] {
  return {
    records: one.records + other.records,
    amount: one.amount + other.amount,
    fraud: one.fraud + other.fraud,
    windows: one.windows + other.windows,
    valueBytes: one.valueBytes + other.valueBytes,
  };
}

/** Records between where a replay starts and the position committed. */
async function toReplay(stage: Stage, env: Readonly<Record<string, string>>): Promise<number> {
  const { KAFKA_TOPIC: topic = "", KAFKA_GROUP_ID: groupId = "" } = env;
  const config = {
    brokers: stage.brokers,
    ssl: false,
    clientId: "tally-bench",
    topic,
    groupId,
    sessionTimeoutMs: 6_000,
  };
  await using source = await KafkaSource.open(config, { clock: systemClock });
  const { partitions } = await source.describe();
  const committed = await source.committed(partitions.map(({ partition }) => partition));
  let records = 0;
  for (const { position, metadata } of committed.values()) {
    records += position - (decodeCheckpoint(metadata)?.offset ?? position);
  }
  return records;
}

async function countedBy(url: string): Promise<number> {
  const ledger: Ledger = await (await fetch(`${url}/api/ledger`)).json();
  return ledger.total.counted;
}

async function flushesOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^tally_flushes_total (\d+)/m.exec(text)?.[1] ?? 0);
}
