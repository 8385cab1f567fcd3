/** Kafka's own Java clients, as another program that uses the same topic. */
import { fileURLToPath } from "node:url";
import type { KafkaService } from "../services/services.ts";

/** The codecs that a Java producer knows. */
export const JAVA_CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

/** What to send, and how. */
export interface JavaRecords {
  readonly topic: string;
  readonly codec: typeof JAVA_CODECS[number];
  /** Text without tabs and line feeds; a null key lets the producer choose the partition. */
  readonly records: readonly { readonly key: string | null; readonly value: string }[];
}

/** A Java program that failed; the message holds what it printed. */
export class JavaError extends Error {
  override readonly name = "JavaError";
}

/** Sends records with Kafka's console producer; all have a key or none. */
export async function sendByJava({ brokers }: KafkaService, { topic, codec, records }: JavaRecords): Promise<void> {
  const hasKeys = records.some(({ key }) => key !== null);
  const command = new Deno.Command(fileURLToPath(new URL("../services/kafka_cli.sh", import.meta.url)), {
    args: [
      ...["console-producer", "--bootstrap-server", brokers.join(","), "--topic", topic, "--compression-codec", codec],
      ...(hasKeys ? ["--reader-property", "parse.key=true", "--reader-property", "key.separator=\t"] : []),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines = records.map(({ key, value }) => key === null ? value : `${key}\t${value}`);
  const input = new Blob([`${lines.join("\n")}\n`]).stream();
  const [{ success, stdout, stderr }] = await Promise.all([command.output(), input.pipeTo(command.stdin)]);
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success || said.includes("ERROR")) throw new JavaError(`Cannot send to ${topic} by Java: ${said}`);
}

/** What a group has committed, by partition, as Kafka's consumer-groups tool sees it. */
export async function lagsOf(kafka: KafkaService, group: string): Promise<ReadonlyMap<number, GroupLag>> {
  const printed = await kafka.tool(
    ...["consumer-groups", "--bootstrap-server", kafka.brokers.join(","), "--describe", "--group", group] as const,
  );
  const lines = printed.split("\n").map((line) => line.trim().split(/\s+/)).filter(([first]) => first === group);
  return new Map(lines.map(([, , partition, position, end, lag]) => [
    Number(partition),
    { position: Number(position), end: Number(end), lag: Number(lag) },
  ]));
}

/** A partition's line. */
export interface GroupLag {
  readonly position: number;
  readonly end: number;
  readonly lag: number;
}
