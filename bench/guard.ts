/**
 * Ratios of speeds that must not fall: the machine's own speed cancels out, so the guard holds anywhere.
 *
 *     deno task bench:guard [--save]
 *
 * Each ratio is the baseline's CPU time divided by ours, both for the same work: the best of the rounds of each, for noise
 * only adds, and the rounds of all are interleaved, so that a bad minute hits all alike. Both sides compute; a baseline that
 * only moves bytes would tell of the memory and who else uses it. It fails when a ratio has fallen by more than a third
 * against `guard_baseline.json`, which `--save` writes. Every round checks its counts.
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { actor, system } from "../src/actor/mod.ts";
import { systemClock, systemRandom } from "../src/clock.ts";
import { tableOf, WrongTotals } from "./report.ts";
import { decodeAll, recordBatches, tallyAll } from "./workload.ts";

/** One ratio: the same number of steps by a baseline and by us, repeated so often that both take milliseconds. */
interface Pair {
  readonly name: string;
  readonly steps: number;
  /** Both return how many steps they have completed. */
  readonly baseline: { readonly repeat: number; run(): number | Promise<number> };
  readonly ours: { readonly repeat: number; run(): number | Promise<number> };
}

const ROUNDS = 50;
/** How often all rounds are played again before a fall is believed. */
const AGAIN = 2;
const MAY_FALL_TO = 2 / 3;
/** So many that what each run sets up anew – the decoder's instance, names, windows – is little beside them. */
const RECORDS = 65_536;
const BATCH = 4_096;
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

/** Bytes in memory to windows, and to rows, beside a loop over the same bytes. */
function batchPairs(): readonly Pair[] {
  const batches = recordBatches(RECORDS, BATCH);
  const sum = sumAll(batches);
  const loop = { repeat: 1, run: () => sumAll(batches) === sum ? RECORDS : 0 };
  return [
    {
      name: "pipeline: batches → windows, against a loop over the bytes",
      steps: RECORDS,
      baseline: loop,
      ours: { repeat: 1, run: () => tallyAll(batches) },
    },
    {
      name: "decode: batches → rows, against a loop over the bytes",
      steps: RECORDS,
      baseline: loop,
      ours: { repeat: 1, run: () => decodeAll(batches) },
    },
  ];
}

/** A sum over all words but the rest of a batch, which depends on their order. */
function sumAll(batches: readonly ArrayBuffer[]): number {
  let sum = 0;
  for (const batch of batches) {
    const words = new Int32Array(batch, 0, batch.byteLength >> 2);
    for (const word of words) sum = (Math.imul(sum, 31) + word) | 0;
  }
  return sum;
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

/** A pair and the best CPU time of each side, in µs. */
interface Best {
  readonly pair: Pair;
  baselineUs: number;
  oursUs: number;
}

/** Measures all pairs in each round, baseline and ours one right after the other. */
async function playRounds(best: readonly Best[]): Promise<readonly Ratio[]> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const each of best) {
      each.baselineUs = Math.min(each.baselineUs, await cpuUs(each.pair, each.pair.baseline));
      each.oursUs = Math.min(each.oursUs, await cpuUs(each.pair, each.pair.ours));
    }
  }
  return best.map(({ pair: { name, steps }, baselineUs, oursUs }) => ({
    name,
    ratio: baselineUs / oursUs,
    baselineNs: baselineUs / steps * 1_000,
    oursNs: oursUs / steps * 1_000,
  }));
}

/** Names and ratios that were committed. */
type Baseline = Readonly<Record<string, number>>;

/** Those that have fallen too far. */
function fallenOf(found: readonly Ratio[], baseline: Baseline): readonly Ratio[] {
  return found.filter(({ name, ratio }) => !(ratio >= (baseline[name] ?? NaN) * MAY_FALL_TO));
}

async function main(isSaving: boolean): Promise<void> {
  await using owned = new AsyncDisposableStack();
  const pairs = [...batchPairs(), await tellPair(owned)];
  const best: readonly Best[] = pairs.map((pair) => ({ pair, baselineUs: Infinity, oursUs: Infinity }));
  let found = await playRounds(best);
  if (isSaving) {
    const ratios = Object.fromEntries(found.map(({ name, ratio }) => [name, Number(ratio.toPrecision(3))]));
    await Deno.writeTextFile(BASELINE, `${JSON.stringify(ratios, undefined, 2)}\n`);
  }
  const baseline: Baseline = JSON.parse(await Deno.readTextFile(BASELINE));
  for (let again = 0; again < AGAIN && fallenOf(found, baseline).length > 0; again++) found = await playRounds(best);
  const columns = ["what", "baseline ns", "ours ns", "ratio", "committed", "of it"];
  const rows = found.map(({ name, ratio, baselineNs, oursNs }) => {
    const committed = baseline[name] ?? NaN;
    return [name, baselineNs, oursNs, ratio.toPrecision(3), committed.toPrecision(3), ratio / committed];
  });
  for (const line of tableOf({ columns, rows })) console.log(line);
  const fallen = fallenOf(found, baseline);
  for (const { name, ratio } of fallen) console.error(`Fallen by more than a third: ${name}, ${ratio.toFixed(4)}`);
  if (fallen.length > 0) Deno.exitCode = 1;
}

await main(Deno.args.includes("--save"));
