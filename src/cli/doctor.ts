/** `tally doctor`: checks the configuration and that each service answers, and says what to do. */
import { Command } from "commander";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { TopicDescription } from "../stream/source.ts";
import { Backends } from "./backends.ts";
import { configOf, withSettings } from "./settings_options.ts";

/** Something that must be mended before the processor can work. */
export class DiagnosisError extends Error {
  override readonly name = "DiagnosisError";
}

/** One finding. */
interface Finding {
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
      return topicFindings(await backends.admin().describe(config.topic), config);
    }),
  );
  findings.push(
    ...await checked(backends.storeName, async () => {
      await backends.store().ping();
      return [];
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

function topicFindings(topic: TopicDescription | undefined, { topic: name }: Config): readonly Finding[] {
  if (topic === undefined) {
    return [{ level: "note", text: `there is no topic ${name} yet; run, dev and produce make it` }];
  }
  const findings: Finding[] = [{ level: "ok", text: `topic ${name} has ${topic.partitions.length} partitions` }];
  if (topic.timestampType === "createTime") {
    findings.push({
      level: "note",
      text: `topic ${name} takes record times from its producers: a producer with a wrong clock is not noticed; ` +
        "set message.timestamp.type=LogAppendTime",
    });
  }
  if (topic.cleanupPolicy.includes("compact")) {
    findings.push({
      level: "problem",
      text: `topic ${name} is compacted: transactions would vanish; set cleanup.policy=delete`,
    });
  }
  return findings;
}
