/** The benchmark's files: `folder/name.csv` with `timestamp,value`, and windows by file in one JSON object. */
import { parse } from "csv-parse/sync";
import { z } from "zod";
import type { LabelWindow } from "./scorer.ts";

/** One labelled series. Shape: `timesMs` as if the file's times were UTC; row `i` is `texts[i]`, `values[i]`. */
export interface Series {
  /** `folder/name.csv`. */
  readonly name: string;
  readonly texts: readonly string[];
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
  readonly windows: readonly LabelWindow[];
}

const Labels = z.record(z.string(), z.array(z.tuple([z.string(), z.string()])));
const Rows = z.array(z.object({ timestamp: z.string(), value: z.coerce.number() }));

/**
 * Reads every file that the labels name and the folder holds, by name.
 *
 * @throws {SyntaxError} when a row or a label cannot be read, or a window lies outside of its file.
 */
export async function readCorpus(dataFolder: string, labelsFile: string): Promise<Series[]> {
  const labels = Labels.parse(JSON.parse(await Deno.readTextFile(labelsFile)));
  const series: Series[] = [];
  for (const [name, windows] of Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1)) {
    const text = await Deno.readTextFile(`${dataFolder}/${name}`).catch((cause: unknown) => {
      if (cause instanceof Deno.errors.NotFound) return undefined;
      throw cause;
    });
    if (text !== undefined) series.push(seriesOf(name, text, windows));
  }
  if (series.length === 0) throw new SyntaxError(`Cannot read corpus: ${dataFolder} has none of the labelled files`);
  return series;
}

/** One series out of the text of its file and its windows' first and last times. */
export function seriesOf(name: string, csv: string, windows: readonly (readonly [string, string])[]): Series {
  const rows = Rows.parse(parse(csv, { columns: true, skip_empty_lines: true }));
  const timesMs = rows.map(({ timestamp }) => utcMs(timestamp));
  return {
    name,
    texts: rows.map(({ timestamp }) => timestamp),
    timesMs,
    values: rows.map(({ value }) => value),
    windows: windows.map(([first, last]) => {
      const firstRow = timesMs.indexOf(utcMs(first)), lastRow = timesMs.lastIndexOf(utcMs(last));
      if (firstRow < 0 || lastRow < firstRow) {
        throw new SyntaxError(`Cannot label ${name}: it has no rows from ${first} to ${last}`);
      }
      return { firstRow, lastRow };
    }),
  };
}

function utcMs(text: string): number {
  const ms = Date.parse(`${text.trim().replace(" ", "T")}Z`);
  if (Number.isNaN(ms)) throw new SyntaxError(`Cannot read time: ${text}`);
  return ms;
}
