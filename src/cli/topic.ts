/** `tally topic create|delete|describe|tail`. */
import { Command, Option } from "commander";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import { ConfigError } from "../stream/failures.ts";
import { Backends } from "./backends.ts";
import { configOf, withSettings } from "./settings_options.ts";
import { tail, type TailOptions } from "./tail.ts";

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
        .description("print records from the beginning, one a line")
        .option("--dead", "print the dead letters instead (always as jsonl)")
        .option("--follow", "go on with what comes until Ctrl-C")
        .addOption(
          new Option("--format <name>", "how (default: text on a terminal, else jsonl)").choices(["jsonl", "text"]),
        ),
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
  tally topic tail --follow                   transactions as they come
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
