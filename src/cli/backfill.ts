/** `tally backfill`: counts a past range anew from the topic, late events too. */
import { Command } from "commander";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import { ConfigError } from "../stream/failures.ts";
import { instantText, repairable } from "../stream/repair_plan.ts";
import { holds } from "../stream/span.ts";
import { Ending } from "./ending.ts";
import { type RepairFlags, RepairSession, withRepairFlags } from "./repair_session.ts";
import { configOf, withSettings } from "./settings_options.ts";
import { timeMs } from "./time_option.ts";

interface BackfillOptions extends RepairFlags {
  readonly from: number;
  readonly to: number;
}

/** The command. */
export function backfillCommand(): Command {
  const command = new Command("backfill")
    .description("count a past range anew from the topic, late events too, beside a running processor")
    .requiredOption("--from <time>", "inclusive", timeMs)
    .requiredOption("--to <time>", "exclusive; windows up to one window later are written too", timeMs);
  return withSettings(withRepairFlags(command))
    .addHelpText("after", EXAMPLES)
    .action(async (options: BackfillOptions) => await backfill(configOf({ ...options }), options));
}

const EXAMPLES = `
Examples:
  tally backfill --from 2026-11-22T12:00:00Z --to 2026-11-22T13:00:00Z
  tally backfill --from 2026-11-01T00:00:00Z --to 2026-11-02T00:00:00Z --rate 20000`;

async function backfill(config: Config, options: BackfillOptions): Promise<void> {
  const { from: fromMs, to: toMs } = options, { shape } = config;
  if (!(fromMs < toMs)) throw new ConfigError("Cannot backfill: --from must be before --to");
  using ending = new Ending(systemClock, undefined);
  await using session = await RepairSession.open(config, options, { clock: systemClock, signal: ending.signal });
  const span = repairable({ fromMs, toMs }, shape, session.group);
  if (span.toMs < toMs) {
    console.error(`Only up to ${instantText(span.toMs)}: later panes have windows that are not final yet`);
  }
  const letters = await session.letters((_, occurredAtMs) => occurredAtMs !== undefined && holds([span], occurredAtMs));
  const { records, points, refused } = await session.repair([span], letters);
  console.log(JSON.stringify({
    from: instantText(span.fromMs),
    to: instantText(span.toMs),
    records,
    points,
    refused,
    amended: letters.chosen.length,
  }));
}
