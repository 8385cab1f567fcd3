/** The command line: subcommands, and what ends with which exit code. */
import { Command, CommanderError } from "commander";
import { ConfigError } from "../stream/failures.ts";
import { backfillCommand } from "./backfill.ts";
import { devCommand } from "./dev.ts";
import { doctorCommand } from "./doctor.ts";
import { exportCommand } from "./export.ts";
import { grafanaCommand } from "./grafana.ts";
import { healthCommand } from "./health.ts";
import { produceCommand } from "./produce.ts";
import { replayDeadCommand } from "./replay_dead.ts";
import { resetCommand } from "./reset.ts";
import { runCommand } from "./run.ts";
import { topicCommand } from "./topic.ts";
import { version } from "./version.ts";

/** Exit codes. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Runs the program with its arguments and resolves to its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync([...args], { from: "user" });
    return EXIT.done;
  } catch (error) {
    return codeOf(error);
  }
}

function program(): Command {
  const commands = [
    devCommand(),
    runCommand(),
    produceCommand(),
    topicCommand(),
    exportCommand(),
    backfillCommand(),
    replayDeadCommand(),
    healthCommand(),
    doctorCommand(),
    resetCommand(),
    grafanaCommand(),
  ];
  const root = new Command("tally").description("real-time customer behaviour, from Kafka to InfluxDB").version(
    version,
  );
  for (const command of commands) root.addCommand(command);
  for (const command of [root, ...commands, ...commands.flatMap((parent) => parent.commands)]) command.exitOverride();
  return root;
}

function codeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const message = error instanceof Error ? error.message : String(error);
  console.error(message);
  return error instanceof ConfigError ? EXIT.usage : EXIT.failed;
}
