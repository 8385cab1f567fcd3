/** `tally export`: points as JSONL or CSV. */
import { Command, Option } from "commander";
import { systemClock } from "../clock.ts";
import type { Config } from "../config.ts";
import {
  flatten,
  isMeasurement,
  type Measurement,
  MEASUREMENTS,
  type MeasurementSchema,
  SCHEMA,
} from "../domain/point.ts";
import { Backends } from "./backends.ts";
import { csvCell } from "./csv_cell.ts";
import { configOf, withSettings } from "./settings_options.ts";
import { timeMs } from "./time_option.ts";

interface ExportOptions {
  readonly measurement: string;
  readonly from?: number;
  readonly to?: number;
  readonly format: "csv" | "jsonl";
}

/** The command. */
export function exportCommand(): Command {
  return withSettings(
    new Command("export")
      .description("print points of the store, sorted by time and tags")
      .addOption(new Option("--measurement <name>", "what to print").choices(MEASUREMENTS).makeOptionMandatory())
      .option("--from <time>", "inclusive", timeMs)
      .option("--to <time>", "exclusive", timeMs)
      .addOption(new Option("--format <name>", "how").choices(["csv", "jsonl"]).default("jsonl")),
  )
    .addHelpText("after", EXAMPLES)
    .action(async (options: ExportOptions) => await exportPoints(configOf({ ...options }), options));
}

const EXAMPLES = `
Examples:
  tally export --measurement transactions_avg --format csv > windows.csv
  tally export --measurement transactions_total --from 2026-01-01T00:00:00Z --to 2026-01-02T00:00:00Z

In CSV, a name that begins like a formula (= + - @) has an apostrophe before it, so that no spreadsheet computes it.
JSONL has every name as it is.`;

async function exportPoints(config: Config, { measurement, from, to, format }: ExportOptions): Promise<void> {
  if (!isMeasurement(measurement)) return; // Refused by the option's choices.
  await using backends = new Backends(config, systemClock);
  const range = { ...(from === undefined ? {} : { fromMs: from }), ...(to === undefined ? {} : { toMs: to }) };
  const columns = columnsOf(measurement);
  if (format === "csv") console.log(columns.join(","));
  for await (const point of backends.store().read({ measurement, ...range })) {
    const flat = flatten(point);
    console.log(format === "csv" ? columns.map((column) => csvCell(flat[column])).join(",") : JSON.stringify(flat));
  }
}

function columnsOf(measurement: Measurement): readonly string[] {
  const schema: MeasurementSchema = SCHEMA[measurement];
  return ["measurement", "time", ...schema.tags, ...Object.keys(schema.fields)];
}
