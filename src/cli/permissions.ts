/**
 * What Deno lets this process do: looked at before a start, given up after it.
 *
 * The tasks of deno.json grant what a command needs under any configuration, for a task cannot know which broker or folder
 * will be named. What the configuration at hand does not need is given up as soon as everything is open.
 *
 * I1. Nothing here widens a permission or asks for one.
 */
import type { Config } from "../config.ts";
import { ConfigError } from "../stream/failures.ts";

/** Makes sure that what the configuration names may be reached. @throws {ConfigError} with one line per problem */
export function checkPermissions(config: Config): void {
  const problems = [
    ...hostProblems("TALLY_HOST", [config.host.includes(":") ? `[${config.host}]` : config.host]),
    ...hostProblems("KAFKA_BROKERS", config.kafka?.brokers ?? []),
  ];
  if (config.influx !== undefined) problems.push(...hostProblems("INFLUX_URL", [addressOf(config.influx.url)]));
  if (config.webhook !== undefined) {
    problems.push(...hostProblems("TALLY_WEBHOOK_URL", [addressOf(config.webhook.url)]));
  }
  if (isEmbedded(config) && !isGranted({ name: "write", path: config.dataDir })) {
    problems.push(`TALLY_DATA_DIR: ${config.dataDir} may not be written by this process; run it with --allow-write`);
  }
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));
}

/**
 * Gives up, for this isolate and its workers, what a pipeline that has started needs no more: with an embedded log and an
 * embedded store and nobody to tell of incidents all of the network but the page's open port, with neither all writing of files.
 */
export function giveUpPermissions({ kafka, influx, webhook }: Pick<Config, "kafka" | "influx" | "webhook">): void {
  if (kafka === undefined && influx === undefined && webhook === undefined) {
    Deno.permissions.revokeSync({ name: "net" });
  }
  if (kafka !== undefined && influx !== undefined) Deno.permissions.revokeSync({ name: "write" });
}

function* hostProblems(setting: string, addresses: readonly string[]): Generator<string> {
  for (const host of addresses) {
    if (isGranted({ name: "net", host })) continue;
    yield `${setting}: ${host} is beyond what this task may use, which is this machine alone; use \`deno task tally\``;
  }
}

function addressOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

function isEmbedded({ kafka, influx }: Config): boolean {
  return kafka === undefined || influx === undefined;
}

function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  try {
    return Deno.permissions.querySync(descriptor).state === "granted";
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof URIError)) throw error;
    return false; // No address that could be on a list.
  }
}
