/**
 * The benches, one after another, on one Kafka and one InfluxDB.
 *
 *     deno task bench [--only end_to_end,clients] [--records N] [--rounds N]
 *
 * Each prints a table and writes `bench/results/NAME.json`; with wrong totals it prints none and the command fails.
 */
import { parseArgs } from "node:util";
import { actors, threads } from "./actors/main.ts";
import { clients, endToEnd } from "./end_to_end.ts";
import { latency } from "./latency.ts";
import { CommandError } from "./measured_process.ts";
import { type Findings, publish, WrongTotals } from "./report.ts";
import { produce } from "./produce.ts";
import { replay } from "./replay.ts";
import { scaling } from "./scaling.ts";
import { Stage } from "./stage.ts";

const BENCHES: Readonly<Record<string, (stage: Stage, options: Options) => Promise<Findings>>> = {
  end_to_end: endToEnd,
  clients,
  scaling,
  latency,
  replay,
  actors,
  threads,
  produce,
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
  try {
    await publish(await bench(stage, options), `${command} --only ${name}`);
  } catch (error) {
    if (!(error instanceof WrongTotals || error instanceof CommandError)) throw error;
    // The others are worth having all the same.
    console.error(`\n${name}: ${error.message}`);
    Deno.exitCode = 1;
  }
}
