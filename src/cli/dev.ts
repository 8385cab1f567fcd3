/** `tally dev`: everything in one process, with made-up transactions. */
import { Command } from "commander";
import { type Clock, systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import { createLog } from "../log.ts";
import { produce } from "../produce/run.ts";
import { Backends } from "./backends.ts";
import { Ending } from "./ending.ts";
import { Pipeline } from "./pipeline.ts";
import { giveUpPermissions } from "./permissions.ts";
import { generated, patientProducer } from "./produce.ts";
import { configOf, withSettings } from "./settings_options.ts";
import { StatusLine } from "./status_line.ts";
import { positiveNumber, share, wholeNumber } from "./time_option.ts";

interface DevOptions {
  readonly for?: string;
  readonly rate?: number;
  readonly seed?: number;
  readonly fraudRate?: number;
}

/** The command. */
export function devCommand(): Command {
  return withSettings(
    new Command("dev")
      .description("generator, log, processor, store and page in one process; nothing else needed")
      .option("--for <duration>", "end by itself after this time, drained")
      .option("--rate <n>", "transactions a second (default 1000)", positiveNumber)
      .option("--seed <n>", "same seed, same customers and merchants", wholeNumber)
      .option("--fraud-rate <p>", "share of fraud, 0 to 1 (default 0.006)", share),
  )
    .addHelpText("after", EXAMPLES)
    .action(async (options: DevOptions) => await dev(configOf({ logLevel: "warn", ...options }), options));
}

const EXAMPLES = `
Examples:
  tally dev                     the page at http://localhost:8080
  tally dev --rate 5000 --for 30s --port 0`;

async function dev(config: Config, options: DevOptions): Promise<void> {
  const clock = systemClock, log = createLog(config.logLevel);
  using ending = new Ending(clock, options.for);
  await using backends = new Backends(config, clock);
  await using pipeline = await Pipeline.start({ config, backends, clock, log });
  giveUpPermissions(config);
  console.log(`Tally is at ${pipeline.url.replace("127.0.0.1", "localhost")} (Ctrl-C ends it)`);
  using status = new StatusLine({ board: pipeline.board, url: pipeline.url, clock });
  const producing = generate({ backends, config, options, clock, signal: ending.signal });
  await Promise.race([producing, pipeline.failed]);
  await Promise.race([pipeline.drain(), pipeline.failed]);
  status[Symbol.dispose]();
  console.log(JSON.stringify(pipeline.board.ledger));
}

interface Generation {
  readonly backends: Backends;
  readonly config: Config;
  readonly options: DevOptions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

async function generate({ backends, config, options, clock, signal }: Generation): Promise<void> {
  const producer = await patientProducer(backends, { config, clock, signal });
  await produce({ ...generated(options, clock), producer, clock, signal });
}
