/**
 * How fast `tally produce` fills a topic of a real Kafka, beside the same records sent by kafkajs and beside the generator
 * alone; and whether `--rate` keeps its rate.
 *
 * The topic's ends must add up to what was sent. Not measured: files (their readers are tested, not timed), TLS.
 */
import { systemClock } from "../src/clock.ts";
import { KafkaAdmin } from "../src/kafka/kafka_admin.ts";
import { KafkaProducer } from "../src/kafka/kafka_producer.ts";
import type { LogProducer } from "../src/stream/log_producer.ts";
import { TransactionGenerator } from "../src/produce/generator.ts";
import { produce as run } from "../src/produce/run.ts";
import { calibrate } from "./calibration.ts";
import type { BenchOptions } from "./end_to_end.ts";
import { measured } from "./measured_process.ts";
import { type Findings, median, range, WrongTotals } from "./report.ts";
import type { Stage } from "./stage.ts";
import { ROOT, tally } from "./tally_run.ts";

/** One way to send records; both in units a second of wall and CPU time. */
interface Sent {
  readonly perSecond: number;
  readonly cpuUs: number;
}

const KAFKAJS_AT_MOST = 200_000, RECORDS_AT_MOST = 2_000_000, WITHIN_MS = 300_000;
const RATES = [1_000, 20_000, 50_000], RATE_SECONDS = 10;

/** Full speed, then three rates. */
export async function produce(stage: Stage, { records, rounds }: BenchOptions): Promise<Findings> {
  const count = Math.min(records, RECORDS_AT_MOST), calibrationMs: number[] = [];
  const generated: number[] = [], byKafkajs: number[] = [], byTally: Sent[] = [];
  for (let round = 0; round < rounds; round++) {
    calibrationMs.push(calibrate());
    generated.push(await inProcess(nowhere, count));
    byKafkajs.push(await sendByKafkajs(stage, Math.min(count, KAFKAJS_AT_MOST)));
    byTally.push(await sendByTally(stage, count, ["--rate", "20000", "--speed", "max"]));
  }
  const kept = [];
  for (const rate of RATES) {
    const sent = await sendByTally(stage, rate * RATE_SECONDS, ["--rate", `${rate}`]);
    kept.push({ rate, ...sent });
  }
  const perSecond = byTally.map((sent) => sent.perSecond);
  return {
    name: "produce",
    title: "Producer: generated transactions into Kafka",
    notes: [
      `${
        count.toLocaleString("en")
      } transactions from one process, in turn, rounds: ${rounds}; the topic's ends add up to ` +
      `what was sent. Rates for ${RATE_SECONDS} s.`,
    ],
    columns: ["what", "k/s", "CPU µs per record", "against the rate asked for"],
    rows: [
      ["baseline: generated and dropped", range(generated, 1_000), "–", "–"],
      ["baseline: kafkajs", range(byKafkajs, 1_000), "–", "–"],
      ["tally produce --speed max", range(perSecond, 1_000), range(byTally.map(({ cpuUs }) => cpuUs)), "–"],
      ...kept.map((each) => [
        `tally produce --rate ${each.rate}`,
        range([each.perSecond], 1_000),
        range([each.cpuUs]),
        `${(each.perSecond / each.rate * 100).toFixed(2)} %`,
      ]),
    ],
    figures: {
      "produced per second": median(perSecond),
      "tally produce against kafkajs": median(perSecond) / median(byKafkajs),
      "farthest from the rate asked for, %": Math.max(
        ...kept.map((each) => Math.abs(each.perSecond / each.rate - 1) * 100),
      ),
    },
    calibrationMs,
  };
}

const nowhere: LogProducer = { send: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() };

/** Records a second by a producer in this process. */
async function inProcess(producer: LogProducer, count: number): Promise<number> {
  const records = new TransactionGenerator({ seed: 1, startMs: 1_700_000_000_000, ratePerSecond: 20_000 });
  const { sent, ratePerSecond } = await run({ records, producer, clock: systemClock, speed: Infinity, count });
  if (sent !== count) throw new WrongTotals(`Cannot trust the producer: ${sent} sent, not ${count}`);
  return ratePerSecond;
}

async function sendByKafkajs(stage: Stage, count: number): Promise<number> {
  const topic = await stage.emptyTopic();
  await using producer = new KafkaProducer({ brokers: stage.brokers, ssl: false, clientId: "tally-bench" }, topic.name);
  const perSecond = await inProcess(producer, count);
  await checkEnds(stage, topic.name, count);
  await stage.drop(topic);
  return perSecond;
}

async function sendByTally(stage: Stage, count: number, flags: readonly string[]): Promise<Sent> {
  const topic = await stage.emptyTopic(), { url, token, org, bucket } = stage.influx;
  const { tail, cpuSeconds } = await measured({
    command: [...tally("produce"), "--count", `${count}`, "--seed", "1", ...flags],
    env: stage.environment(topic.name, { url, token, org, bucket, timeoutMs: WITHIN_MS }),
    cwd: ROOT,
    withinMs: WITHIN_MS,
  });
  await checkEnds(stage, topic.name, count);
  await stage.drop(topic);
  const summary = tail.find((line) => line.startsWith('{"sent":'));
  const { sent, seconds }: { sent: number; seconds: number } = JSON.parse(summary ?? "{}");
  return { perSecond: sent / seconds, cpuUs: cpuSeconds / count * 1e6 };
}

async function checkEnds(stage: Stage, topic: string, count: number): Promise<void> {
  await using admin = new KafkaAdmin({ brokers: stage.brokers, ssl: false, clientId: "tally-bench" }, systemClock);
  const found = await admin.describe(topic);
  const there = found?.partitions.reduce((sum, { end }) => sum + end, 0);
  if (there !== count) throw new WrongTotals(`Cannot trust the producer: ${there} records are there, not ${count}`);
}
