/**
 * From event time to the point that counts the event: readable in InfluxDB by a query, and on the page's event stream.
 *
 * Events are generated and sent at their event time by this process; queries ask one after another all the time. Spark
 * and Kafka Streams stand beside at 1,000 events/s, if they are installed. Not measured: browsers, several brokers.
 */
import { sleep, systemClock } from "../src/clock.ts";
import type { InfluxConfig } from "../src/influx/influx_config.ts";
import { KafkaBatchProducer } from "../src/kafka/kafka_batch_producer.ts";
import { TransactionGenerator } from "../src/produce/generator.ts";
import { produce } from "../src/produce/run.ts";
import type { TimedRecord } from "../src/produce/timed_record.ts";
import type { Ledger } from "../src/stream/ledger.ts";
import { calibrate } from "./calibration.ts";
import { follow, until } from "./following.ts";
import { Lag, type LagSummary } from "./lag.ts";
import { contenders, isInstalled } from "./peers/contenders.ts";
import { type Cell, type Findings, WrongTotals } from "./report.ts";
import { firstRow, type Stage } from "./stage.ts";
import { ROOT, tally } from "./tally_run.ts";

/** What is watched, and how it is asked. */
interface Subject {
  readonly title: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly query: string;
  readonly hasPage: boolean;
}

/** When what is sent counts: known once the first event has been seen. */
interface Period {
  /** Wall ms. */
  fromMs: number;
  endMs: number;
}

/** Latencies of a run. */
interface Latency {
  readonly store: LagSummary;
  readonly page: LagSummary | undefined;
}

const RATES = [100, 1_000, 20_000], FLUSHES = ["1s", "100ms"], PEER_RATE = 1_000;
/** Events are sent from the start; those that count begin so long after the first was seen. */
const WARM_UP_MS = 10_000, MEASURED_MS = 30_000;
const PATIENCE_MS = 180_000, SETTLE_MS = 60_000, WITHIN_MS = 400_000;
const POLL_MS = 10;
const SEED = 7;
const PEERS: readonly string[] = ["kstreams", "spark35", "spark41"];

/** Tally at three rates and two flush intervals, then the peers. */
export async function latency(stage: Stage): Promise<Findings> {
  const rows: Cell[][] = [], calibrationMs: number[] = [];
  const figures: Record<string, number> = {};
  const add = async (subject: Subject, rate: number) => {
    calibrationMs.push(calibrate());
    const { store, page } = await latencyOf(stage, subject, rate);
    const cells = (lag: LagSummary | undefined) => lag === undefined ? ["–", "–", "–"] : [lag.p50, lag.p99, lag.max];
    rows.push([subject.title, rate, ...cells(store), ...cells(page)]);
    figures[`p99 to a readable point, ms: ${subject.title}, ${rate} events/s`] = store.p99;
  };
  for (const rate of RATES) for (const flush of FLUSHES) await add(tallyWith(flush), rate);
  for (const subject of peers()) await orFailure(add(subject, PEER_RATE));
  return {
    name: "latency",
    title: "Latency: event time → readable point, → page",
    notes: [
      `${MEASURED_MS / 1_000} s each after a warm-up; ms. Every event sent was readable at the end. ` +
      "The page's stream coalesces to four updates a second.",
      "The peers write updates of one-minute windows to the same InfluxDB: Kafka Streams commits every second, Spark " +
      "starts the next micro-batch at once.",
    ],
    columns: ["what", "events/s", "store p50", "p99", "max", "page p50", "p99", "max"],
    rows,
    figures,
    calibrationMs,
  };
}

/** A peer that fails gets no row, and the command fails at its end. */
async function orFailure(run: Promise<void>): Promise<void> {
  try {
    await run;
  } catch (error) {
    if (!(error instanceof WrongTotals)) throw error;
    console.error(error.message);
    Deno.exitCode = 1;
  }
}

function tallyWith(flush: string): Subject {
  return {
    title: `Tally, flush ${flush}`,
    command: tally("run"),
    env: { TALLY_FLUSH: flush },
    query: "SELECT SUM(transaction_count) AS records FROM transactions_total",
    hasPage: true,
  };
}

function peers(): readonly Subject[] {
  return contenders("live").filter((each) => PEERS.includes(each.name) && isInstalled(each)).map((peer) => ({
    title: peer.title,
    command: peer.command,
    env: peer.env ?? {},
    query: 'SELECT SUM("count") AS records FROM windows',
    hasPage: false,
  }));
}

/** @throws {WrongTotals} (rejects) when not every event can be seen at the end */
async function latencyOf(stage: Stage, subject: Subject, rate: number): Promise<Latency> {
  const topic = await stage.emptyTopic();
  await using database = await stage.database();
  const env = { ...stage.environment(topic.name, database.config), ...subject.env };
  await using following = follow({ command: subject.command, env, cwd: ROOT, withinMs: WITHIN_MS });
  const url = subject.hasPage ? await following.url : undefined;
  const timesMs: number[] = [], done = new AbortController();
  const period: Period = { fromMs: Infinity, endMs: systemClock.nowMs() + PATIENCE_MS };
  const store = new Lag(timesMs), page = new Lag(timesMs);
  const asked = { database: database.config, query: subject.query };
  const watching = [watchStore(store, { ...asked, period }, done.signal)];
  if (url !== undefined) watching.push(watchPage(page, url, done.signal));
  try {
    await send(stage, { topic: topic.name, rate, period }, timesMs);
    const isAllSeen = () =>
      [store, ...(url === undefined ? [] : [page])].every((lag) => lag.seenCount === timesMs.length);
    await until("all events", SETTLE_MS, isAllSeen).catch((cause: unknown) => {
      const seen = `${store.seenCount} of ${timesMs.length} events were readable, ${page.seenCount} on the page`;
      throw new WrongTotals(`Cannot trust the latency of ${subject.title}: ${seen}`, { cause });
    });
  } finally {
    done.abort();
    await Promise.all(watching);
    await following.end(url === undefined ? "SIGKILL" : "SIGINT");
    await stage.drop(topic);
  }
  return { store: store.summary(period.fromMs), page: url === undefined ? undefined : page.summary(period.fromMs) };
}

interface Sending {
  readonly topic: string;
  readonly rate: number;
  readonly period: Period;
}

/** Sends generated events, each at its time, and notes those times. */
async function send(stage: Stage, { topic, rate, period }: Sending, timesMs: number[]): Promise<void> {
  const access = { brokers: stage.brokers, ssl: false, clientId: "tally-bench" };
  await using producer = await KafkaBatchProducer.open(access, topic, systemClock);
  const originMs = Math.ceil(systemClock.nowMs());
  const generator = new TransactionGenerator({ seed: SEED, startMs: originMs, ratePerSecond: rate });
  function* noted(): Generator<TimedRecord, void> {
    for (const record of generator) {
      if (record.atMs >= period.endMs) return;
      timesMs.push(record.atMs);
      yield record;
    }
  }
  await produce({ records: noted(), producer, clock: systemClock, speed: 1, originMs });
}

/** Asks the store again and again. */
async function watchStore(
  lag: Lag,
  { database, query, period }: { readonly database: InfluxConfig; readonly query: string; readonly period: Period },
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted) {
    const row = await firstRow(database, query);
    const nowMs = systemClock.nowMs();
    lag.saw(Number(row["records"] ?? 0), nowMs);
    if (lag.seenCount > 0 && period.fromMs === Infinity) {
      period.fromMs = nowMs + WARM_UP_MS;
      period.endMs = period.fromMs + MEASURED_MS;
    }
    await sleep(systemClock, POLL_MS, ended);
  }
}

/** Reads the page's event stream. */
async function watchPage(lag: Lag, url: string, ended: AbortSignal): Promise<void> {
  try {
    const response = await fetch(`${url}/events`, { signal: ended });
    const text = response.body?.pipeThrough(new TextDecoderStream()) ?? [];
    let rest = "";
    for await (const chunk of text) {
      const frames = (rest + chunk).split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) lag.saw(countedIn(frame), systemClock.nowMs());
    }
  } catch (error) {
    if (!ended.aborted) throw error;
  }
}

/** Records counted when an event of the stream was sent; 0 for a sign of life. */
function countedIn(frame: string): number {
  const [, data] = /^data: (.*)$/m.exec(frame) ?? [];
  if (data === undefined) return 0;
  const { ledger }: { readonly ledger: Ledger } = JSON.parse(data);
  return ledger.total.counted;
}
