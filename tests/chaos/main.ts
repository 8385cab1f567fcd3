/** `deno task chaos [--only NAME] [--seed N] [--short]`: real servers, real faults, one table. */
import { Command } from "commander";
import { systemRandom } from "../../src/clock.ts";
import { wholeNumber } from "../../src/cli/time_option.ts";
import { whenInterrupted } from "./interrupted.ts";
import { SCENARIOS } from "./scenarios.ts";
import { costsOf, type Outcome, type Scenario, tableOf } from "./scenario.ts";
import { Theatre } from "./theatre.ts";

interface ChaosOptions {
  readonly only?: string;
  readonly seed?: number;
  readonly short?: boolean;
}

async function chaos({ only, seed = Math.floor(systemRandom() * 2 ** 32), short: isShort = false }: ChaosOptions) {
  const chosen = scenariosNamed(only);
  console.log(`seed ${seed}`);
  const outcomes: Outcome[] = [];
  await using theatre = await Theatre.open();
  using _interrupted = whenInterrupted(theatre);
  for (const { name, fault, play } of chosen) {
    console.log(`\n${name}: ${fault}`);
    try {
      const outcome = { fault, ...await play(theatre, { seed, isShort }) };
      outcomes.push(outcome);
      console.log(`${name}: ${JSON.stringify(outcome.verdict)}`);
      if (outcome.verdict.wrong !== undefined) Deno.exitCode = 1;
    } catch (error) {
      // The others can be played all the same; the table lacks this one and the exit code says so.
      console.error(error);
      Deno.exitCode = 1;
    }
  }
  console.log(`\n${tableOf(outcomes)}\n\n${costsOf(outcomes)}`);
}

/** @throws {RangeError} for a name that no scenario has */
function scenariosNamed(names: string | undefined): readonly Scenario[] {
  if (names === undefined) return SCENARIOS;
  return names.split(",").map((name) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name);
    if (found === undefined) throw new RangeError(`Cannot play ${name}: there are ${SCENARIOS.map((s) => s.name)}`);
    return found;
  });
}

await new Command("chaos")
  .description("play faults on a running group of processors, and hold the store against the topic after each")
  .option("--only <names>", `some of ${SCENARIOS.map(({ name }) => name).join(",")}`)
  .option("--seed <n>", "decides every moment (default: by chance)", wholeNumber)
  .option("--short", "fewer of each")
  .action(chaos)
  .parseAsync();
