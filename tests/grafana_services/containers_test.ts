/** What the containers of docker-compose.yml do, with their settings and command lines, on servers without containers. */
import assert from "node:assert/strict";
import { Installation, reachedPosition } from "../e2e/installation.ts";
import { type Compose, composeFile, serviceOf } from "../grafana/compose_file.ts";
import { influx, kafka, type KafkaService } from "../services/services.ts";

/** Settings of the container's start script and the JVM, and where its data is: not the broker's. */
const NOT_OF_THE_BROKER = ["KAFKA_HEAP_OPTS", "KAFKA_LOG_DIRS"];
/** Ports of the container and what stands for them on a server of the tests. */
const PORTS = { 29093: "{controllerPort}", 19092: "{extraPort}", 9092: "{port}" };

Deno.test("docker-compose.yml: its Kafka starts, its topic is made once, its producer and Tally work, and Tally is healthy", async () => {
  const compose = await composeFile();
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await kafka({ properties: brokerProperties(compose), own: true }));
  await makeTopic(compose, broker);
  await makeTopic(compose, broker);
  assert.match(await topics(broker, "--describe", "--topic", "transactions"), /PartitionCount: 12.*LogAppendTime/);

  const store = stack.use(await influx({ own: true }));
  const tally = stack.use(
    await Installation.create({
      ...serviceOf(compose, "tally").environment,
      TALLY_HOST: "127.0.0.1",
      TALLY_PORT: "0",
      KAFKA_BROKERS: `127.0.0.1:${broker.extraPort}`,
      INFLUX_URL: store.url,
      INFLUX_TOKEN: store.token,
      INFLUX_ORG: store.org,
    }),
  );
  tally.start(...serviceOf(compose, "producer").command);
  const page = await tally.start(...serviceOf(compose, "tally").command).url();
  await reachedPosition(page, 1_000);
  assert.equal((await tally.run("health", "--port", new URL(page).port)).trim().split("\n").length, 1);

  const printed = await broker.tool(
    "console-consumer",
    ...[
      "--bootstrap-server",
      broker.brokers[0] ?? "",
      "--topic",
      "transactions",
      "--from-beginning",
      "--max-messages",
      "5",
    ],
  );
  const categories = printed.trim().split("\n").map((line) => typeof JSON.parse(line).category);
  assert.deepEqual(categories, Array(5).fill("string"));
});

Deno.test("docker-compose.yml: its topic can be deleted and made again with Kafka's tools", async () => {
  const compose = await composeFile();
  await using broker = await kafka({ properties: brokerProperties(compose), own: true });
  await makeTopic(compose, broker);
  await topics(broker, "--delete", "--topic", "transactions");
  await topics(broker, "--create", "--topic", "transactions", "--partitions", "3");
  assert.match(await topics(broker, "--describe", "--topic", "transactions"), /PartitionCount: 3/);
});

/** The broker's properties that the image makes of the environment, on 127.0.0.1. */
function brokerProperties(compose: Compose): Record<string, string> {
  const own = Object.entries(serviceOf(compose, "kafka").environment)
    .filter(([name]) => name.startsWith("KAFKA_") && !NOT_OF_THE_BROKER.includes(name));
  return Object.fromEntries(own.map(([name, value]) => [propertyOf(name), localOf(value)]));
}

/** Source: the image's rule, `_` is a dot, `__` an underscore, `___` a dash. */
function propertyOf(name: string): string {
  const separator = (run: string) => run.length === 1 ? "." : run.length === 2 ? "_" : "-";
  return name.slice("KAFKA_".length).toLowerCase().replaceAll(/_{1,3}/g, separator);
}

function localOf(value: string): string {
  return Object.entries(PORTS).reduce(
    (text, [port, local]) =>
      text.replaceAll(new RegExp(`(^|://|@)(kafka|localhost|):${port}\\b`, "g"), `$1127.0.0.1:${local}`),
    value,
  );
}

/** Runs what the container `kafka-init` runs. */
async function makeTopic(compose: Compose, broker: KafkaService): Promise<void> {
  const { entrypoint, command } = serviceOf(compose, "kafka-init");
  assert.match(entrypoint.join(" "), /kafka-topics\.sh$/);
  const local = command.map((part) => part.replace("kafka:19092", `127.0.0.1:${broker.extraPort}`));
  await broker.tool("topics", ...local);
}

async function topics(broker: KafkaService, ...args: readonly string[]): Promise<string> {
  return await broker.tool("topics", "--bootstrap-server", broker.brokers[0] ?? "", ...args);
}
