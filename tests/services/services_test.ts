/** The harness itself: what it starts can be used, and what does not start says why. */
import assert from "node:assert/strict";
import { influx, kafka, ServiceError } from "./services.ts";

for (const version of [1, 2] as const) {
  Deno.test(`influx() starts version ${version} with its database and a user of InfluxQL, also after a kill`, async () => {
    await using service = await influx({ version, own: true });
    assert.deepEqual(await databases(service), ["fraud_data"]);
    await service.kill();
    await service.restart();
    assert.deepEqual(await databases(service), ["fraud_data"]);
  });
}

Deno.test("kafka() that cannot start fails with the end of the broker's log", async () => {
  await assert.rejects(
    kafka({ properties: { "log.retention.hours": "soon" } }),
    (error) => error instanceof ServiceError && error.message.includes("log.retention.hours"),
  );
});

async function databases(service: { url: string; user: string; password: string }): Promise<string[]> {
  const query = new URLSearchParams({ q: "SHOW DATABASES", u: service.user, p: service.password, db: "fraud_data" });
  const response = await fetch(`${service.url}/query?${query}`);
  assert.equal(response.status, 200, await response.clone().text());
  const { results: [{ series: [{ values }] }] } = await response.json();
  return values.flat().filter((name: string) => !name.startsWith("_"));
}
