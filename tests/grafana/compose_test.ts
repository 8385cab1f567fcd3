/** What can be said of docker-compose.yml without a Docker engine. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { DCLinter } from "npm:dclint@3.1.0";
import { readConfig } from "../../src/config.ts";
import { DASHBOARD_FOLDER } from "../../grafana/src/files.ts";
import { composeFile, composeText, ROOT, serviceOf } from "./compose_file.ts";
import { dataSourceFile } from "./grafana_files.ts";

/** Rules about order: the file is in the order in which data flows, and each service in the order in which it is read. */
const NOT_HELD = ["services-alphabetical-order", "service-keys-order", "service-dependencies-alphabetical-order"];
/** Started once, and no server. */
const WITHOUT_HEALTH = ["kafka-init", "producer"];

Deno.test("docker-compose.yml: keeps the Compose schema and the linter's rules that are not about order", () => {
  const rules = {
    ...Object.fromEntries(NOT_HELD.map((rule) => [rule, 0 as const])),
    "require-quotes-in-ports": [1, { quoteType: "double" }] satisfies [1, object],
  };
  const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
  const results = linter.lintFiles([fileURLToPath(new URL("docker-compose.yml", ROOT))], false);
  assert.equal(results.length, 1);
  assert.deepEqual(results.flatMap(({ messages }) => messages.map(({ line, message }) => `${line}: ${message}`)), []);
});

Deno.test("docker-compose.yml: every variable has a default, and .env names every one", async () => {
  const text = await composeText(), env = await Deno.readTextFile(new URL(".env", ROOT));
  for (const [written, name = "", fallback] of text.matchAll(/\$\{(\w+)(:-[^}]*)?\}/g)) {
    assert.ok(fallback !== undefined, written);
    assert.match(env, new RegExp(`^(# )?${name}=`, "m"));
  }
});

Deno.test("docker-compose.yml: every image has one full version, the same in all its services", async () => {
  for (const [name, { image, build }] of Object.entries((await composeFile()).services)) {
    if (build === undefined) assert.match(image ?? "", /^[\w./-]+:\d+\.\d+\.\d+$/, name);
    else assert.deepEqual([build, image], [".", undefined], name);
  }
});

Deno.test("docker-compose.yml: ports are published on 127.0.0.1 only", async () => {
  const ports = Object.values((await composeFile()).services).flatMap((service) => service.ports);
  assert.deepEqual(ports.toSorted(), [3000, 8080, 8086, 9092].map((port) => `127.0.0.1:${port}:${port}`));
});

Deno.test("docker-compose.yml: every server says how it is, and whom it waits for can", async () => {
  const { services } = await composeFile();
  const silent = Object.entries(services).filter(([, { healthcheck }]) => healthcheck.test === undefined);
  assert.deepEqual(silent.map(([name]) => name).toSorted(), WITHOUT_HEALTH);
  for (const [name, { depends_on }] of Object.entries(services)) {
    for (const [other, { condition }] of Object.entries(depends_on)) {
      const expected = WITHOUT_HEALTH.includes(other) ? "service_completed_successfully" : "service_healthy";
      assert.equal(condition, expected, `${name} on ${other}`);
    }
  }
});

Deno.test("docker-compose.yml: named volumes are declared, and folders and files of the project exist", async () => {
  const { services, volumes } = await composeFile();
  const sources = Object.values(services).flatMap((service) => service.volumes).map((volume) => volume.split(":"));
  for (const [source = "", , mode] of sources) {
    if (!source.startsWith("./")) assert.ok(source in volumes, source);
    else assert.ok((await Deno.stat(new URL(source, ROOT))) !== undefined && mode === "ro", source);
  }
  const named = new Set(sources.map(([source]) => source));
  for (const volume of Object.keys(volumes)) assert.ok(named.has(volume), volume);
});

Deno.test("docker-compose.yml: only InfluxDB, which gives its rights up itself, starts with any", async () => {
  for (const [name, { security_opt }] of Object.entries((await composeFile()).services)) {
    assert.ok(security_opt.includes("no-new-privileges:true"), name);
  }
  const dropping = [...(await composeText()).matchAll(/cap_drop: \[ALL\]/g)].length;
  assert.equal(dropping, Object.keys((await composeFile()).services).length - 1);
});

Deno.test("docker-compose.yml: Tally and the producer take their environment, and find the servers by their names", async () => {
  const compose = await composeFile(), { services } = compose;
  for (const name of ["tally", "producer"]) {
    const { environment } = serviceOf(compose, name);
    const { kafka, influx } = readConfig({ env: (variable) => environment[variable] });
    const hosts = [...kafka?.brokers ?? [], ...influx === undefined ? [] : [new URL(influx.url).host]];
    for (const host of hosts) assert.ok((host.split(":")[0] ?? "") in services, host);
  }
  const { kafka, influx, topic } = readConfig({ env: (name) => serviceOf(compose, "tally").environment[name] });
  const kafkaEnvironment = serviceOf(compose, "kafka").environment;
  for (const broker of kafka?.brokers ?? []) {
    assert.ok(kafkaEnvironment["KAFKA_ADVERTISED_LISTENERS"]?.includes(`INTERNAL://${broker}`));
  }
  assert.ok(serviceOf(compose, "kafka-init").command.includes(`--topic=${topic}`));
  const made = serviceOf(compose, "influxdb").environment;
  assert.deepEqual([influx?.token, influx?.org, influx?.bucket], [
    made["DOCKER_INFLUXDB_INIT_ADMIN_TOKEN"],
    made["DOCKER_INFLUXDB_INIT_ORG"],
    made["DOCKER_INFLUXDB_INIT_BUCKET"],
  ]);
});

Deno.test("docker-compose.yml: Grafana has the user that InfluxDB makes, and the dashboards where its files look", async () => {
  const compose = await composeFile();
  const grafana = serviceOf(compose, "grafana"), made = serviceOf(compose, "influxdb").environment;
  const { url, user, database, secureJsonData: { password } } = await dataSourceFile(grafana.environment);
  assert.deepEqual({ url, user, password, database }, {
    url: "http://influxdb:8086",
    user: made["INFLUX_USER"],
    password: made["INFLUX_PASSWORD"],
    database: made["DOCKER_INFLUXDB_INIT_BUCKET"],
  });
  assert.deepEqual([user, password], ["admin", "admin123"]);
  assert.ok(grafana.volumes.includes(`./grafana/dashboards:${DASHBOARD_FOLDER}:ro`));
  assert.equal(
    grafana.environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"],
    `${DASHBOARD_FOLDER}/customer_behaviour.json`,
  );
});

Deno.test("docker-compose.yml: the producer is optional, and .env chooses it, so that compose up alone shows live data", async () => {
  const { services } = await composeFile(), env = await Deno.readTextFile(new URL(".env", ROOT));
  const optional = Object.entries(services).filter(([, { profiles }]) => profiles.length > 0);
  assert.deepEqual(optional.map(([name, { profiles }]) => [name, profiles]), [["producer", ["producer"]]]);
  assert.match(env, /^COMPOSE_PROFILES=producer$/m);
});
