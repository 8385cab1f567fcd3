/** `tally produce`: makes transactions, or replays a file of them. */
import { Command, Option } from "commander";
import { SingleBar } from "cli-progress";
import { type Clock, systemClock, systemRandom } from "../clock.ts";
import type { Config } from "../config.ts";
import { type FieldMap, parseFieldMap } from "../domain/field_map.ts";
import { createLog } from "../log.ts";
import { replayFile } from "../produce/file_replay.ts";
import { TransactionGenerator } from "../produce/generator.ts";
import type { IncidentPlan } from "../produce/incident.ts";
import type { IncidentInjector } from "../produce/incident_injector.ts";
import { INCIDENT_KINDS, STRENGTHS } from "../produce/incident_kind.ts";
import type { ProduceProgress } from "../produce/progress.ts";
import { produce, type ProduceOptions } from "../produce/run.ts";
import { PatientProducer } from "../produce/patient_producer.ts";
import { resolveStartMs } from "../produce/start.ts";
import { ConfigError } from "../stream/failures.ts";
import { Backends } from "./backends.ts";
import { Ending } from "./ending.ts";
import { oneMoreIncident } from "./incident_option.ts";
import { runIncidents } from "./produce_incidents.ts";
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
  readonly incident?: readonly IncidentPlan[];
  readonly labels?: string;
}

type Records = Pick<ProduceOptions, "records" | "speed" | "originMs" | "fractionRead">;

const RATE_PER_SECOND = 1_000;

/** The command. */
export function produceCommand(): Command {
  const command = new Command("produce")
    .description("send transactions to the topic: generated, or from a file")
    .option("--rate <n>", "events per second of event time (default 1000)", positiveNumber)
    .option("--count <n>", "how many to send (default: no end, or the whole file)", wholeNumber)
    .option("--seed <n>", "same seed and start, same transactions and incidents (default: by chance)", wholeNumber)
    .option("--start <time>", "event time of the first", timeMs)
    .option("--fraud-rate <p>", "share of fraud, 0 to 1 (default 0.006)", share)
    .option("--file <path>", "send a file instead")
    .addOption(new Option("--format <name>", "of the file (default: by its name)").choices(["csv", "jsonl"]))
    .option("--speed <x>", "event time per wall time, or max (default 1; files: max)", speed)
    .option("--allow-future", "send events whose time is past now")
    .option("--incident <spec>", "put an incident into the stream, again for more; see below", oneMoreIncident)
    .option("--labels <path>", "write what the incidents are to this file, as JSONL");
  return withSettings(command)
    .addHelpText("after", EXAMPLES)
    .action(async (options: ProduceFlags) => await produceTo(configOf({ ...options }), options));
}

const INCIDENT_HELP = INCIDENT_KINDS.map((kind) => {
  const { meaning, standard } = STRENGTHS[kind];
  return `  ${kind.padEnd(14)} ${meaning} (default ${standard})`;
}).join("\n");

const EXAMPLES = `
Examples:
  tally produce --rate 5000                        five thousand a second until Ctrl-C
  tally produce --count 200000 --speed max         a topic to try things on
  tally produce --file fraud.csv --field-map "amount=amt,timestamp=unix_time,region=state,customer_id=cc_num"
  tally produce --count 60000 --rate 10 --speed max --labels labels.jsonl \\
    --incident fraud-burst:category=travel,at=+90m,for=5m,strength=0.3 --incident dead-category:category=home,at=+80m

An incident is KIND:category=NAME[,region=NAME][,at=+10m or a time][,for=15m][,strength=N]; its kind and strength are
${INCIDENT_HELP}
A region limits it to that region; of new-region it is the one that is new.`;

async function produceTo(config: Config, flags: ProduceFlags): Promise<void> {
  const clock = systemClock, log = createLog(config.logLevel), seed = flags.seed ?? seedByChance();
  using ending = new Ending(clock, undefined);
  const source = await recordsOf(config, { ...flags, seed }, clock);
  if (flags.file !== undefined && flags.seed !== undefined && flags.incident === undefined) {
    throw new ConfigError("Cannot use --seed with --file but for an --incident");
  }
  const incidents = incidentsOf({ ...flags, seed }, source, config.fieldMap);
  await using backends = new Backends(config, clock);
  await backends.ensureTopic();
  using progress = new ProgressLine(incidents === undefined ? flags.count : undefined);
  const summary = await produceOrExplain({
    ...source,
    ...(incidents === undefined ? {} : { change: (record) => incidents.apply(record) }),
    producer: await patientProducer(backends, { config, clock, signal: ending.signal }),
    clock,
    ...(flags.count === undefined ? {} : { count: flags.count }),
    allowFuture: flags.allowFuture ?? false,
    onProgress: (report) => progress.show(report),
    signal: ending.signal,
  });
  progress.end();
  for (const { kind, category } of incidents?.idle ?? []) log.warn("An incident changed nothing", { kind, category });
  const { sent, sentBytes, elapsedMs, ratePerSecond, stopped } = summary;
  console.log(JSON.stringify({
    sent,
    sentBytes,
    seconds: Math.round(elapsedMs) / 1_000,
    perSecond: Math.round(ratePerSecond),
    stopped,
  }));
}

function seedByChance(): number {
  return Math.floor(systemRandom() * 2 ** 32);
}

/** The incidents of the flags, put into the stream of `source`. @throws {ConfigError} */
function incidentsOf(
  { incident: plans = [], labels, seed, file, rate, count }: ProduceFlags & { readonly seed: number },
  { originMs = 0 }: Records,
  fileMap: FieldMap,
): IncidentInjector | undefined {
  try {
    if (file !== undefined) return runIncidents({ plans, labels, seed, map: fileMap });
    const generated = { startMs: originMs, ratePerSecond: rate ?? RATE_PER_SECOND, count };
    return runIncidents({ plans, labels, seed, map: parseFieldMap(undefined), generated });
  } catch (error) {
    throw usageError(error);
  }
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
  const { rate: ratePerSecond = RATE_PER_SECOND, speed: factor = 1, seed = seedByChance() } = flags;
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
  for (const name of ["rate", "start", "fraudRate"] as const) {
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
