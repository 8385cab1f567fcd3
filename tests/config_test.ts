import assert from "node:assert/strict";
import { type ConfigSources, readConfig } from "../src/config.ts";
import { ConfigError } from "../src/stream/failures.ts";

type Texts = Readonly<Record<string, string>>;

const sourcesOf = (env: Texts = {}, flags: Texts = {}): ConfigSources => ({ env: (name) => env[name], flags });
const read = (env: Texts = {}, flags: Texts = {}) => readConfig(sourcesOf(env, flags));

/** The lines that a wrong configuration ends with. */
function problemsOf(env: Texts, flags: Texts = {}): readonly string[] {
  try {
    read(env, flags);
  } catch (error) {
    assert.ok(error instanceof ConfigError, `${error}`);
    return error.message.split("\n");
  }
  return [];
}

Deno.test("readConfig() of nothing has the defaults of DESIGN.md: embedded log and store, this machine only", () => {
  const { workers, fieldMap, ...config } = read();
  assert.deepStrictEqual(config, {
    host: "127.0.0.1",
    port: 8080,
    token: undefined,
    dataDir: "./data",
    shape: { slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 },
    flushMs: 1_000,
    idleMs: 5_000,
    maxSkewMs: 300_000,
    storeTimeoutMs: 3_000,
    retentionMs: Infinity,
    partitions: 12,
    timezone: "UTC",
    customerKey: undefined,
    showsCustomers: false,
    logLevel: "info",
    topic: "transactions",
    webhook: undefined,
    groupId: "tally",
    kafka: undefined,
    influx: undefined,
  });
  assert.ok(workers >= 1);
  assert.strictEqual(fieldMap.names.amount, "amount");
});

Deno.test("readConfig(): a flag wins over the environment, the environment over the default, an empty variable says nothing", () => {
  const env = { TALLY_PORT: "9000" };
  assert.deepStrictEqual([read(env, { port: "9001" }).port, read(env).port, read({ TALLY_PORT: "" }).port], [
    9001,
    9000,
    8080,
  ]);
});

Deno.test("readConfig(): services are chosen by KAFKA_BROKERS, its alias, and INFLUX_URL", () => {
  const brokers = (env: Texts) => read(env).kafka?.brokers;
  assert.deepStrictEqual(brokers({ KAFKA_BROKERS: "a:9092, [::1]:9093" }), ["a:9092", "[::1]:9093"]);
  assert.deepStrictEqual(brokers({ KAFKA_BOOTSTRAP_SERVERS: "b:9092" }), ["b:9092"]);
  assert.deepStrictEqual(brokers({ KAFKA_BROKERS: "a:1", KAFKA_BOOTSTRAP_SERVERS: "b:2" }), ["a:1"]);
  assert.deepStrictEqual(read({ INFLUX_URL: "http://localhost:8086", INFLUX_TOKEN: "t" }).influx, {
    url: "http://localhost:8086",
    token: "t",
    org: "",
    bucket: "fraud_data",
  });
});

Deno.test("readConfig(): Kafka's settings", () => {
  const kafka = read({
    KAFKA_BROKERS: "a:9092",
    KAFKA_INSTANCE_ID: "one",
    KAFKA_SESSION_TIMEOUT: "45s",
    KAFKA_CHECK_CRCS: "true",
    KAFKA_SSL: "true",
    KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
    KAFKA_SASL_USERNAME: "u",
    KAFKA_SASL_PASSWORD: "p",
  }).kafka;
  assert.deepStrictEqual(kafka, {
    brokers: ["a:9092"],
    instanceId: "one",
    sessionTimeoutMs: 45_000,
    checksCrcs: true,
    ssl: true,
    sasl: { mechanism: "SCRAM-SHA-512", username: "u", password: "p" },
  });
});

Deno.test("readConfig() says of each problem the name, the value and what is allowed, one line each, all at once", () => {
  const env = { TALLY_PORT: "99999", TALLY_LATENESS: "soon", KAFKA_SSL: "yes", FIELD_MAP: "amout=amt" };
  const problems = problemsOf(env);
  assert.deepStrictEqual(problems.toSorted().map((line) => line.split(" ")[0]), [
    "FIELD_MAP:",
    "KAFKA_SSL:",
    "TALLY_LATENESS:",
    "TALLY_PORT:",
  ]);
  assert.ok(problems.includes('TALLY_PORT: "99999" is not 0-65535; 0 takes a free one'));
  assert.ok(problems.some((line) => line.includes("amout")));
});

Deno.test("readConfig() names the flag when a flag is wrong", () => {
  const [problem] = problemsOf({}, { port: "x" });
  assert.match(problem ?? "", /^--port: "x" is not 0-65535/);
});

Deno.test("readConfig() tells no secret", () => {
  const [problem] = problemsOf({}, { token: "" });
  assert.match(problem ?? "", /^--token: \(secret\) is not /);
  const half = problemsOf({ KAFKA_BROKERS: "a:1", KAFKA_SASL_PASSWORD: "hunter2" });
  assert.strictEqual(half.length, 1);
  assert.ok(!half.join().includes("hunter2"));
});

Deno.test("readConfig() takes the three SASL settings together or none of them", () => {
  const all = { KAFKA_SASL_MECHANISM: "PLAIN", KAFKA_SASL_USERNAME: "u", KAFKA_SASL_PASSWORD: "p" };
  const base = { KAFKA_BROKERS: "a:1" };
  assert.deepStrictEqual([problemsOf(base), problemsOf({ ...base, ...all })], [[], []]);
  for (const left of Object.keys(all)) {
    assert.match(problemsOf({ ...base, ...all, [left]: "" }).join(), /all three or none/);
  }
});

Deno.test("readConfig() takes a window of 1 to 1,440 whole slides, and a zero fill of whole slides", () => {
  const env = (window: string, zeroFill = "0s") => ({
    TALLY_SLIDE: "5s",
    TALLY_WINDOW: window,
    TALLY_ZERO_FILL: zeroFill,
  });
  for (const window of ["5s", "7200s", "2h"]) assert.deepStrictEqual(problemsOf(env(window)), [], window);
  for (const window of ["7205s", "7s", "4s", "2500ms"]) {
    assert.match(problemsOf(env(window)).join(), /^TALLY_WINDOW, TALLY_SLIDE, TALLY_ZERO_FILL: Cannot use/, window);
  }
  assert.strictEqual(problemsOf(env("5s", "7s")).length, 1);
});

Deno.test("readConfig() wants a store time-out shorter than the session, or no write could ever start", () => {
  const env = (storeTimeout: string) => ({
    KAFKA_BROKERS: "a:1",
    KAFKA_SESSION_TIMEOUT: "10s",
    TALLY_STORE_TIMEOUT: storeTimeout,
  });
  assert.deepStrictEqual(problemsOf(env("9999ms")), []);
  assert.strictEqual(problemsOf(env("10s")).length, 1);
  // The embedded log has no session: nobody can take its partitions.
  assert.deepStrictEqual(problemsOf({ TALLY_STORE_TIMEOUT: "15s" }), []);
});

Deno.test("readConfig() gives a configuration that nobody can change", () => {
  const config = read();
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.shape));
});
