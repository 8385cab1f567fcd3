/**
 * The configuration: settings from flags and environment, checked as a whole before anything else happens.
 *
 * I1. This is the only reader of the environment.
 * I2. A wrong value ends the program with one line per problem: name, value (secrets masked), what is allowed.
 */
import type { z } from "zod";
import { type Setting, SETTINGS } from "./settings.ts";
import { ConfigError } from "./stream/failures.ts";
import { type WindowShape, windowShape } from "./window/shape.ts";

type Name = keyof typeof SETTINGS;
type ValueOf<S> = S extends Setting<infer T> ? T : never;
/** Settings with their values; those without a fallback may be undefined. */
type Values = { readonly [K in Name]: ValueOf<typeof SETTINGS[K]> | undefined };

/** A checked configuration. Durations are ms. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly dataDir: string;
  readonly workers: number;
  readonly shape: WindowShape;
  readonly flushMs: number;
  readonly idleMs: number;
  readonly maxSkewMs: number;
  readonly storeTimeoutMs: number;
  readonly partitions: number;
  readonly timezone: string;
  readonly logLevel: ValueOf<typeof SETTINGS["logLevel"]>;
  readonly fieldMap: ValueOf<typeof SETTINGS["fieldMap"]>;
  readonly topic: string;
  readonly groupId: string;
  /** Undefined: the embedded log. */
  readonly kafka: KafkaSettings | undefined;
  /** Undefined: the embedded store. */
  readonly influx: InfluxSettings | undefined;
}

/** How to reach Kafka. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly instanceId: string | undefined;
  readonly sessionTimeoutMs: number;
  readonly ssl: boolean;
  readonly sasl:
    | { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string }
    | undefined;
}

/** A SASL mechanism by its name in Kafka. */
export type SaslMechanism = ValueOf<typeof SETTINGS["saslMechanism"]>;

/** How to reach InfluxDB. */
export interface InfluxSettings {
  readonly url: string;
  readonly token: string;
  readonly org: string;
  readonly bucket: string;
}

/** Where settings come from; the environment is the process's unless given. */
export interface ConfigSources {
  /** Values of flags by setting. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
  readonly env?: (name: string) => string | undefined;
}

/**
 * Reads and checks the configuration.
 *
 * @throws {ConfigError} with one line per problem.
 */
export function readConfig(sources: ConfigSources = {}): Config {
  const problems: string[] = [];
  const values = readValues(sources, problems);
  const shape = shapeOf(values, problems);
  const kafka = kafkaOf(values, problems);
  if (problems.length > 0 || shape === undefined) throw new ConfigError(problems.join("\n"));
  return Object.freeze({
    host: values.host ?? "",
    port: values.port ?? 0,
    token: values.token,
    dataDir: values.dataDir ?? "",
    workers: values.workers ?? 1,
    shape,
    flushMs: values.flush ?? 0,
    idleMs: values.idle ?? 0,
    maxSkewMs: values.maxSkew ?? 0,
    storeTimeoutMs: values.storeTimeout ?? 0,
    partitions: values.partitions ?? 1,
    timezone: values.timezone ?? "",
    logLevel: values.logLevel ?? "info",
    fieldMap: values.fieldMap ?? SETTINGS.fieldMap.schema.parse(""),
    topic: values.topic ?? "",
    groupId: values.groupId ?? "",
    kafka,
    influx: influxOf(values),
  });
}

function readValues({ flags = {}, env = (name) => Deno.env.get(name) }: ConfigSources, problems: string[]): Values {
  const read = <T>(name: string, setting: Setting<T>): T | undefined => {
    const flag = flags[name];
    const fromEnv = env(setting.env) || (setting.alias === undefined ? undefined : env(setting.alias));
    const given = flag ?? fromEnv ?? setting.fallback;
    if (given === undefined) return undefined;
    const parsed = setting.schema.safeParse(given);
    if (parsed.success) return parsed.data;
    const source = flag === undefined ? setting.env : `--${setting.flag}`;
    problems.push(`${source}: ${maskedOf(given, setting)} is not ${setting.allowed}${detailOf(parsed.error)}`);
    return undefined;
  };
  const entries = Object.entries(SETTINGS).map(([name, setting]) => [name, read<unknown>(name, setting)]);
  // Each value was parsed by the schema of its own setting; the table's type says so key by key.
  return Object.fromEntries(entries) as Values;
}

/** The value as it may be shown: user names and passwords in addresses are secrets too. */
function maskedOf(given: string, { isSecret }: { readonly isSecret: boolean }): string {
  return isSecret ? "(secret)" : JSON.stringify(given.replace(/[^/,\s]*@/g, "(secret)@"));
}

/** Only schemas of ours that can say more than the setting's own words put it in a capital sentence. */
function detailOf(error: z.ZodError): string {
  const sentence = error.issues.map(({ message }) => message).find((message) => message.startsWith("Cannot "));
  return sentence === undefined ? "" : ` (${sentence})`;
}

function shapeOf(values: Values, problems: string[]): WindowShape | undefined {
  const { slide, window, lateness, zeroFill } = values;
  if (slide === undefined || window === undefined || lateness === undefined || zeroFill === undefined) return undefined;
  try {
    return windowShape({ slideMs: slide, windowMs: window, latenessMs: lateness, zeroFillMs: zeroFill });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.push(`TALLY_WINDOW, TALLY_SLIDE, TALLY_ZERO_FILL: ${error.message}`);
    return undefined;
  }
}

function kafkaOf(values: Values, problems: string[]): KafkaSettings | undefined {
  if (values.brokers === undefined) return undefined;
  const { saslMechanism: mechanism, saslUsername: username, saslPassword: password } = values;
  const given = [mechanism, username, password].filter((value) => value !== undefined).length;
  if (given > 0 && given < 3) {
    problems.push("KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: all three or none must be given");
  }
  const { storeTimeout = 0, sessionTimeout = Infinity } = values;
  if (storeTimeout >= sessionTimeout) {
    problems.push(
      `TALLY_STORE_TIMEOUT: ${storeTimeout}ms must be shorter than KAFKA_SESSION_TIMEOUT (${sessionTimeout}ms), ` +
        "or no write could ever be sure of its partitions",
    );
  }
  return {
    brokers: values.brokers,
    instanceId: values.instanceId,
    sessionTimeoutMs: values.sessionTimeout ?? 0,
    ssl: values.ssl ?? false,
    sasl: mechanism === undefined || username === undefined || password === undefined
      ? undefined
      : { mechanism, username, password },
  };
}

function influxOf(values: Values): InfluxSettings | undefined {
  const { influxUrl: url, influxToken: token = "", influxOrg: org = "", bucket = "" } = values;
  return url === undefined ? undefined : { url, token, org, bucket };
}
