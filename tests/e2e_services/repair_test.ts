/** Repairs on a real Kafka and a real InfluxDB. */
import { systemClock } from "../../src/clock.ts";
import { assertRepairs } from "../e2e/repair_law.ts";
import { serviceWorld, sharedServices } from "./services_world.ts";

const services = sharedServices();

Deno.test("tally replay-dead and backfill on Kafka and InfluxDB keep the store exact beside a running processor", async () => {
  await using world = await serviceWorld(services(), { TALLY_FLUSH: "200ms", TALLY_IDLE: "500ms" });
  await assertRepairs(world.tally, systemClock.nowMs(), { read: world.written });
});
