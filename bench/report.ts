/** What a bench found: a table for people and the same as JSON, with command, machine and date. */
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { systemClock } from "../src/clock.ts";

/** A cell: numbers are rounded to what they are good for when shown. */
export type Cell = number | string;

/** One bench's findings. */
export interface Findings {
  /** Names the file of results. */
  readonly name: string;
  readonly title: string;
  /** What was done, what is compared with what, what is not measured. */
  readonly notes: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Single figures that the documentation quotes. */
  readonly figures?: Readonly<Record<string, number>>;
  /** Milliseconds of the calibration loop, in the order of the runs. */
  readonly calibrationMs: readonly number[];
}

/** Totals that are not what they must be: nothing is printed. */
export class WrongTotals extends RangeError {
  override readonly name = "WrongTotals";
}

const RESULTS = fileURLToPath(new URL("results", import.meta.url));

/** Prints a bench's table and writes it to `bench/results/NAME.json`. */
export async function publish(findings: Findings, command: string): Promise<void> {
  const report = { ...findings, command, machine: machine(), date: new Date(systemClock.nowMs()).toISOString() };
  const { calibrationMs } = findings;
  console.log(`\n## ${findings.title}\n`);
  for (const line of tableOf(findings)) console.log(line);
  console.log("");
  for (const note of findings.notes) console.log(`${note}`);
  for (const [name, value] of Object.entries(findings.figures ?? {})) console.log(`${name}: ${shown(value)}`);
  console.log(`Calibration loop: ${Math.min(...calibrationMs).toFixed(0)}–${Math.max(...calibrationMs).toFixed(0)} ms`);
  console.log(`\`${command}\`, ${report.machine}, ${report.date.slice(0, 10)}`);
  await Deno.mkdir(RESULTS, { recursive: true });
  await Deno.writeTextFile(`${RESULTS}/${findings.name}.json`, `${JSON.stringify(report, undefined, 2)}\n`);
}

/** The machine in a few words. */
export function machine(): string {
  const [cpu] = cpus(), gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim()}, ${gib} GiB, Linux ${Deno.osRelease()}, Deno ${Deno.version.deno}`;
}

/** The lines of a Markdown table. */
export function tableOf({ columns, rows }: Pick<Findings, "columns" | "rows">): readonly string[] {
  const cells = [columns, ...rows.map((row) => row.map((cell) => typeof cell === "number" ? shown(cell) : cell))];
  const widths = columns.map((_, at) => Math.max(3, ...cells.map((row) => row[at]?.length ?? 0)));
  const isNumber = columns.map((_, at) => rows.every((row) => typeof row[at] === "number" || row[at] === "–"));
  const line = (row: readonly string[]) =>
    `| ${
      row.map((cell, at) => isNumber[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)).join(" | ")
    } |`;
  const rule = widths.map((width, at) => isNumber[at] ? `${"-".repeat(width - 1)}:` : "-".repeat(width));
  const [head = [], ...body] = cells;
  return [line(head), line(rule), ...body.map(line)];
}

/** A number with as many digits as a measurement is good for. */
function shown(value: number): string {
  if (Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1_000) return Math.round(value).toLocaleString("en");
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b), middle = sorted.length >> 1;
  const high = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? NaN)) / 2;
}

/** `low–high` of some numbers, each divided by `unit`; one number when they look the same. */
export function range(values: readonly number[], unit = 1): string {
  const [low, high] = [shown(Math.min(...values) / unit), shown(Math.max(...values) / unit)];
  return low === high ? low : `${low}–${high}`;
}
