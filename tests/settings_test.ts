import assert from "node:assert/strict";
import { parseDurationMs } from "../src/duration.ts";
import { SETTINGS } from "../src/settings.ts";

type Name = keyof typeof SETTINGS;

/** Values at the limits of a setting, and those just past them. */
const CASES: readonly (readonly [name: Name, good: readonly string[], bad: readonly string[]])[] = [
  ["port", ["0", "65535"], ["-1", "65536", "80.5", "0x50", "", "http", "8e3"]],
  ["workers", ["1", "256"], ["0", "257", "1.5", "all"]],
  ["partitions", ["1", "10000"], ["0", "10001", "NaN"]],
  ["window", ["1ms", "60s"], ["0s", "60", "-5s", "1w", "5 s", ""]],
  ["slide", ["1ms", "5s"], ["0ms", "0.5ms"]],
  ["lateness", ["0s", "30s", "1.5s"], ["-1s", "Infinity", "1e3ms"]],
  ["flush", ["10ms", "1s"], ["9ms", "0s"]],
  ["idle", ["100ms"], ["99ms"]],
  ["maxSkew", ["0s", "5m"], ["never"]],
  ["zeroFill", ["0s", "1m"], ["-1m"]],
  ["storeTimeout", ["100ms", "3s"], ["99ms"]],
  ["sessionTimeout", ["6s", "6000ms"], ["5999ms", "5.999s"]],
  ["timezone", ["UTC", "Europe/Berlin", "America/New_York"], ["Mars/Olympus", "", "Berlin"]],
  ["webhookUrl", ["http://localhost:9", "https://hooks.example.org/T/x?token=y"], [
    "hooks.example.org",
    "ftp://hooks.example.org",
    "file:///etc/passwd",
    "https://me:secret@hooks.example.org",
    "",
  ]],
  ["webhookSecret", ["x".repeat(16)], ["x".repeat(15), ""]],
  ["logLevel", ["debug", "info", "warn", "error", "silent"], ["INFO", "trace", ""]],
  ["fieldMap", ["", "amount=amt,timestamp=unix_time"], ["amount", "price=amt", "amount=a,amount=b", "amount="]],
  ["brokers", ["a:1", "a:65535", "127.0.0.1:9092,b:9092", "[::1]:9092"], [
    "a",
    "a:",
    ":9092",
    "a:0",
    "a:65536",
    "a:9092,",
    "a b:1",
    "::1:9092",
    "http://a:9092",
  ]],
  ["topic", ["transactions", "a.b_c-d", "x".repeat(240)], ["", "x".repeat(241), "a b", "ä", "a/b"]],
  ["groupId", ["tally"], [""]],
  ["ssl", ["true", "false"], ["yes", "1", "TRUE", ""]],
  ["saslMechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], ["plain", "GSSAPI", ""]],
  ["influxUrl", ["http://localhost:8086", "https://influx.example.org/base"], [
    "localhost:8086",
    "ftp://a",
    "",
    "influx",
  ]],
];

Deno.test("SETTINGS take what they say is allowed, and refuse what is just past it", () => {
  const verdicts = CASES.flatMap(([name, good, bad]) =>
    [...good, ...bad].map((text) => `${name} ${text} ${SETTINGS[name].schema.safeParse(text).success}`)
  );
  const expected = CASES.flatMap(([name, good, bad]) => [
    ...good.map((text) => `${name} ${text} true`),
    ...bad.map((text) => `${name} ${text} false`),
  ]);
  assert.deepStrictEqual(verdicts, expected);
});

Deno.test("SETTINGS: every default is a value that its own setting takes", () => {
  for (const [name, { schema, fallback }] of Object.entries(SETTINGS)) {
    if (fallback !== undefined) assert.ok(schema.safeParse(fallback).success, name);
  }
});

Deno.test("SETTINGS: names in the environment and flags are unique, and a flag follows from the name", () => {
  const all = Object.values(SETTINGS);
  assert.strictEqual(new Set(all.map(({ env }) => env)).size, all.length);
  assert.strictEqual(new Set(all.map(({ flag }) => flag)).size, all.length);
  const { port, brokers, idle } = SETTINGS;
  assert.deepStrictEqual([port.flag, brokers.flag, idle.flag], ["port", "kafka-brokers", "idle"]);
  assert.strictEqual(brokers.alias, "KAFKA_BOOTSTRAP_SERVERS");
});

Deno.test("SETTINGS has every variable that DESIGN.md promises", () => {
  const promised =
    `TALLY_HOST TALLY_PORT TALLY_TOKEN TALLY_DATA_DIR TALLY_WORKERS TALLY_WINDOW TALLY_SLIDE TALLY_LATENESS
    TALLY_FLUSH TALLY_IDLE TALLY_MAX_SKEW TALLY_ZERO_FILL TALLY_STORE_TIMEOUT TALLY_PARTITIONS TALLY_TIMEZONE FIELD_MAP
    KAFKA_BROKERS KAFKA_TOPIC KAFKA_GROUP_ID KAFKA_INSTANCE_ID KAFKA_SESSION_TIMEOUT KAFKA_SSL KAFKA_SASL_MECHANISM
    KAFKA_SASL_USERNAME KAFKA_SASL_PASSWORD INFLUX_URL INFLUX_TOKEN INFLUX_ORG INFLUX_BUCKET`.split(/\s+/);
  const known = new Set(Object.values(SETTINGS).map(({ env }) => env));
  assert.deepStrictEqual(promised.filter((env) => !known.has(env)), []);
});

Deno.test("SETTINGS: what must not be told is secret", () => {
  const secrets = Object.values(SETTINGS).filter(({ isSecret }) => isSecret).map(({ env }) => env).sort();
  assert.deepStrictEqual(secrets, [
    "INFLUX_TOKEN",
    "KAFKA_SASL_PASSWORD",
    "TALLY_CUSTOMER_KEY",
    "TALLY_TOKEN",
    "TALLY_WEBHOOK_SECRET",
    "TALLY_WEBHOOK_URL",
  ]);
});

Deno.test("parseDurationMs() reads whole milliseconds in ms, s, m and h, and nothing else", () => {
  const read = [["0ms", 0], ["1ms", 1], ["1.5s", 1_500], ["90m", 5_400_000], ["24h", 86_400_000], ["2d", 172_800_000], [
    " 5s ",
    5_000,
  ], [
    "0.001s",
    1,
  ]] as const;
  for (const [text, ms] of read) assert.strictEqual(parseDurationMs(text), ms, text);
  for (const text of ["", "5", "s", "5 s", "-5s", "5S", "1.s", ".5s", "0.5ms", "1h30m", "1e3s", "9999999999999h"]) {
    assert.strictEqual(parseDurationMs(text), undefined, text);
  }
});
