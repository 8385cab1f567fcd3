/** `tally run`: the stream processor. */
import { Command } from "commander";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import { createLog } from "../log.ts";
import type { StartFrom } from "../stream/start.ts";
import { Backends } from "./backends.ts";
import { Ending } from "./ending.ts";
import { Pipeline } from "./pipeline.ts";
import { giveUpPermissions } from "./permissions.ts";
import { configOf, withSettings } from "./settings_options.ts";
import { StatusLine } from "./status_line.ts";
import { startFrom } from "./time_option.ts";

interface RunOptions {
  readonly for?: string;
  readonly untilCaughtUp?: boolean;
  readonly from: StartFrom;
  readonly acceptMapping?: boolean;
}

/** The command. */
export function runCommand(): Command {
  return withSettings(
    new Command("run")
      .description("read transactions, keep rolling windows, write points; the page is at TALLY_HOST:TALLY_PORT")
      .option("--for <duration>", "end by itself after this time, drained")
      .option("--until-caught-up", "count exactly up to the ends of now, make all of it final, and end")
      .option("--from <where>", "where a new group starts: earliest, latest or a time", startFrom, "earliest")
      .option("--accept-mapping", "go on at the committed position although FIELD_MAP has changed"),
  )
    .addHelpText("after", EXAMPLES)
    .action(async (options: RunOptions) => await run(configOf({ ...options }), options));
}

const EXAMPLES = `
Examples:
  tally run                                    embedded log and store in ./data
  KAFKA_BROKERS=localhost:9092 INFLUX_URL=http://localhost:8086 INFLUX_TOKEN=… INFLUX_ORG=… tally run
  tally run --until-caught-up                  a batch job: everything there is, then the ledger
  tally run --window 10m --slide 30s --for 1h`;

async function run(config: Config, options: RunOptions): Promise<void> {
  const clock = systemClock, log = createLog(config.logLevel);
  using ending = new Ending(clock, options.for);
  await using backends = new Backends(config, clock);
  const { from, untilCaughtUp, acceptMapping } = options;
  await using pipeline = await Pipeline.start({ config, backends, clock, log, from, untilCaughtUp, acceptMapping });
  giveUpPermissions(config);
  log.info("The pipeline runs", { page: pipeline.url, log: backends.logName, store: backends.storeName });
  using status = new StatusLine({ board: pipeline.board, url: pipeline.url, clock });
  const ends = [ending.reached, pipeline.failed];
  await Promise.race(options.untilCaughtUp ? [pipeline.caughtUp(), ...ends] : ends);
  await Promise.race([pipeline.drain(), pipeline.failed]);
  status[Symbol.dispose]();
  console.log(JSON.stringify(pipeline.board.ledger));
}
