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
/** Settings with their values. */
type Values = { readonly [K in Name]: ValueOf<typeof SETTINGS[K]> };

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
  /** How long windows and panes stay in the store; Infinity: for ever. */
  readonly retentionMs: number;
  readonly partitions: number;
  readonly timezone: string;
  /** Undefined: one that nobody else has. */
  readonly customerKey: string | undefined;
  /** Whether customers are shown by their ids. */
  readonly showsCustomers: boolean;
  /** Undefined: nobody is told of incidents. */
  readonly webhook: WebhookSettings | undefined;
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
  /** Whether a batch whose checksum is wrong counts as damaged. */
  readonly checksCrcs: boolean;
  readonly ssl: boolean;
  readonly sasl:
    | { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string }
    | undefined;
}

/** A SASL mechanism by its name in Kafka. */
export type SaslMechanism = NonNullable<ValueOf<typeof SETTINGS["saslMechanism"]>>;

/** Who is told of incidents. */
export interface WebhookSettings {
  readonly url: string;
  readonly secret: string | undefined;
}

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
  const values = readValues(sources);
  const problems = [...shapeProblems(values), ...kafkaProblems(values)];
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));
  const { host, port, token, dataDir, workers, partitions, timezone, logLevel, fieldMap, topic, groupId } = values;
  return Object.freeze({
    host,
    port,
    token,
    dataDir,
    workers,
    shape: shapeOf(values),
    flushMs: values.flush,
    idleMs: values.idle,
    maxSkewMs: values.maxSkew,
    storeTimeoutMs: values.storeTimeout,
    retentionMs: values.retention ?? Infinity,
    partitions,
    timezone,
    customerKey: values.customerKey,
    showsCustomers: values.showCustomers,
    webhook: values.webhookUrl === undefined ? undefined : { url: values.webhookUrl, secret: values.webhookSecret },
    logLevel,
    fieldMap,
    topic,
    groupId,
    kafka: kafkaOf(values),
    influx: influxOf(values),
  });
}

/** Each setting by its own rules. @throws {ConfigError} */
function readValues({ flags = {}, env = (name) => Deno.env.get(name) }: ConfigSources): Values {
  const problems: string[] = [];
  const read = <T>(name: string, setting: Setting<T>): T | undefined => {
    const flag = flags[name];
    const fromEnv = env(setting.env) || (setting.alias === undefined ? undefined : env(setting.alias));
    const given = flag ?? (fromEnv || setting.fallback);
    if (given === undefined) return undefined;
    const parsed = setting.schema.safeParse(given);
    if (parsed.success) return parsed.data;
    const source = flag === undefined ? setting.env : `--${setting.flag}`;
    problems.push(`${source}: ${maskedOf(given, setting)} is not ${setting.allowed}${detailOf(parsed.error)}`);
    return undefined;
  };
  const entries = Object.entries(SETTINGS).map(([name, setting]) => [name, read<unknown>(name, setting)]);
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));
  // Each value was parsed by the schema of its own setting; the table's type says so key by key.
  return Object.fromEntries(entries) as Values;
}

function maskedOf(given: string, { isSecret }: { readonly isSecret: boolean }): string {
  return isSecret ? "(secret)" : JSON.stringify(withoutSecrets(given));
}

/** What stands before an @ may be a user and a password, and after a ? a token, wherever they were put by mistake. */
function withoutSecrets(text: string): string {
  return text.replace(/[^",\s]+/g, (word) => {
    const [address = "", ...query] = word.split("?"), at = address.lastIndexOf("@");
    return `${at < 0 ? address : `(secret)${address.slice(at)}`}${query.length === 0 ? "" : "?(secret)"}`;
  });
}

/** Only schemas of ours that can say more than the setting's own words put it in a capital sentence. */
function detailOf(error: z.ZodError): string {
  const sentence = error.issues.map(({ message }) => message).find((message) => message.startsWith("Cannot "));
  return sentence === undefined ? "" : ` (${withoutSecrets(sentence)})`;
}

function shapeOf({ slide, window, lateness, zeroFill }: Values): WindowShape {
  return windowShape({ slideMs: slide, windowMs: window, latenessMs: lateness, zeroFillMs: zeroFill });
}

function shapeProblems(values: Values): readonly string[] {
  try {
    shapeOf(values);
    return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [`TALLY_WINDOW, TALLY_SLIDE, TALLY_ZERO_FILL: ${error.message}`];
  }
}

function kafkaProblems(values: Values): readonly string[] {
  const { brokers, storeTimeout, sessionTimeout, saslMechanism, saslUsername, saslPassword } = values;
  if (brokers === undefined) return [];
  const problems: string[] = [];
  const given = [saslMechanism, saslUsername, saslPassword].filter((value) => value !== undefined).length;
  if (given > 0 && given < 3) {
    problems.push("KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: all three or none must be given");
  }
  if (storeTimeout >= sessionTimeout) {
    problems.push(
      `TALLY_STORE_TIMEOUT: ${storeTimeout}ms must be shorter than KAFKA_SESSION_TIMEOUT (${sessionTimeout}ms), ` +
        "or no write could ever be sure of its partitions",
    );
  }
  return problems;
}

function kafkaOf(values: Values): KafkaSettings | undefined {
  const { brokers, instanceId, checkCrcs: checksCrcs, ssl, saslMechanism: mechanism, saslUsername, saslPassword } =
    values;
  if (brokers === undefined) return undefined;
  const sasl = mechanism === undefined
    ? undefined
    : { mechanism, username: saslUsername ?? "", password: saslPassword ?? "" };
  return { brokers, instanceId, sessionTimeoutMs: values.sessionTimeout, checksCrcs, ssl, sasl };
}

function influxOf({ influxUrl: url, influxToken: token, influxOrg: org, bucket }: Values): InfluxSettings | undefined {
  return url === undefined ? undefined : { url, token, org, bucket };
}
