/**
 * Ratios of speeds that must not fall: the machine's own speed cancels out, so the guard holds anywhere.
 *
 *     deno task bench:guard [--save]
 *
 * Each ratio is the median, over rounds, of the baseline's CPU time divided by ours, both for the same work and measured
 * one right after the other. It fails when one has fallen by more than a third against `guard_baseline.json`, which
 * `--save` writes. Every round checks its counts.
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { actor, system } from "../src/actor/mod.ts";
import { systemClock, systemRandom } from "../src/clock.ts";
import { median, tableOf, WrongTotals } from "./report.ts";
import { copyAll, decodeAll, recordBatches, tallyAll } from "./workload.ts";

/** One ratio: the same number of steps by a baseline and by us, repeated so often that both take milliseconds. */
interface Pair {
  readonly name: string;
  readonly steps: number;
  /** Both return how many steps they have completed. */
  readonly baseline: { readonly repeat: number; run(): number | Promise<number> };
  readonly ours: { readonly repeat: number; run(): number | Promise<number> };
}

const ROUNDS = 101;
const WARM_ROUNDS = 5;
const MAY_FALL_TO = 2 / 3;
const RECORDS = 16_384;
const TELLS = 40_960;
const BURST = 2_048;
const BASELINE = fileURLToPath(new URL("guard_baseline.json", import.meta.url));

const adder = actor({
  name: "adder",
  init: () => ({ count: 0, sum: 0 }),
  on: {
    add(state, amount: number) {
      state.count++;
      state.sum += amount;
    },
    /** How many there were since the last question. */
    counted(state) {
      const { count } = state;
      state.count = 0;
      return count;
    },
  },
});

/** Bytes in memory to windows, and to rows, beside a copy of the same bytes. */
function batchPairs(): readonly Pair[] {
  const batches = recordBatches(RECORDS, RECORDS / 4);
  const bytes = batches.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const target = new Uint8Array(Math.max(...batches.map(({ byteLength }) => byteLength)));
  const copy = { repeat: 32, run: () => copyAll(batches, target) === bytes ? RECORDS : 0 };
  return [
    {
      name: "pipeline: batches → windows, against a copy of the bytes",
      steps: RECORDS,
      baseline: copy,
      ours: { repeat: 1, run: () => tallyAll(batches) },
    },
    {
      name: "decode: batches → rows, against a copy of the bytes",
      steps: RECORDS,
      baseline: copy,
      ours: { repeat: 1, run: () => decodeAll(batches) },
    },
  ];
}

/** A told message beside one drained from an array. */
async function tellPair(owned: AsyncDisposableStack): Promise<Pair> {
  const running = owned.use(system({ clock: systemClock, random: systemRandom }));
  const ref = await running.spawn(adder, { id: "adder", args: undefined });
  const tellAll = async () => {
    let counted = 0;
    for (let sent = 0; sent < TELLS;) {
      for (const end = sent + BURST; sent < end; sent++) ref.tell("add", 1);
      counted += await ref.ask("counted", { withinMs: 60_000 });
    }
    return counted;
  };
  return {
    name: "tell: messages to an actor, against a loop over an array",
    steps: TELLS,
    baseline: { repeat: 8, run: bareLoop },
    ours: { repeat: 1, run: tellAll },
  };
}

function bareLoop(): number {
  const ring = new Array<{ readonly amount: number } | undefined>(BURST);
  let sum = 0;
  for (let sent = 0; sent < TELLS; sent += BURST) {
    for (let each = 0; each < BURST; each++) ring[each] = { amount: 1 };
    for (let each = 0; each < BURST; each++) sum += ring[each]?.amount ?? 0;
  }
  return sum;
}

/** CPU µs of one run. @throws {WrongTotals} (rejects) */
async function cpuUs({ name, steps }: Pair, { repeat, run }: Pair["ours"]): Promise<number> {
  const before = process.cpuUsage();
  for (let each = 0; each < repeat; each++) {
    const done = await run();
    if (done !== steps) throw new WrongTotals(`Cannot trust ${name}: ${done} steps completed, not ${steps}`);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / repeat;
}

/** What the rounds found of a pair. */
interface Ratio {
  readonly name: string;
  readonly ratio: number;
  readonly baselineNs: number;
  readonly oursNs: number;
}

async function ratioOf(pair: Pair): Promise<Ratio> {
  const rounds: { readonly baselineUs: number; readonly oursUs: number }[] = [];
  for (let round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
    const baselineUs = await cpuUs(pair, pair.baseline), oursUs = await cpuUs(pair, pair.ours);
    if (round >= WARM_ROUNDS) rounds.push({ baselineUs, oursUs });
  }
  const perStepNs = (us: readonly number[]) => median(us) / pair.steps * 1_000;
  return {
    name: pair.name,
    ratio: median(rounds.map(({ baselineUs, oursUs }) => baselineUs / oursUs)),
    baselineNs: perStepNs(rounds.map(({ baselineUs }) => baselineUs)),
    oursNs: perStepNs(rounds.map(({ oursUs }) => oursUs)),
  };
}

/** Names and ratios that were committed. */
type Baseline = Readonly<Record<string, number>>;

async function main(isSaving: boolean): Promise<void> {
  await using owned = new AsyncDisposableStack();
  const found: Ratio[] = [];
  for (const pair of [...batchPairs(), await tellPair(owned)]) found.push(await ratioOf(pair));
  if (isSaving) {
    const ratios = Object.fromEntries(found.map(({ name, ratio }) => [name, Number(ratio.toPrecision(3))]));
    await Deno.writeTextFile(BASELINE, `${JSON.stringify(ratios, undefined, 2)}\n`);
  }
  const baseline: Baseline = JSON.parse(await Deno.readTextFile(BASELINE));
  const columns = ["what", "baseline ns", "ours ns", "ratio", "committed", "of it"];
  const rows = found.map(({ name, ratio, baselineNs, oursNs }) => {
    const committed = baseline[name] ?? NaN;
    return [name, baselineNs, oursNs, ratio.toPrecision(3), committed.toPrecision(3), ratio / committed];
  });
  for (const line of tableOf({ columns, rows })) console.log(line);
  const fallen = found.filter(({ name, ratio }) => !(ratio >= (baseline[name] ?? NaN) * MAY_FALL_TO));
  for (const { name, ratio } of fallen) console.error(`Fallen by more than a third: ${name}, ${ratio.toFixed(4)}`);
  if (fallen.length > 0) Deno.exitCode = 1;
}

await main(Deno.args.includes("--save"));
