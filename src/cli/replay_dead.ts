/** `tally replay-dead`: puts dead letters back into the windows that they name. */
import { Command, InvalidArgumentError, Option } from "commander";
import { type Clock, systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import { parseDurationMs } from "../duration.ts";
import type { DeadReason } from "../stream/dead_letters.ts";
import { ConfigError } from "../stream/failures.ts";
import { firstRepairableMs, instantText } from "../stream/repair_plan.ts";
import { Ending } from "./ending.ts";
import { type RepairFlags, RepairSession, withRepairFlags } from "./repair_session.ts";
import { configOf, withSettings } from "./settings_options.ts";
import { timeMs } from "./time_option.ts";

interface ReplayOptions extends RepairFlags {
  readonly reason: DeadReason;
  readonly since?: number;
}

/** The command. */
export function replayDeadCommand(): Command {
  const command = new Command("replay-dead")
    .description("count dead letters after all: repair the windows that they name, from the log")
    .addOption(
      new Option("--reason <name>", "which; invalid ones after FIELD_MAP was mended")
        .choices(["late", "invalid", "future"]).makeOptionMandatory(),
    )
    .option("--since <time>", "only records from then on; a time, or a duration before now", sinceMs(systemClock));
  return withSettings(withRepairFlags(command))
    .addHelpText("after", EXAMPLES)
    .action(async (options: ReplayOptions) => await replayDead(configOf({ ...options }), options));
}

const EXAMPLES = `
Examples:
  tally replay-dead --reason late --since 24h
  tally replay-dead --reason invalid --since 2026-11-22T00:00:00Z      after tally run --accept-mapping`;

async function replayDead(config: Config, options: ReplayOptions): Promise<void> {
  const { reason, since: fromMs = -Infinity } = options;
  using ending = new Ending(systemClock, undefined);
  await using session = await RepairSession.open(config, options, { clock: systemClock, signal: ending.signal });
  const letters = await session.letters((letter, occurredAtMs) =>
    letter.reason === reason && (letter.timeMs ?? occurredAtMs ?? Infinity) >= fromMs
  );
  const { chosen, panes, unreadable, waiting, uncovered } = letters;
  if (chosen.length === 0 && uncovered > 0) {
    throw new ConfigError(
      `Cannot replay ${uncovered} letters: what is older than the log or TALLY_RETENTION keep cannot be written anew; ` +
        `panes can from ${instantText(firstRepairableMs(config.shape, session.group))}`,
    );
  }
  const { records, points, refused } = await session.repair(panes, letters);
  if (waiting > 0) console.error(`${waiting} letters wait: their windows are not all final yet; run it again later`);
  console.log(JSON.stringify({
    reason,
    records,
    points,
    refused,
    amended: chosen.length,
    waiting,
    uncovered,
    unreadable,
  }));
}

/** An instant, or a duration before now. */
function sinceMs(clock: Clock): (text: string) => number {
  return (text) => {
    const beforeMs = parseDurationMs(text);
    if (beforeMs !== undefined) return clock.nowMs() - beforeMs;
    try {
      return timeMs(text);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      throw new InvalidArgumentError("Give a time as ISO 8601 or milliseconds since 1970, or a duration such as 24h");
    }
  };
}
