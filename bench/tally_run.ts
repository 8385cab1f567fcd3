/**
 * One run of the program over a whole topic: `tally run --until-caught-up`, measured from outside, its totals checked.
 *
 * Records count as done when the store has acknowledged their points and the group its commit: that is what the ledger
 * of the running program tells, which is asked for while it runs.
 */
import { fileURLToPath } from "node:url";
import settings from "../deno.json" with { type: "json" };
import { sleep, systemClock } from "../src/clock.ts";
import type { InfluxConfig } from "../src/influx/influx_config.ts";
import type { Ledger } from "../src/stream/ledger.ts";
import { type Cost, type Mark, measured, type RunningProcess } from "./measured_process.ts";
import { WrongTotals } from "./report.ts";
import { firstRow, type Stage } from "./stage.ts";
import type { FilledTopic, TopicTotals } from "./topic.ts";

/** Rates of a run over a whole topic. */
export interface Rates {
  /** Records a second from the moment a third had been counted to the last result; NaN when too few looks were had. */
  readonly steadyPerSecond: number;
  /** Records a second from the start of the process to its exit. */
  readonly wholePerSecond: number;
}

/** A measured run. */
export interface TallyRun extends Rates {
  readonly cost: Cost;
}

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The command behind `deno task run` or `deno task produce`, as users start it. */
export function tally(task: "run" | "produce"): readonly string[] {
  return [Deno.execPath(), ...settings.tasks[task].command.split(" ").slice(1)];
}

const POLL_MS = 40;
const WITHIN_MS = 600_000;

/** Runs the program over the topic, into a database of its own. @throws {WrongTotals} (rejects) */
export async function runTally(
  stage: Stage,
  topic: FilledTopic,
  settings: Readonly<Record<string, string>> = {},
): Promise<TallyRun> {
  await using database = await stage.database();
  const env = { ...stage.environment(topic.name, database.config), ...settings };
  const seen = new Seen();
  const cost = await measured({
    command: [...tally("run"), "--until-caught-up"],
    env,
    cwd: ROOT,
    withinMs: WITHIN_MS,
    onLine: (line, process) => seen.hear(line, process),
  });
  await seen.polled;
  checkLedger(seen.ledger, topic.totals);
  await checkPoints(database.config, topic.totals);
  return { cost, ...ratesOf({ ...cost, marks: seen.marks, endedAtMs: seen.ledgerAtMs }, cost.seconds, topic.totals) };
}

/** Rates from marks. @param run its marks and when its last result was there */
export function ratesOf(
  { marks, endedAtMs }: { readonly marks: readonly Mark[]; readonly endedAtMs: number },
  seconds: number,
  { records }: TopicTotals,
): Rates {
  const third = marks.find((mark) => mark.records >= records / 3);
  const steadyMs = endedAtMs - (third?.atMs ?? NaN), steady = records - (third?.records ?? NaN);
  return { steadyPerSecond: steady > 0 ? steady / steadyMs * 1_000 : NaN, wholePerSecond: records / seconds };
}

/** Throws unless the ledger has every record as counted. */
export function checkLedger(ledger: Ledger | undefined, { records }: TopicTotals): void {
  if (ledger === undefined) throw new WrongTotals("Cannot trust the run: it printed no ledger");
  const { counted, late, future, invalid, skipped } = ledger.total;
  if (counted !== records || late + future + invalid + skipped !== 0) {
    throw new WrongTotals(`Cannot trust the run: of ${records} records its ledger has ${JSON.stringify(ledger.total)}`);
  }
}

/** Throws unless the points in the store add up to the topic. */
export async function checkPoints(database: InfluxConfig, totals: TopicTotals): Promise<void> {
  const row = await firstRow(
    database,
    "SELECT SUM(transaction_count) AS records, SUM(amount_sum) AS amount, SUM(fraud_count) AS fraud FROM transactions_total",
  );
  const sum = (name: string) => Number(row[name] ?? 0);
  checkSums({ records: sum("records"), amount: sum("amount"), fraud: sum("fraud") }, totals);
}

/** Throws unless sums are those of the topic; amounts to the cent. */
export function checkSums(
  sums: { readonly records: number; readonly amount: number; readonly fraud: number },
  totals: TopicTotals,
): void {
  const { records, amount, fraud } = totals;
  const agrees = sums.records === records && sums.fraud === fraud && Math.abs(sums.amount - amount) < 0.005;
  if (!agrees) {
    throw new WrongTotals(`Cannot trust the run: it counted ${JSON.stringify(sums)}, not ${JSON.stringify(totals)}`);
  }
}

/** What the run says and shows while it runs. */
class Seen {
  readonly marks: Mark[] = [];
  ledger: Ledger | undefined;
  ledgerAtMs = NaN;
  polled: Promise<void> = Promise.resolve();
  #isPolling = false;

  hear(line: string, process: RunningProcess): void {
    if (line.startsWith('{"partitions":')) {
      this.ledger = JSON.parse(line);
      this.ledgerAtMs = systemClock.nowMs();
      return;
    }
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (url === undefined || this.#isPolling) return;
    this.#isPolling = true;
    this.polled = this.#poll(url, process.ended);
  }

  async #poll(url: string, ended: AbortSignal): Promise<void> {
    while (!ended.aborted && this.ledger === undefined) {
      const records = await countedAt(url);
      const isNews = records !== undefined && records > (this.marks.at(-1)?.records ?? 0);
      if (isNews) this.marks.push({ records, atMs: systemClock.nowMs() });
      await sleep(systemClock, POLL_MS, ended);
    }
  }
}

/** Records whose points have been acknowledged; undefined when the program does not answer. */
async function countedAt(url: string): Promise<number | undefined> {
  try {
    const ledger: Ledger = await (await fetch(`${url}/api/ledger`)).json();
    return ledger.total.counted;
  } catch {
    // It has ended, or is about to.
    return undefined;
  }
}
