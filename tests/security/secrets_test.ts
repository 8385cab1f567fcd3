/** Secrets stay where they were given: in no log, no error, no answer and no argument. */
import assert from "node:assert/strict";
import { withSettings } from "../../src/cli/settings_options.ts";
import { SETTINGS } from "../../src/settings.ts";
import { Command } from "commander";
import { Installation } from "../e2e/installation.ts";

const SECRETS = {
  TALLY_TOKEN: "hunter2-token",
  INFLUX_TOKEN: "hunter2-user:hunter2-password",
  KAFKA_SASL_PASSWORD: "hunter2-sasl",
  TALLY_CUSTOMER_KEY: "hunter2-customers",
  TALLY_WEBHOOK_URL: "http://127.0.0.1:9/hunter2-hook",
  TALLY_WEBHOOK_SECRET: "hunter2-secret-of-the-hook",
};
const ANY = /hunter2/;
const SASL = { KAFKA_SASL_MECHANISM: "PLAIN", KAFKA_SASL_USERNAME: "someone" };

Deno.test("SETTINGS: a setting that is a secret by its name is one", () => {
  const secret = Object.values(SETTINGS).filter(({ isSecret }) => isSecret).map(({ env }) => env);
  const bySuffix = Object.values(SETTINGS).map(({ env }) => env).filter((env) =>
    /TOKEN|PASSWORD|SECRET|KEY$|WEBHOOK_URL/.test(env)
  );
  assert.deepEqual(secret.toSorted(), bySuffix.toSorted());
  assert.deepEqual(secret.toSorted(), Object.keys(SECRETS).toSorted());
});

Deno.test("tally run keeps secrets out of its log, its page, its metrics and its arguments", async () => {
  await using tally = await Installation.create({ ...SECRETS, TALLY_LOG_LEVEL: "debug" });
  await tally.run("produce", "--count", "1000", "--speed", "max");
  const run = tally.start("run"), url = await run.url();
  const headers = { authorization: `Bearer ${SECRETS.TALLY_TOKEN}` };
  for (const path of ["/", "/api/ledger", "/api/actors", "/api/pipeline", "/healthz", "/metrics", "/login", "/no"]) {
    const response = await fetch(`${url}${path}`, { headers });
    assert.doesNotMatch(JSON.stringify([...response.headers]) + await response.text(), ANY, path);
  }
  if (Deno.build.os === "linux") assert.doesNotMatch(await Deno.readTextFile(`/proc/${run.pid}/cmdline`), ANY);
  run.signal("SIGINT");
  const { code, stdout, stderr } = await run.finished();
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout + stderr, ANY);
});

Deno.test("tally tells no secret when a service cannot be reached, or its address holds one", async () => {
  await using tally = await Installation.create({ ...SECRETS, TALLY_LOG_LEVEL: "debug" });
  const wrong: readonly Readonly<Record<string, string>>[] = [
    { KAFKA_BROKERS: "127.0.0.1:1", ...SASL },
    { INFLUX_URL: "http://127.0.0.1:1" },
    { INFLUX_URL: "http://hunter2:hunter2@127.0.0.1:1" },
    { INFLUX_URL: "http://hunter2:hunter2/hunter2@127.0.0.1:1" },
    { KAFKA_BROKERS: "hunter2@127.0.0.1:1", ...SASL },
    { INFLUX_URL: "http://127.0.0.1:1/?token=hunter2" },
  ];
  await Promise.all(wrong.map(async (env) => {
    const { code, stdout, stderr } = await tally.with(env).start("doctor").finished();
    assert.notEqual(code, 0, JSON.stringify(env));
    assert.doesNotMatch(stdout + stderr, ANY, JSON.stringify(env));
  }));
});

Deno.test("tally refuses a secret among its arguments without repeating it, and offers no flag for it", async () => {
  const help = withSettings(new Command()).helpInformation();
  assert.match(help, /--influx-url/);
  assert.doesNotMatch(help, /--token|--influx-token|--kafka-sasl-password/);
  await using tally = await Installation.create();
  for (const flag of ["--token", "--influx-token", "--kafka-sasl-password"]) {
    const { code, stdout, stderr } = await tally.start("run", flag, "hunter2").finished();
    assert.equal(code, 2, flag);
    assert.match(stderr, /set (TALLY_TOKEN|INFLUX_TOKEN|KAFKA_SASL_PASSWORD) in the environment/);
    assert.doesNotMatch(stdout + stderr, ANY);
  }
});
