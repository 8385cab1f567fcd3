/** Files replayed through Kafka to InfluxDB: the card-fraud CSV, and input that is no transaction. */
import { systemClock } from "../../src/clock.ts";
import { assertBadInputNamed, badLines } from "../e2e/bad_input.ts";
import { assertCsvExact } from "../e2e/csv_law.ts";
import { FRAUD_CSV_MAP, fraudCsv } from "../e2e/fraud_csv.ts";
import { serviceWorld, sharedServices } from "./services_world.ts";

const services = sharedServices();

Deno.test("tally produce --format csv through Kafka gives per category and region exactly what a recomputation of the CSV gives", async () => {
  const seed = 20_261_123;
  console.log(`seed ${seed}`);
  await using world = await serviceWorld(services(), { FIELD_MAP: FRAUD_CSV_MAP });
  const path = `${world.tally.directory}/fraud.csv`;
  await Deno.writeTextFile(path, fraudCsv(seed, 2_000));
  await assertCsvExact(world.tally, path, world.written);
});

Deno.test({
  name: "tally produce --format csv through Kafka gives the same for the real file that TALLY_SPARKOV names",
  ignore: !Deno.env.has("TALLY_SPARKOV"),
  async fn() {
    await using world = await serviceWorld(services(), { FIELD_MAP: FRAUD_CSV_MAP });
    const events = await assertCsvExact(world.tally, Deno.env.get("TALLY_SPARKOV") ?? "", world.written);
    console.log(`${events.length} rows, ${events.filter(({ isFraud }) => isFraud).length} of them fraud`);
  },
});

Deno.test("tally topic tail --dead on Kafka names every record that did not count with reason, partition, offset and its bytes", async () => {
  await using world = await serviceWorld(services());
  await assertBadInputNamed(world.tally, badLines(systemClock.nowMs()));
});
