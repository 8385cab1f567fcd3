/** The program holds the permissions that deno.json's tasks grant, and no more once it runs. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { SETTINGS } from "../../src/settings.ts";
import { Program } from "../e2e/program.ts";
import { taskArgs, type TaskName } from "./task_args.ts";

const PROGRAMS: readonly TaskName[] = ["dev", "run", "produce", "tally", "compile"];

const permissionsOf = (task: TaskName) => taskArgs(task).filter((arg) => /^-(A|-(allow|ignore)-)/.test(arg));

/** A data directory of its own, and the rest of this process's environment. */
async function withData(act: (env: Readonly<Record<string, string>>) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "tally-permissions-" });
  const env = Object.entries(Deno.env.toObject()).filter(([name]) => !/^(TALLY_|KAFKA_|INFLUX_|FIELD_MAP$)/.test(name));
  try {
    await act({ ...Object.fromEntries(env), TALLY_DATA_DIR: `${directory}/data`, TALLY_PORT: "0" });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("deno.json: no program may start another, load native code, or read what is not its own of the environment", () => {
  for (const task of PROGRAMS) {
    const granted = permissionsOf(task).map((flag) => flag.split("=")[0]);
    const allowed = ["--allow-net", "--allow-env", "--ignore-env", "--allow-sys", "--allow-read", "--allow-write"];
    assert.deepEqual(granted, allowed, task);
    assert.ok(permissionsOf(task).some((flag) => flag === "--allow-sys=cpus,hostname,systemMemoryInfo"), task);
  }
  const listed = permissionsOf("tally").find((flag) => flag.startsWith("--allow-env="))?.slice("--allow-env=".length);
  const patterns = listed?.split(",").map((name) => new RegExp(`^${name.replace("*", ".*")}$`)) ?? [];
  const names = Object.values(SETTINGS).flatMap((setting) => [setting.env, "alias" in setting ? setting.alias : []])
    .flat();
  assert.deepEqual(names.filter((name) => !patterns.some((pattern) => pattern.test(name ?? ""))), []);
});

Deno.test("deno.json: the compiled binary may do what `deno task tally` may", () => {
  assert.deepEqual(permissionsOf("compile"), permissionsOf("tally"));
});

Deno.test("deno task dev, produce, run and tally need no other permission than theirs", async () => {
  const calls: readonly (readonly [TaskName, ...string[]])[] = [
    ["produce", "--count", "2000", "--speed", "max"],
    ["run", "--until-caught-up"],
    ["dev", "--for", "2s"],
    ["tally", "topic", "describe"],
    ["tally", "topic", "tail", "--dead"],
    ["tally", "export", "--measurement", "transactions_total", "--format", "csv"],
    ["tally", "doctor"],
    ["tally", "reset", "--yes"],
    ["tally", "topic", "delete"],
  ];
  await withData(async (env) => {
    for (const [task, ...args] of calls) {
      await using program = new Program(args, env, task);
      const { code, stderr } = await program.finished();
      assert.equal(code, 0, `${task} ${args.join(" ")}: ${stderr}`);
      assert.doesNotMatch(stderr, /NotCapable|Requires \w+ access/);
    }
  });
});

Deno.test("deno task dev reaches this machine alone, and says so of what lies beyond", async () => {
  const beyond = {
    KAFKA_BROKERS: "kafka.example:9092,127.0.0.1:1",
    INFLUX_URL: "https://influx.example/",
    TALLY_HOST: "192.0.2.1",
    TALLY_WEBHOOK_URL: "https://hooks.example/secret",
  };
  await withData(async (env) => {
    await using program = new Program(["--for", "1s"], { ...env, ...beyond }, "dev");
    const { code, stderr } = await program.finished();
    assert.equal(code, 2, stderr);
    const told = stderr.trimEnd().split("\n").map((line) => line.split(" ").slice(0, 2).join(" "));
    const wanted = [
      "TALLY_HOST: 192.0.2.1",
      "KAFKA_BROKERS: kafka.example:9092",
      "INFLUX_URL: influx.example:443",
      "TALLY_WEBHOOK_URL: hooks.example:443",
    ];
    assert.deepEqual(told, wanted, stderr);
    assert.match(stderr, /use `deno task tally`/);
  });
});

Deno.test("giveUpPermissions() leaves no network to the embedded pipeline, and no writing to one on Kafka and InfluxDB", async () => {
  const states = async (kafka: boolean, influx: boolean, webhook = false) => {
    const args = [
      ...taskArgs("tally").slice(0, -1),
      fileURLToPath(new URL("given_up.ts", import.meta.url)),
      `${kafka}`,
      `${influx}`,
      `${webhook}`,
    ];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.equal(text(stderr), "");
    return JSON.parse(text(stdout));
  };
  assert.deepEqual(await states(false, false), { net: "prompt", write: "granted", worker: ["prompt", "granted"] });
  assert.equal((await states(false, false, true)).net, "granted");
  assert.deepEqual(await states(true, true), { net: "granted", write: "prompt", worker: ["granted", "prompt"] });
  assert.deepEqual(await states(true, false), { net: "granted", write: "granted", worker: ["granted", "granted"] });
});
