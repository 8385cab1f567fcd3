import { influx, type InfluxService } from "../services/services.ts";
import { storeContract } from "../contracts/store_contract.ts";
import { createDatabase, OwnStore } from "./databases.ts";

for (const [version, generation] of [["2.7", 2], ["1.8", 1]] as const) {
  const services: InfluxService[] = [];
  Deno.test.beforeAll(async () => void services.push(await influx({ version: generation, own: generation === 1 })));
  Deno.test.afterAll(async () => await services.pop()?.[Symbol.asyncDispose]());

  storeContract(`InfluxStore on ${version}`, async () => {
    const [service] = services;
    if (service === undefined) throw new TypeError(`Cannot test on InfluxDB ${version}: it is not running`);
    const { url, org } = service, token = generation === 1 ? "" : service.token;
    return new OwnStore(await createDatabase({ version, url, token, org }));
  }, { leftOutField: "kept" });
}
