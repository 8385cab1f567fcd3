/** `tally doctor`: checks the configuration and that each service answers, and says what to do. */
import { Command } from "commander";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import { partitionOf } from "../domain/partitioner.ts";
import { decodeTransaction } from "../domain/transaction.ts";
import type { TopicDescription } from "../stream/source.ts";
import { Backends } from "./backends.ts";
import { configOf, withSettings } from "./settings_options.ts";
import { admittedNames } from "./pipeline_tree.ts";
import { memoryProblem, replayMemory } from "./replay_memory.ts";
import { readTopic } from "./topic_records.ts";

/** Something that must be mended before the processor can work. */
export class DiagnosisError extends Error {
  override readonly name = "DiagnosisError";
}

/** One finding. */
export interface Finding {
  readonly level: "ok" | "note" | "problem";
  readonly text: string;
}

/** The command. */
export function doctorCommand(): Command {
  return withSettings(new Command("doctor").description("check the configuration and the services, and say what to do"))
    .addHelpText("after", EXAMPLES)
    .action(async (options: Record<string, unknown>) => await doctor(configOf(options)));
}

const EXAMPLES = `
Examples:
  tally doctor
  tally doctor --kafka-brokers localhost:9092 --influx-url http://localhost:8086`;

async function doctor(config: Config): Promise<void> {
  await using backends = new Backends(config, systemClock);
  const findings: Finding[] = [{ level: "ok", text: "the configuration is valid" }];
  findings.push(
    ...await checked(backends.logName, async () => {
      const topic = await backends.admin().describe(config.topic);
      return topic === undefined
        ? [{ level: "note", text: `there is no topic ${config.topic} yet; run, dev and produce make it` }]
        : [...topicFindings(topic), ...sampleFindings(await sampleOf(backends, config, topic), systemClock.nowMs())];
    }),
  );
  findings.push(
    ...await checked(backends.storeName, async () => {
      const store = backends.store();
      await store.ping();
      const tight = memoryProblem(replayMemory(config, await admittedNames(store)));
      return tight === undefined ? [] : [{ level: "note", text: tight }];
    }),
  );
  for (const { level, text } of findings) console.log(`${MARKS[level]} ${text}`);
  const problems = findings.filter(({ level }) => level === "problem").length;
  if (problems > 0) throw new DiagnosisError(`Cannot work yet: ${problems} problem${problems === 1 ? "" : "s"}`);
}

const MARKS = { ok: "ok     ", note: "note   ", problem: "PROBLEM" } as const;

/** What can be said of a service that answers; the reason when it does not. */
async function checked(name: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    const more = await look();
    return [{ level: "ok", text: `${name} answers` }, ...more];
  } catch (error) {
    return [{ level: "problem", text: `${name}: ${error instanceof Error ? error.message : String(error)}` }];
  }
}

function topicFindings({ topic, partitions, timestampType, cleanupPolicy }: TopicDescription): readonly Finding[] {
  const findings: Finding[] = [{ level: "ok", text: `topic ${topic} has ${partitions.length} partitions` }];
  if (timestampType === "createTime") {
    findings.push({
      level: "note",
      text: `topic ${topic} takes record times from its producers: a producer with a wrong clock is not noticed; ` +
        "set message.timestamp.type=LogAppendTime",
    });
  }
  if (cleanupPolicy.includes("compact")) {
    findings.push({
      level: "problem",
      text: `topic ${topic} is compacted: transactions would vanish; set cleanup.policy=delete`,
    });
  }
  return findings;
}

/** What the newest records of the topic are like. */
export interface TopicSample {
  readonly records: number;
  /** How many are no transactions, and why the last of them is not. */
  readonly invalid: { readonly count: number; readonly reason: string };
  /** A category that lies elsewhere than where its key belongs. */
  readonly strayed: { readonly category: string; readonly partition: number; readonly belongsTo: number } | undefined;
  /** Highest Kafka timestamp; −Infinity when there is none. */
  readonly newestMs: number;
}

/** Records looked at in each partition. */
const SAMPLED = 50;

async function sampleOf(backends: Backends, config: Config, topic: TopicDescription): Promise<TopicSample> {
  let records = 0, newestMs = -Infinity, invalid = { count: 0, reason: "" };
  let strayed: TopicSample["strayed"];
  for await (const record of readTopic(await backends.source(), { newest: SAMPLED })) {
    const { partition, timestampMs, value } = record;
    records++;
    newestMs = Math.max(newestMs, timestampMs < 0 ? -Infinity : timestampMs);
    const read = decodeTransaction(
      value ?? new Uint8Array(),
      config.fieldMap,
      timestampMs < 0 ? undefined : timestampMs,
    );
    if ("reason" in read) {
      invalid = { count: invalid.count + 1, reason: read.reason };
      continue;
    }
    const belongsTo = partitionOf(new TextEncoder().encode(read.category), topic.partitions.length);
    if (belongsTo !== partition) strayed ??= { category: read.category, partition, belongsTo };
  }
  return { records, invalid, strayed, newestMs };
}

/** A clock is wrong when it is this much behind the brokers'. */
const SKEW_MS = 2_000;

/** What a sample says about keys, mapping and clocks. */
export function sampleFindings(
  { records, invalid, strayed, newestMs }: TopicSample,
  nowMs: number,
): readonly Finding[] {
  if (records === 0) return [{ level: "note", text: "the topic is empty, so its records could not be looked at" }];
  const findings: Finding[] = [];
  if (invalid.count > 0) {
    findings.push({
      level: invalid.count === records ? "problem" : "note",
      text: `${invalid.count} of the ${records} newest records are no transactions (the last: ${invalid.reason}); ` +
        "they go to the dead letters. Look at them with `tally topic tail`; if names differ, set FIELD_MAP",
    });
  }
  findings.push(
    strayed === undefined
      ? { level: "ok", text: `${records} newest records lie where the key of their category puts them` }
      : {
        level: "note",
        text: `the topic is not keyed by category: ${JSON.stringify(strayed.category)} is in partition ` +
          `${strayed.partition}, its key belongs to ${strayed.belongsTo}; run one process, which is exact on any topic`,
      },
  );
  if (newestMs > nowMs + SKEW_MS) {
    findings.push({
      level: "problem",
      text: `the newest record is ${((newestMs - nowMs) / 1_000).toFixed(0)} s ahead of this machine's clock; ` +
        "synchronize the clocks of this machine and the brokers (NTP)",
    });
  }
  return findings;
}
