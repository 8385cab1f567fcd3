/**
 * The benches, one after another, on one Kafka and one InfluxDB.
 *
 *     deno task bench [--only end_to_end,clients] [--records N] [--rounds N]
 *
 * Each prints a table and writes `bench/results/NAME.json`; with wrong totals it prints none and the command fails.
 */
import { parseArgs } from "node:util";
import { clients, endToEnd } from "./end_to_end.ts";
import { type Findings, publish } from "./report.ts";
import { Stage } from "./stage.ts";

const BENCHES: Readonly<Record<string, (stage: Stage, options: Options) => Promise<Findings>>> = {
  end_to_end: endToEnd,
  clients,
};

interface Options {
  readonly records: number;
  readonly rounds: number;
}

const { values } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(BENCHES).join(",") },
    records: { type: "string", default: "6000000" },
    rounds: { type: "string", default: "3" },
  },
});
const options = { records: Number(values.records), rounds: Number(values.rounds) };
const command = `deno task bench --records ${options.records} --rounds ${options.rounds}`;
await using stage = await Stage.open();
for (const name of values.only.split(",")) {
  const bench = BENCHES[name];
  if (bench === undefined) throw new RangeError(`Cannot bench ${name}: known are ${Object.keys(BENCHES)}`);
  await publish(await bench(stage, options), `${command} --only ${name}`);
}
