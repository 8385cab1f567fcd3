/** `tally produce`: makes transactions, or replays a file of them. */
import { Command, Option } from "commander";
import { SingleBar } from "cli-progress";
import { type Clock, systemClock, systemRandom } from "../clock.ts";
import type { Config } from "../config.ts";
import { createLog } from "../log.ts";
import { replayFile } from "../produce/file_replay.ts";
import { TransactionGenerator } from "../produce/generator.ts";
import type { ProduceProgress } from "../produce/progress.ts";
import { produce, type ProduceOptions } from "../produce/run.ts";
import { PatientProducer } from "../produce/patient_producer.ts";
import { resolveStartMs } from "../produce/start.ts";
import { ConfigError } from "../stream/failures.ts";
import { Backends } from "./backends.ts";
import { Ending } from "./ending.ts";
import { configOf, withSettings } from "./settings_options.ts";
import { positiveNumber, share, speed, timeMs, wholeNumber } from "./time_option.ts";

/** Flags of `produce`; those without a value have their meaning in the action. */
export interface ProduceFlags {
  readonly rate?: number;
  readonly count?: number;
  readonly seed?: number;
  readonly start?: number;
  readonly fraudRate?: number;
  readonly file?: string;
  readonly format?: "csv" | "jsonl";
  readonly speed?: number;
  readonly allowFuture?: boolean;
}

type Records = Pick<ProduceOptions, "records" | "speed" | "originMs" | "fractionRead">;

/** The command. */
export function produceCommand(): Command {
  const command = new Command("produce")
    .description("send transactions to the topic: generated, or from a file")
    .option("--rate <n>", "events per second of event time (default 1000)", positiveNumber)
    .option("--count <n>", "how many to send (default: no end, or the whole file)", wholeNumber)
    .option("--seed <n>", "same seed and start, same transactions (default: by chance)", wholeNumber)
    .option("--start <time>", "event time of the first", timeMs)
    .option("--fraud-rate <p>", "share of fraud, 0 to 1 (default 0.006)", share)
    .option("--file <path>", "send a file instead")
    .addOption(new Option("--format <name>", "of the file (default: by its name)").choices(["csv", "jsonl"]))
    .option("--speed <x>", "event time per wall time, or max (default 1; files: max)", speed)
    .option("--allow-future", "send events whose time is past now");
  return withSettings(command)
    .addHelpText("after", EXAMPLES)
    .action(async (options: ProduceFlags) => await produceTo(configOf({ ...options }), options));
}

const EXAMPLES = `
Examples:
  tally produce --rate 5000                        five thousand a second until Ctrl-C
  tally produce --count 200000 --speed max         a topic to try things on
  tally produce --file fraud.csv --field-map "amount=amt,timestamp=unix_time,region=state,customer_id=cc_num"`;

async function produceTo(config: Config, flags: ProduceFlags): Promise<void> {
  const clock = systemClock;
  using ending = new Ending(clock, undefined);
  const source = await recordsOf(config, flags, clock);
  await using backends = new Backends(config, clock);
  await backends.ensureTopic();
  using progress = new ProgressLine(flags.count);
  const summary = await produceOrExplain({
    ...source,
    producer: await patientProducer(backends, { config, clock, signal: ending.signal }),
    clock,
    ...(flags.count === undefined ? {} : { count: flags.count }),
    allowFuture: flags.allowFuture ?? false,
    onProgress: (report) => progress.show(report),
    signal: ending.signal,
  });
  progress.end();
  const { sent, sentBytes, elapsedMs, ratePerSecond, stopped } = summary;
  console.log(JSON.stringify({
    sent,
    sentBytes,
    seconds: Math.round(elapsedMs) / 1_000,
    perSecond: Math.round(ratePerSecond),
    stopped,
  }));
}

/** A producer that waits for a log which does not answer for a while, and says so. */
export async function patientProducer(
  backends: Backends,
  { config, clock, signal }: { readonly config: Config; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<PatientProducer> {
  const log = createLog(config.logLevel);
  const onRefused = (reason: string) => log.warn("A batch was put off", { reason });
  return new PatientProducer(await backends.producer(), { clock, signal, onRefused });
}

/** Runs `produce`; what is wrong with the flags is a wrong usage. */
async function produceOrExplain(options: ProduceOptions) {
  try {
    return await produce(options);
  } catch (error) {
    throw usageError(error);
  }
}

/** Generated records at the pace of the flags. @throws {ConfigError} */
export function generated(flags: ProduceFlags, clock: Clock): Records {
  const { rate: ratePerSecond = 1_000, speed: factor = 1, seed = Math.floor(systemRandom() * 2 ** 32) } = flags;
  try {
    const startMs = resolveStartMs({
      speed: factor,
      ratePerSecond,
      nowMs: clock.nowMs(),
      allowFuture: flags.allowFuture ?? false,
      ...(flags.start === undefined ? {} : { startMs: flags.start }),
      ...(flags.count === undefined ? {} : { count: flags.count }),
    });
    const fraud = flags.fraudRate === undefined ? {} : { fraudRate: flags.fraudRate };
    const records = new TransactionGenerator({ seed, startMs, ratePerSecond, ...fraud });
    return { records, speed: factor, originMs: startMs };
  } catch (error) {
    throw usageError(error);
  }
}

async function recordsOf(config: Config, flags: ProduceFlags, clock: Clock): Promise<Records> {
  const { file } = flags;
  if (file === undefined) {
    if (flags.format !== undefined) throw new ConfigError("Cannot use --format without --file");
    return generated(flags, clock);
  }
  for (const name of ["rate", "seed", "start", "fraudRate"] as const) {
    if (flags[name] !== undefined) {
      throw new ConfigError(`Cannot use --${name === "fraudRate" ? "fraud-rate" : name} with --file`);
    }
  }
  try {
    const format = flags.format === undefined ? {} : { format: flags.format };
    const replay = await replayFile(file, { map: config.fieldMap, ...format });
    return { records: replay.records, speed: flags.speed ?? Infinity, fractionRead: () => replay.fractionRead() };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new ConfigError(`Cannot read --file: there is no ${file}`);
    throw usageError(error);
  }
}

function usageError(error: unknown): unknown {
  return error instanceof RangeError ? new ConfigError(error.message) : error;
}

/** A bar on a terminal; nothing elsewhere. */
class ProgressLine implements Disposable {
  readonly #bar: SingleBar | undefined;

  constructor(count: number | undefined) {
    if (!Deno.stderr.isTerminal()) return;
    const format = count === undefined
      ? "{value} sent, {rate}/s"
      : "{bar} {percentage}% | {value}/{total} | {rate}/s | {left} left";
    this.#bar = new SingleBar({ format, hideCursor: true });
    this.#bar.start(count ?? 0, 0, { rate: 0, left: "?" });
  }

  show({ sent, ratePerSecond, remainingMs }: ProduceProgress): void {
    const left = remainingMs === undefined ? "?" : `${Math.ceil(remainingMs / 1_000)} s`;
    this.#bar?.update(sent, { rate: Math.round(ratePerSecond), left });
  }

  end(): void {
    this.#bar?.stop();
  }

  [Symbol.dispose](): void {
    this.end();
  }
}
