/**
 * Every setting of the program: its name, what it may be, and what it is when nobody says.
 *
 * A setting is read from the flag, else from the environment, else from its default. The flag of `TALLY_PORT` is
 * `--port`, that of `KAFKA_BROKERS` `--kafka-brokers`.
 */
import { cpus } from "node:os";
import { z } from "zod";
import { DAY_MS } from "./duration.ts";
import {
  brokerList,
  duration,
  fieldMap,
  flagText,
  isAnonymous,
  isBare,
  text,
  timezone,
  whole,
} from "./setting_values.ts";

/** One setting; `T` has `undefined` in it when nothing stands for it by default. */
export interface Setting<T> {
  /** Name in the environment. */
  readonly env: string;
  /** A second name in the environment. */
  readonly alias?: string;
  readonly flag: string;
  /** Text that stands for the setting when it is not given; undefined leaves it out. */
  readonly fallback: string | undefined;
  /** What is allowed, in words. */
  readonly allowed: string;
  readonly summary: string;
  readonly isSecret: boolean;
  readonly schema: z.ZodType<T, string>;
}

interface Description<T> {
  readonly allowed: string;
  readonly summary: string;
  readonly schema: z.ZodType<T, string>;
  readonly alias?: string;
  readonly isSecret?: boolean;
}

function setting<T>(env: string, description: Description<T> & { readonly fallback: string }): Setting<T> {
  return { env, flag: flagOf(env), isSecret: false, ...description };
}

function optional<T>(env: string, description: Description<T>): Setting<T | undefined> {
  return { env, flag: flagOf(env), isSecret: false, fallback: undefined, ...description };
}

function flagOf(env: string): string {
  return env.replace(/^TALLY_/, "").toLowerCase().replaceAll("_", "-");
}

/** All settings, by the name they have in the program. */
export const SETTINGS = {
  host: setting("TALLY_HOST", {
    fallback: "127.0.0.1",
    allowed: "an address",
    summary: "address to serve the page on",
    schema: text,
  }),
  port: setting("TALLY_PORT", {
    fallback: "8080",
    allowed: "0-65535; 0 takes a free one",
    summary: "port of the page",
    schema: whole(0, 65_535),
  }),
  token: optional("TALLY_TOKEN", {
    allowed: "any text",
    summary: "bearer token that HTTP asks for",
    schema: text,
    isSecret: true,
  }),
  dataDir: setting("TALLY_DATA_DIR", {
    fallback: "./data",
    allowed: "a folder",
    summary: "folder of the embedded log and store",
    schema: text,
  }),
  workers: setting("TALLY_WORKERS", {
    fallback: String(Math.max(1, cpus().length - 1)),
    allowed: "1-256",
    summary: "worker threads",
    schema: whole(1, 256),
  }),
  window: setting("TALLY_WINDOW", {
    fallback: "60s",
    allowed: "a duration, 1 to 1,440 whole slides",
    summary: "length of a rolling window",
    schema: duration(1),
  }),
  slide: setting("TALLY_SLIDE", {
    fallback: "5s",
    allowed: "a duration, at least 1ms",
    summary: "length of a pane: how far a window rolls",
    schema: duration(1),
  }),
  lateness: setting("TALLY_LATENESS", {
    fallback: "30s",
    allowed: "a duration",
    summary: "how far behind the highest time an event may come",
    schema: duration(0),
  }),
  flush: setting("TALLY_FLUSH", {
    fallback: "1s",
    allowed: "a duration, at least 10ms",
    summary: "time between two writes",
    schema: duration(10),
  }),
  idle: setting("TALLY_IDLE", {
    fallback: "5s",
    allowed: "a duration, at least 100ms",
    summary: "quiet time after which a partition is idle",
    schema: duration(100),
  }),
  maxSkew: setting("TALLY_MAX_SKEW", {
    fallback: "5m",
    allowed: "a duration",
    summary: "how far an event may be ahead of its Kafka timestamp",
    schema: duration(0),
  }),
  zeroFill: setting("TALLY_ZERO_FILL", {
    fallback: "1m",
    allowed: "a duration of whole slides",
    summary: "how long empty windows are written as zeros",
    schema: duration(0),
  }),
  storeTimeout: setting("TALLY_STORE_TIMEOUT", {
    fallback: "3s",
    allowed: "a duration, at least 100ms",
    summary: "time that the store has to answer",
    schema: duration(100),
  }),
  retention: optional("TALLY_RETENTION", {
    allowed: "a duration, at least 1d",
    summary: "how long windows and panes stay in the store, in event time; hours and days stay for ever",
    schema: duration(DAY_MS),
  }),
  partitions: setting("TALLY_PARTITIONS", {
    fallback: "12",
    allowed: "1-10000",
    summary: "partitions of a topic made here",
    schema: whole(1, 10_000),
  }),
  timezone: setting("TALLY_TIMEZONE", {
    fallback: "UTC",
    allowed: "an IANA time zone",
    summary: "zone of hours and seasons",
    schema: timezone,
  }),
  customerKey: optional("TALLY_CUSTOMER_KEY", {
    allowed: "any text",
    summary: "secret that the names of top customers are made with; without it they are others at every start",
    schema: text,
    isSecret: true,
  }),
  showCustomers: setting("TALLY_SHOW_CUSTOMERS", {
    fallback: "false",
    allowed: "true or false",
    summary: "top customers by their ids in place of a keyed hash",
    schema: flagText,
  }),
  webhookUrl: optional("TALLY_WEBHOOK_URL", {
    allowed: "http://… or https://… without user and password",
    summary: "address that is told of incidents",
    schema: z.url({ protocol: /^https?$/ }).refine((value) => isAnonymous(value)),
    isSecret: true,
  }),
  webhookSecret: optional("TALLY_WEBHOOK_SECRET", {
    allowed: "any text of at least 16 characters",
    summary: "what alarms are signed with",
    schema: z.string().min(16),
    isSecret: true,
  }),
  logLevel: setting("TALLY_LOG_LEVEL", {
    fallback: "info",
    allowed: "debug, info, warn, error or silent",
    summary: "how much is logged",
    schema: z.enum(["debug", "info", "warn", "error", "silent"]),
  }),
  fieldMap: setting("FIELD_MAP", {
    fallback: "",
    allowed: "field=name,… with the fields of a transaction",
    summary: "names that the topic uses for the fields",
    schema: fieldMap,
  }),
  brokers: optional("KAFKA_BROKERS", {
    alias: "KAFKA_BOOTSTRAP_SERVERS",
    allowed: "host:port,…",
    summary: "Kafka brokers; without them the embedded log is used",
    schema: brokerList,
  }),
  topic: setting("KAFKA_TOPIC", {
    fallback: "transactions",
    allowed: "letters, digits, . _ -",
    summary: "topic to read",
    schema: z.string().regex(/^[a-zA-Z0-9._-]{1,240}$/),
  }),
  groupId: setting("KAFKA_GROUP_ID", {
    fallback: "tally",
    allowed: "any text",
    summary: "consumer group",
    schema: text,
  }),
  instanceId: optional("KAFKA_INSTANCE_ID", {
    allowed: "any text",
    summary: "name of this member for static membership",
    schema: text,
  }),
  sessionTimeout: setting("KAFKA_SESSION_TIMEOUT", {
    fallback: "10s",
    allowed: "a duration, at least 6s",
    summary: "silence after which the group gives partitions to others",
    schema: duration(6_000),
  }),
  checkCrcs: setting("KAFKA_CHECK_CRCS", {
    fallback: "false",
    allowed: "true or false",
    summary: "whether a batch whose checksum is wrong is refused",
    schema: flagText,
  }),
  ssl: setting("KAFKA_SSL", {
    fallback: "false",
    allowed: "true or false",
    summary: "TLS to the brokers",
    schema: flagText,
  }),
  saslMechanism: optional("KAFKA_SASL_MECHANISM", {
    allowed: "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
    summary: "how to log in",
    schema: z.enum(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]),
  }),
  saslUsername: optional("KAFKA_SASL_USERNAME", { allowed: "any text", summary: "user of the brokers", schema: text }),
  saslPassword: optional("KAFKA_SASL_PASSWORD", {
    allowed: "any text",
    summary: "its password",
    schema: text,
    isSecret: true,
  }),
  influxUrl: optional("INFLUX_URL", {
    allowed: "http://… or https://…; user and password go into INFLUX_TOKEN",
    summary: "InfluxDB; without it the embedded store is used",
    schema: z.url({ protocol: /^https?$/ }).refine((value) => isBare(value)),
  }),
  influxToken: setting("INFLUX_TOKEN", {
    fallback: "",
    allowed: "any text",
    summary: "token (1.x: user:password)",
    schema: z.string(),
    isSecret: true,
  }),
  influxOrg: setting("INFLUX_ORG", {
    fallback: "",
    allowed: "any text",
    summary: "organisation (1.x: none)",
    schema: z.string(),
  }),
  bucket: setting("INFLUX_BUCKET", {
    fallback: "fraud_data",
    allowed: "any text",
    summary: "bucket or database",
    schema: text,
  }),
};
