/**
 * How the Numenta Anomaly Benchmark scores.
 *
 * I1. A window is worth what its earliest detection is worth, or the loss of a miss; further detections in it add nothing.
 * I2. A detection outside every window costs more the farther it lies behind the window before it, and most before the first.
 * I3. One threshold holds for the whole corpus: the one that scores best.
 * I4. 0 is the score of a detector that never reports, 100 of one that reports the first row of each window and nothing else.
 *
 * Source: Lavin & Ahmad 2015, "Evaluating Real-time Anomaly Detection Algorithms", sections II–III; constants of its public scorer.
 */

/** What a detection, a false alarm and a miss weigh. */
export interface Profile {
  readonly name: string;
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
}

/** The three profiles of the benchmark. */
export const PROFILES: readonly Profile[] = [
  { name: "standard", truePositive: 1, falsePositive: 0.11, falseNegative: 1 },
  { name: "reward_low_FP_rate", truePositive: 1, falsePositive: 0.22, falseNegative: 1 },
  { name: "reward_low_FN_rate", truePositive: 1, falsePositive: 0.11, falseNegative: 2 },
];

/** Rows of a labelled stretch, both ends included. */
export interface LabelWindow {
  readonly firstRow: number;
  readonly lastRow: number;
}

/** What a detector made of a file. Shape: `windows` in order, disjoint. */
export interface ScoredFile {
  readonly name: string;
  readonly scores: readonly number[];
  readonly windows: readonly LabelWindow[];
}

/** Score of some files at one threshold. */
export interface Result {
  readonly name: string;
  readonly windows: number;
  readonly detectedWindows: number;
  readonly falseAlarms: number;
  /** Sum of weights, before normalization. */
  readonly raw: number;
  /** 0 to 100 as in I4, below 0 for worse than silence; undefined without a window. */
  readonly normalized: number | undefined;
}

/** Score of the corpus in one profile. */
export interface ProfileResult {
  readonly profile: Profile;
  /** Rows with this score or more are detections; above every score when silence scores best. */
  readonly threshold: number;
  readonly files: readonly Result[];
  readonly total: Result;
}

const PROBATION = 0.15;
const PROBATION_MAX_ROWS = 5_000;
/** Past this many window widths behind a window, a false alarm costs its whole weight. */
const FAR = 3;

/** The number of rows at the head of a file that are not scored. */
export function probationRows(rows: number): number {
  return Math.floor(PROBATION * Math.min(rows, PROBATION_MAX_ROWS));
}

/**
 * The worth of a detection by its place: −1 is a window's start, 0 its end, above 0 behind it, in widths of the window.
 *
 * Shape: falls from 0.987 at −1 through 0 at 0 to −1.
 */
export function scaledSigmoid(place: number): number {
  return place >= FAR ? -1 : 2 / (1 + Math.exp(5 * place)) - 1;
}

/** Scores the corpus under one profile, at its best threshold. */
export function scoreCorpus(files: readonly ScoredFile[], profile: Profile): ProfileResult {
  const threshold = bestThreshold(files, profile);
  const results = files.map((file) => scoreFile(file, threshold, profile));
  return { profile, threshold, files: results, total: combine("all", results, profile) };
}

/** The sum of results, normalized anew. */
export function combine(name: string, results: readonly Result[], profile: Profile): Result {
  const sum = (pick: (result: Result) => number) => results.reduce((total, result) => total + pick(result), 0);
  const windows = sum((result) => result.windows), raw = sum((result) => result.raw);
  return {
    name,
    windows,
    detectedWindows: sum((result) => result.detectedWindows),
    falseAlarms: sum((result) => result.falseAlarms),
    raw,
    normalized: normalize(raw, windows, profile),
  };
}

/** Scores one file at a threshold. */
export function scoreFile(file: ScoredFile, threshold: number, profile: Profile): Result {
  const best = new Map<number, number>();
  let falseAlarms = 0, falseCost = 0;
  for (const { row, window, worth } of rowsOf(file, profile)) {
    if (!((file.scores[row] ?? 0) >= threshold)) continue;
    if (window === undefined) {
      falseAlarms++;
      falseCost += worth;
    } else best.set(window, Math.max(best.get(window) ?? -Infinity, worth));
  }
  const windows = file.windows.length;
  const found = [...best.values()].reduce((sum, worth) => sum + worth, 0);
  const raw = found + falseCost - profile.falseNegative * (windows - best.size);
  const normalized = normalize(raw, windows, profile);
  return { name: file.name, windows, detectedWindows: best.size, falseAlarms, raw, normalized };
}

/** The threshold under which the corpus scores best; the highest of equals. */
export function bestThreshold(files: readonly ScoredFile[], profile: Profile): number {
  const rows = files.flatMap((file, index) =>
    [...rowsOf(file, profile)].map(({ row, window, worth }) => ({
      score: file.scores[row] ?? 0,
      window: window === undefined ? undefined : `${index}:${window}`,
      worth,
    }))
  ).sort((a, b) => b.score - a.score);
  const worths = new Map<string, number>();
  let total = 0, best = 0, threshold = (rows[0]?.score ?? 0) + 1;
  rows.forEach(({ score, window, worth }, at) => {
    if (window === undefined) total += worth;
    else {
      const before = worths.get(window) ?? -profile.falseNegative;
      worths.set(window, Math.max(before, worth));
      total += Math.max(before, worth) - before;
    }
    if (rows[at + 1]?.score !== score && total > best) {
      best = total;
      threshold = score;
    }
  });
  return threshold;
}

function normalize(raw: number, windows: number, profile: Profile): number | undefined {
  const silence = -profile.falseNegative * windows, perfect = profile.truePositive * windows;
  return windows === 0 ? undefined : 100 * (raw - silence) / (perfect - silence);
}

interface ScoredRow {
  readonly row: number;
  /** The index of the window that the row is in. */
  readonly window: number | undefined;
  /** What a detection here is worth; negative outside of windows. */
  readonly worth: number;
}

/** The rows after the probation with their worth. */
function* rowsOf(file: ScoredFile, profile: Profile): Iterable<ScoredRow> {
  const { windows, scores } = file;
  let next = 0;
  for (let row = 0; row < scores.length; row++) {
    while (row > (windows[next]?.lastRow ?? Infinity)) next++;
    if (row < probationRows(scores.length)) continue;
    const window = windows[next], before = windows[next - 1];
    const isInside = window !== undefined && row >= window.firstRow;
    yield isInside
      ? { row, window: next, worth: profile.truePositive * insideWorth(row, window) }
      : { row, window: undefined, worth: profile.falsePositive * outsideWorth(row, before) };
  }
}

/** 1 at the first row of the window, falling towards 0 at its last. */
function insideWorth(row: number, { firstRow, lastRow }: LabelWindow): number {
  return scaledSigmoid(-(lastRow - row + 1) / (lastRow - firstRow + 1)) / scaledSigmoid(-1);
}

function outsideWorth(row: number, before: LabelWindow | undefined): number {
  if (before === undefined) return -1;
  return scaledSigmoid((row - before.lastRow) / Math.max(1, before.lastRow - before.firstRow));
}
