/** The public card-fraud CSV, replayed with a field mapping. */
import assert from "node:assert/strict";
import { assertCsvExact } from "./csv_law.ts";
import { FRAUD_CSV_MAP, fraudCsv } from "./fraud_csv.ts";
import { Installation } from "./installation.ts";

Deno.test("tally produce --format csv with FIELD_MAP gives per category and region exactly what a recomputation of the CSV gives", async () => {
  const seed = 20_261_122;
  console.log(`seed ${seed}`);
  await using tally = await Installation.create({ FIELD_MAP: FRAUD_CSV_MAP });
  const path = `${tally.directory}/fraud.csv`;
  await Deno.writeTextFile(path, fraudCsv(seed, 2_000));
  const events = await assertCsvExact(tally, path);
  assert.equal(events.length, 2_000);
});

Deno.test({
  name: "tally produce --format csv gives the same for the real file that TALLY_SPARKOV names",
  ignore: !Deno.env.has("TALLY_SPARKOV"),
  async fn() {
    await using tally = await Installation.create({ FIELD_MAP: FRAUD_CSV_MAP });
    const events = await assertCsvExact(tally, Deno.env.get("TALLY_SPARKOV") ?? "");
    console.log(`${events.length} rows, ${events.filter(({ isFraud }) => isFraud).length} of them fraud`);
  },
});
