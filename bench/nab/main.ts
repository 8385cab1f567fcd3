/**
 * Tally's detector under the scoring of the Numenta Anomaly Benchmark.
 *
 *     deno task bench:nab --data DIR --labels FILE [--detector tally|windowed-gaussian|null] [--out DIR]
 *
 * DIR holds `folder/name.csv` files, FILE is the benchmark's `combined_windows.json`. With `--out`, a CSV
 * `timestamp,value,anomaly_score,label` is written for each file.
 * The threshold is the one that suits the corpus best, as the benchmark has it; the detector has no setting by file.
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { readCorpus, type Series } from "./corpus.ts";
import { DETECTORS } from "./detectors.ts";
import { combine, type ProfileResult, PROFILES, type Result, scoreCorpus } from "./scorer.ts";

const USAGE = "Usage: deno task bench:nab --data DIR --labels FILE [--detector NAME] [--out DIR]";

interface Options {
  readonly data: string;
  readonly labels: string;
  readonly detector: string;
  readonly out: string | undefined;
}

function options(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: [...args], options: { data: text, labels: text, detector: text, out: text } });
  const { data, labels, detector = "tally", out } = values;
  if (data === undefined || labels === undefined) throw new TypeError(USAGE);
  return { data, labels, detector, out };
}

/** One line: name, windows found, false alarms and the score of each profile. */
function line(name: string, byProfile: readonly Result[]): string {
  const [standard] = byProfile;
  const found = `${standard?.detectedWindows ?? 0}/${standard?.windows ?? 0}`;
  const scores = byProfile.map(({ normalized, raw }) => (normalized ?? raw).toFixed(normalized === undefined ? 2 : 1));
  return [
    name.padEnd(56),
    found.padStart(7),
    String(standard?.falseAlarms ?? 0).padStart(6),
    ...scores.map((s) => s.padStart(9)),
  ].join("");
}

function report(results: readonly ProfileResult[]): string {
  const files = results[0]?.files ?? [];
  const pick = (index: number) => results.flatMap((result) => result.files[index] ?? []);
  const folders = [...new Set(files.map(({ name }) => dirname(name)))];
  const ofFolder = (folder: string) =>
    results.map(({ profile, files }) => combine(folder, files.filter(({ name }) => dirname(name) === folder), profile));
  return [
    `${"file".padEnd(56)}  found  false standard   low FP   low FN`,
    ...files.map(({ name }, index) => line(name, pick(index))),
    "",
    ...folders.map((folder) => line(folder, ofFolder(folder))),
    line("all", results.map(({ total }) => total)),
    "",
    `thresholds: ${results.map(({ profile, threshold }) => `${profile.name} ${threshold}`).join(", ")}`,
    "Found and false are those of the standard profile. Without a window there is nothing to normalize: the raw score.",
  ].join("\n");
}

async function writeRows(folder: string, series: Series, scores: readonly number[]): Promise<void> {
  const path = `${folder}/${series.name}`;
  const rows = series.texts.map((text, row) => {
    const label = series.windows.some(({ firstRow, lastRow }) => row >= firstRow && row <= lastRow) ? 1 : 0;
    return `${text},${series.values[row]},${scores[row]},${label}\n`;
  });
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, `timestamp,value,anomaly_score,label\n${rows.join("")}`);
}

async function main(args: readonly string[]): Promise<void> {
  const { data, labels, detector, out } = options(args);
  const detect = DETECTORS[detector];
  if (detect === undefined) {
    throw new TypeError(`Cannot score detector ${detector}: known are ${Object.keys(DETECTORS).join(", ")}`);
  }
  const corpus = await readCorpus(data, labels);
  const scored = corpus.map((series) => ({ name: series.name, windows: series.windows, scores: detect(series) }));
  console.log(`Detector ${detector}, ${corpus.length} files`);
  console.log(report(PROFILES.map((profile) => scoreCorpus(scored, profile))));
  if (out === undefined) return;
  for (const [index, series] of corpus.entries()) await writeRows(out, series, scored[index]?.scores ?? []);
  console.log(`Rows written to ${out}`);
}

if (import.meta.main) await main(Deno.args);
