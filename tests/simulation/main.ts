/**
 * `deno run -A tests/simulation/main.ts [--seed N | --from N --count M] [--all] [--crowd]`: plays seeds, of one process
 * after the other or of several at a time, and prints what fails.
 */
import { playCrowd } from "./crowd.ts";
import { type Outcome, play } from "./simulation.ts";

async function main(args: readonly string[]): Promise<number> {
  const option = (name: string, fallback: number) => {
    const at = args.indexOf(`--${name}`);
    return at < 0 ? fallback : Number(args[at + 1]);
  };
  const isOne = args.includes("--seed");
  const from = isOne ? option("seed", 0) : option("from", 0), count = isOne ? 1 : option("count", 100);
  const startedAtMs = performance.now();
  const tally = { failed: 0, records: 0, compared: 0, split: 0 };
  for (let seed = from; seed < from + count; seed++) {
    const outcome: Outcome = await (args.includes("--crowd") ? playCrowd : play)(seed);
    tally.records += outcome.records;
    tally.compared += outcome.isCompared ? 1 : 0;
    tally.split += (outcome.splits ?? 0) > 0 ? 1 : 0;
    if (outcome.breaches.length > 0) tally.failed++;
    const isTold = outcome.breaches.length > 0 && (tally.failed === 1 || args.includes("--all"));
    if (isOne || isTold) tell(outcome);
  }
  const seconds = (performance.now() - startedAtMs) / 1_000;
  console.log(
    `${tally.failed} of ${count} seeds from ${from} break a law; ${tally.records} records, ${tally.compared} seeds held ` +
      `against an undisturbed run, ${tally.split} with a split, ${seconds.toFixed(1)} s`,
  );
  return tally.failed === 0 ? 0 : 1;
}

function tell({ scenario, events, breaches }: Outcome): void {
  const { empty, ...rest } = scenario;
  console.log(`seed ${scenario.seed}: ${JSON.stringify({ ...rest, empty: [...empty] })}`);
  for (const event of events) console.log(`  ${event}`);
  for (const breach of breaches) console.log(`  BROKEN ${breach}`);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
