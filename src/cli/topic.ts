/** `tally topic create|delete|describe|tail`. */
import { Command, Option } from "commander";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { DeadLetter } from "../stream/dead_letters.ts";
import { ConfigError } from "../stream/failures.ts";
import { CommittedFilter } from "../stream/committed_filter.ts";
import { readBatchHeader } from "../stream/record_batch.ts";
import { RecordCursor } from "../stream/record_cursor.ts";
import type { FetchedBytes, OffsetRange, Source } from "../stream/source.ts";
import { Backends } from "./backends.ts";
import { configOf, withSettings } from "./settings_options.ts";

interface TailOptions {
  readonly dead?: boolean;
  readonly follow?: boolean;
}

/** The commands. */
export function topicCommand(): Command {
  const topic = new Command("topic").description("create, delete, describe or read the topic")
    .addHelpText("after", EXAMPLES);
  const add = (name: string, description: string, act: (config: Config) => Promise<void>) =>
    topic.addCommand(
      withSettings(new Command(name).description(description))
        .addHelpText("after", EXAMPLES)
        .action(async (options: Record<string, unknown>) => await act(configOf(options))),
    );
  add("create", "create the topic with TALLY_PARTITIONS partitions and append time", create);
  add("delete", "delete the topic with everything in it", remove);
  add("describe", "print its partitions and settings as JSON", describe);
  topic.addCommand(
    withSettings(
      new Command("tail")
        .description("print records from the beginning, one JSON object a line")
        .option("--dead", "print the dead letters instead")
        .option("--follow", "go on with what comes until Ctrl-C (dead letters)")
        .addOption(new Option("--format <name>", "how").choices(["jsonl"]).default("jsonl")),
    )
      .addHelpText("after", EXAMPLES)
      .action(async (options: TailOptions) => await tail(configOf({ ...options }), options)),
  );
  return topic;
}

const EXAMPLES = `
Examples:
  tally topic create --partitions 24
  tally topic describe
  tally topic delete --kafka-topic transactions-test
  tally topic tail | head
  tally topic tail --dead --format jsonl      every record that was not counted, with its reason`;

async function create(config: Config): Promise<void> {
  await using backends = new Backends(config, systemClock);
  const isNew = await backends.admin().create(config.topic, { partitions: config.partitions });
  console.log(isNew ? `Created ${config.topic}` : `${config.topic} exists`);
}

async function remove(config: Config): Promise<void> {
  await using backends = new Backends(config, systemClock);
  const wasThere = await backends.admin().remove(config.topic);
  console.log(wasThere ? `Deleted ${config.topic}` : `There is no ${config.topic}`);
}

async function describe(config: Config): Promise<void> {
  await using backends = new Backends(config, systemClock);
  const description = await backends.admin().describe(config.topic);
  if (description === undefined) throw new ConfigError(`KAFKA_TOPIC: there is no topic ${config.topic}`);
  console.log(JSON.stringify(description, undefined, 2));
}

async function tail(config: Config, { dead, follow }: TailOptions): Promise<void> {
  await using backends = new Backends(config, systemClock);
  if (dead) {
    const letters = await backends.deadLetters();
    const options = follow ? { follow: untilInterrupted() } : {};
    for await (const letter of letters.read(options)) console.log(JSON.stringify(lineOf(letter)));
    return;
  }
  await tailRecords(await backends.source());
}

function lineOf({ reason, detail, topic, partition, offset, timeMs, value }: DeadLetter) {
  const time = timeMs === undefined ? null : new Date(timeMs).toISOString();
  return {
    reason,
    topic,
    partition,
    offset,
    time,
    value: value?.toBase64() ?? null,
    ...(detail === "" ? {} : { detail }),
  };
}

function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  Deno.addSignalListener("SIGINT", () => controller.abort());
  return controller.signal;
}

/** Prints what is in the topic now; reads without joining a group. */
async function tailRecords(source: Source): Promise<void> {
  const { partitions } = await source.describe();
  for (const { partition, first, end } of partitions) await tailPartition(source, partition, { first, end });
}

const FETCH_BYTES = 1_048_576;

async function tailPartition(source: Source, partition: number, { first, end }: OffsetRange): Promise<void> {
  for (let offset = first; offset < end;) {
    const [answer] = await source.fetch([{ partition, offset, maxBytes: FETCH_BYTES }], { maxWaitMs: 1_000 });
    if (answer?.kind !== "bytes" || answer.byteLength === 0) return;
    offset = printRecords(answer, offset);
    source.recycle(answer.buffer);
  }
}

/** Prints the records from `offset` on and returns the offset after the last. */
function printRecords({ buffer, byteLength, partition, aborted }: FetchedBytes, offset: number): number {
  const view = new DataView(buffer, 0, byteLength), cursor = new RecordCursor(), filter = new CommittedFilter(aborted);
  let next = offset;
  for (let at = 0; at < byteLength;) {
    const header = readBatchHeader(view, at);
    at = header.nextAt;
    next = header.lastOffset + 1;
    if (filter.kindOf(view, header) !== "data") continue;
    cursor.open(view, header);
    while (cursor.next()) if (cursor.offset >= offset) console.log(JSON.stringify(recordOf(cursor, partition)));
  }
  return next;
}

function recordOf(cursor: RecordCursor, partition: number) {
  const text = (bytes: Uint8Array | null) => bytes === null ? null : new TextDecoder().decode(bytes);
  const time = cursor.timestampMs < 0 ? null : new Date(cursor.timestampMs).toISOString();
  return { partition, offset: cursor.offset, time, key: text(cursor.key()), value: text(cursor.value()) };
}
