/** `tally reset`: forgets the checkpoints, so that the next run starts anew. */
import { Command } from "commander";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import { ConfigError } from "../stream/failures.ts";
import { Backends } from "./backends.ts";
import { configOf, withSettings } from "./settings_options.ts";

/** The command. */
export function resetCommand(): Command {
  return withSettings(
    new Command("reset")
      .description("forget the checkpoints of KAFKA_GROUP_ID, after asking; points stay as they are")
      .option("--yes", "do not ask"),
  ).addHelpText("after", EXAMPLES).action(async (options: { readonly yes?: boolean }) =>
    await reset(configOf({ ...options }), options.yes ?? false)
  );
}

const EXAMPLES = `
Examples:
  tally reset                         asks first
  tally reset --yes --kafka-group-id tally-test`;

async function reset(config: Config, isSure: boolean): Promise<void> {
  const { groupId } = config;
  await using backends = new Backends(config, systemClock);
  const question = `Forget what group ${groupId} has committed on the ${backends.logName}?`;
  if (!isSure && !Deno.stdin.isTerminal()) throw new ConfigError(`Cannot ask "${question}" here: give --yes`);
  if (!isSure && !confirm(question)) return console.log("Nothing was changed");
  await backends.forgetCommits();
  console.log(`Forgot the checkpoints of ${groupId}`);
}
