/**
 * What messages cost: Tally's actors beside nact, XState and no library at all, on the same Deno, in turn.
 *
 *     deno run -A bench/actors/main.ts
 *
 * Every figure is completed work: the receivers' own counts are compared with what was sent. Not measured: contention by
 * other programs, memory, handlers that do real work.
 */
import { systemClock } from "../../src/clock.ts";
import { calibrate } from "../calibration.ts";
import { type Findings, median, publish, range, WrongTotals } from "../report.ts";
import { actorLane, type Lane, rawLane, recordsIn } from "./across_threads.ts";
import { bare } from "./bare.ts";
import { BURST, type Contestant, FAN, WIDTH } from "./contest.ts";
import { nact } from "./nact.ts";
import { ours } from "./ours.ts";
import { xstate } from "./xstate.ts";

const ROUNDS = 5;
const CONTESTS = { tell: 200 * BURST, fanOut: 200 * BURST, ask: 1_000 * WIDTH, pingPong: 100_000 } as const;
const BATCHES = 2_048;

type Contest = keyof typeof CONTESTS;
type Rates = Readonly<Record<Contest, number[]>>;

const NAMES: readonly Contest[] = ["tell", "fanOut", "ask", "pingPong"];

/** All contests, each round of all contestants in turn. */
export async function actors(): Promise<Findings> {
  const calibrationMs: number[] = [];
  await using owned = new AsyncDisposableStack();
  const all = [bare(), ours(), nact(), xstate()].map((each) => owned.use(each));
  const rates = all.map((contestant): [Contestant, Rates] => [
    contestant,
    { tell: [], fanOut: [], ask: [], pingPong: [] },
  ]);
  for (let round = 0; round < ROUNDS; round++) {
    calibrationMs.push(calibrate());
    for (const name of NAMES) {
      for (const [contestant, of] of rates) of[name].push(await rateOf(contestant, name));
    }
  }
  return {
    name: "actors",
    title: "Actors: completed messages, millions a second",
    notes: [
      `Tell and fan-out (${FAN} receivers) in bursts of ${BURST}, each ended by a question; asks ${WIDTH} at a time; ` +
      `${ROUNDS} rounds in turn. Every message was counted by its receiver. XState handles a message before \`send\` ` +
      "returns, in the caller's stack; only Tally's mailboxes are bounded. actor-ts is not to be had from npm.",
    ],
    columns: ["what", "tell", `fan-out to ${FAN}`, "ask", "ping-pong"],
    rows: rates.map(([{ name }, of]) => [name, ...NAMES.map((contest) => range(of[contest], 1e6))]),
    figures: ratios(rates),
    calibrationMs,
  };
}

/** Packed records to a worker thread and back, beside raw messages. */
export async function threads(): Promise<Findings> {
  const calibrationMs: number[] = [];
  await using owned = new AsyncDisposableStack();
  const lanes = [rawLane(), await actorLane()].map((lane): [Lane, number[]] => [owned.use(lane), []]);
  for (let round = 1; round <= ROUNDS; round++) {
    calibrationMs.push(calibrate());
    for (const [lane, rates] of lanes) {
      const fromMs = systemClock.elapsedMs(), counted = await lane.send(BATCHES);
      check(lane.name, counted, recordsIn(BATCHES) * round);
      rates.push(recordsIn(BATCHES) / (systemClock.elapsedMs() - fromMs) * 1_000);
    }
  }
  const [raw = NaN, mine = NaN] = lanes.map(([, rates]) => median(rates));
  return {
    name: "threads",
    title: "Batches across threads: millions of 32-byte records a second",
    notes: [`1,024 records a batch, 16 batches under way, ${ROUNDS} rounds in turn; the worker counted every record.`],
    columns: ["what", "M records/s"],
    rows: lanes.map(([{ name }, rates]) => [name, range(rates, 1e6)]),
    figures: { "records to a worker: Tally against postMessage": mine / raw },
    calibrationMs,
  };
}

async function rateOf(contestant: Contestant, contest: Contest): Promise<number> {
  const count = CONTESTS[contest], fromMs = systemClock.elapsedMs();
  check(`${contest} of ${contestant.name}`, await contestant[contest](count), count);
  return count / (systemClock.elapsedMs() - fromMs) * 1_000;
}

function check(what: string, completed: number, wanted: number): void {
  if (completed !== wanted) throw new WrongTotals(`Cannot trust ${what}: ${completed} completed, not ${wanted}`);
}

function ratios(rates: readonly (readonly [Contestant, Rates])[]): Record<string, number> {
  const [, mine] = rates;
  const figures: Record<string, number> = {};
  for (const [{ name }, of] of rates) {
    if (name === mine?.[0].name) continue;
    for (const contest of NAMES) {
      figures[`${contest}: Tally against ${name}`] = median(mine?.[1][contest] ?? []) / median(of[contest]);
    }
  }
  return figures;
}

if (import.meta.main) {
  for (const findings of [await actors(), await threads()]) await publish(findings, "deno run -A bench/actors/main.ts");
}
