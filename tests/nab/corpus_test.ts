import assert from "node:assert/strict";
import { readCorpus, seriesOf } from "../../bench/nab/corpus.ts";
import { DETECTORS } from "../../bench/nab/detectors.ts";

const CSV = "timestamp,value\n2014-04-01 00:00:00,20.5\n2014-04-01 00:05:00,-1\n2014-04-01 00:10:00,3\n";

Deno.test("seriesOf() reads values, times as UTC, and windows by the rows that bear their times", () => {
  const series = seriesOf("a/b.csv", CSV, [["2014-04-01 00:05:00.000000", "2014-04-01 00:10:00.000000"]]);
  assert.deepStrictEqual([series.values, series.windows], [[20.5, -1, 3], [{ firstRow: 1, lastRow: 2 }]]);
  assert.strictEqual(series.timesMs[1], Date.UTC(2014, 3, 1, 0, 5));
});

Deno.test("seriesOf() refuses a window outside of its file", () => {
  assert.throws(() => seriesOf("a/b.csv", CSV, [["2015-01-01 00:00:00", "2015-01-02 00:00:00"]]), SyntaxError);
});

Deno.test("readCorpus() takes the labelled files that are there, and refuses a folder that has none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/a`);
    await Deno.writeTextFile(`${folder}/a/b.csv`, CSV);
    await Deno.writeTextFile(`${folder}/labels.json`, JSON.stringify({ "a/b.csv": [], "a/gone.csv": [] }));
    const corpus = await readCorpus(folder, `${folder}/labels.json`);
    assert.deepStrictEqual(corpus.map(({ name }) => name), ["a/b.csv"]);
    await assert.rejects(readCorpus(`${folder}/a`, `${folder}/labels.json`), SyntaxError);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("DETECTORS give one score from 0 to 1 a row", () => {
  const { timesMs, values } = seriesOf("a/b.csv", CSV, []);
  for (const [name, detect] of Object.entries(DETECTORS)) {
    const scores = detect({ timesMs, values });
    assert.strictEqual(scores.length, 3, name);
    assert.ok(scores.every((score) => score >= 0 && score <= 1), name);
  }
});
