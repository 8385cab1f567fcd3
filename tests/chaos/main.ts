/** `deno task chaos [--only NAME] [--seed N] [--short]`: real servers, real faults, one table. */
import { Command } from "commander";
import { systemRandom } from "../../src/clock.ts";
import { wholeNumber } from "../../src/cli/time_option.ts";
import { SCENARIOS } from "./scenarios.ts";
import { type Outcome, tableOf } from "./scenario.ts";
import { Theatre } from "./theatre.ts";

interface ChaosOptions {
  readonly only?: string;
  readonly seed?: number;
  readonly short?: boolean;
}

async function chaos({ only, seed = Math.floor(systemRandom() * 2 ** 32), short: isShort = false }: ChaosOptions) {
  const chosen = SCENARIOS.filter(({ name }) => only === undefined || only.split(",").includes(name));
  console.log(`seed ${seed}`);
  const outcomes: Outcome[] = [];
  await using theatre = await Theatre.open();
  for (const { name, fault, play } of chosen) {
    console.log(`\n${name}: ${fault}`);
    const outcome = { fault, ...await play(theatre, { seed, isShort }) };
    outcomes.push(outcome);
    console.log(`${name}: ${JSON.stringify(outcome.verdict)}`);
    if (outcome.verdict.wrong !== undefined) Deno.exitCode = 1;
  }
  console.log(`\n${tableOf(outcomes)}`);
}

await new Command("chaos")
  .description("play faults on a running group of processors, and hold the store against the topic after each")
  .option("--only <names>", `some of ${SCENARIOS.map(({ name }) => name).join(",")}`)
  .option("--seed <n>", "decides every moment (default: by chance)", wholeNumber)
  .option("--short", "fewer of each")
  .action(chaos)
  .parseAsync();
