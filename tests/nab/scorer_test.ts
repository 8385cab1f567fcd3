import assert from "node:assert/strict";
import {
  bestThreshold,
  combine,
  probationRows,
  type Profile,
  PROFILES,
  scaledSigmoid,
  scoreCorpus,
  type ScoredFile,
  scoreFile,
} from "../../bench/nab/scorer.ts";

const ROWS = 1_000;
const WINDOW = { firstRow: 400, lastRow: 499 };
const LATER = { firstRow: 700, lastRow: 749 };
const STANDARD = profileNamed("standard");
const LOW_FALSE_POSITIVE = profileNamed("reward_low_FP_rate");
const LOW_FALSE_NEGATIVE = profileNamed("reward_low_FN_rate");

function profileNamed(name: string): Profile {
  const profile = PROFILES.find((one) => one.name === name);
  assert.ok(profile);
  return profile;
}

/** A file whose detections are at `rows`. */
function file(rows: readonly number[], windows = [WINDOW]): ScoredFile {
  return { name: "a/b.csv", scores: Array.from({ length: ROWS }, (_, row) => rows.includes(row) ? 1 : 0), windows };
}

function raw(rows: readonly number[], profile: Profile = STANDARD, windows = [WINDOW]): number {
  return scoreFile(file(rows, windows), 1, profile).raw;
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} for ${expected}`);
}

Deno.test("scoreCorpus() gives 0 to a detector that scores all rows alike, and 100 to one that marks each window's first row", () => {
  const files = [[WINDOW], [WINDOW, LATER], []].map((windows) => file([], windows));
  for (const profile of PROFILES) {
    for (const constant of [0, 0.5, 1]) {
      const silent = files.map((one) => ({ ...one, scores: one.scores.map(() => constant) }));
      assert.strictEqual(scoreCorpus(silent, profile).total.normalized, 0);
    }
    const perfect = files.map(({ windows }) => file(windows.map(({ firstRow }) => firstRow), [...windows]));
    assert.strictEqual(scoreCorpus(perfect, profile).total.normalized, 100);
  }
});

Deno.test("scaledSigmoid() falls from a window's start over its end to its limit three widths behind", () => {
  near(scaledSigmoid(-1), 0.9866142981514305);
  near(scaledSigmoid(-0.5), 0.8482836399575129);
  assert.strictEqual(scaledSigmoid(0), 0);
  near(scaledSigmoid(1), -0.9866142981514305);
  assert.strictEqual(scaledSigmoid(3), -1);
  assert.ok(scaledSigmoid(2.99) > -1);
});

Deno.test("scoreFile() rewards a detection by its place: whole at the first row, next to nothing at the last", () => {
  near(raw([400]), 1);
  near(raw([450]), scaledSigmoid(-0.5) / scaledSigmoid(-1));
  near(raw([499]), scaledSigmoid(-0.01) / scaledSigmoid(-1));
  assert.ok(raw([499]) > 0 && raw([499]) < 0.03);
});

Deno.test("scoreFile() counts a window's earliest detection only", () => {
  assert.strictEqual(raw([420, 421, 480]), raw([420]));
});

Deno.test("scoreFile() charges a miss, and a false alarm by its distance behind the last window", () => {
  near(raw([]), -1);
  near(raw([399]), -1 - 0.11);
  near(raw([500]), -1 + 0.11 * scaledSigmoid(1 / 99));
  near(raw([598]), -1 + 0.11 * scaledSigmoid(1));
  near(raw([999]), -1 - 0.11);
  near(raw([999], STANDARD, [WINDOW, LATER]), -2 - 0.11);
});

Deno.test("PROFILES weigh false alarms twice under low FP, and misses twice under low FN", () => {
  near(raw([300, 400], LOW_FALSE_POSITIVE), 1 - 0.22);
  near(raw([300, 400], LOW_FALSE_NEGATIVE), 1 - 0.11);
  near(raw([], LOW_FALSE_POSITIVE), -1);
  near(raw([], LOW_FALSE_NEGATIVE), -2);
});

Deno.test("probationRows() is 15 percent of a file, at most 750 rows, and what lies in it is not scored", () => {
  assert.deepStrictEqual([1_000, 4_032, 5_000, 5_001, 22_695].map(probationRows), [150, 604, 750, 750, 750]);
  near(raw([149, 400]), 1);
  near(raw([150, 400]), 1 - 0.11);
});

Deno.test("bestThreshold() is one for all files: it gives up a window for which too many false alarms would be paid", () => {
  const clear = file([400]);
  const noisy = { ...file([]), scores: file([]).scores.map((_, row) => row === 450 || row % 10 === 0 ? 0.5 : 0) };
  assert.strictEqual(bestThreshold([clear, noisy], STANDARD), 1);
  const cheap = { ...file([]), scores: file([]).scores.map((_, row) => row === 450 ? 0.5 : 0) };
  assert.strictEqual(bestThreshold([clear, cheap], STANDARD), 0.5);
});

Deno.test("scoreCorpus() prefers silence to a detector that is wrong only, with a threshold that no score reaches", () => {
  const { threshold, total } = scoreCorpus([file([300, 350])], STANDARD);
  assert.ok(threshold > 1);
  assert.strictEqual(total.normalized, 0);
});

Deno.test("combine() normalizes sums, not means, and leaves files without a window to their raw score", () => {
  const found = scoreFile(file([400]), 1, STANDARD), missed = scoreFile(file([], [WINDOW, LATER]), 1, STANDARD);
  const empty = scoreFile(file([300], []), 1, STANDARD);
  near(combine("all", [found, missed], STANDARD).normalized ?? NaN, 100 / 3);
  assert.strictEqual(empty.normalized, undefined);
  near(empty.raw, -0.11);
});
