import assert from "node:assert/strict";
import { Metrics, type Sample } from "../src/metrics.ts";

function metricsOf(samples: () => Iterable<Sample>, labels: readonly string[] = ["partition"]) {
  return new Metrics([{ name: "tally_lag", help: "Records behind", labels, samples }]);
}

const linesOf = (text: string) => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

Deno.test("Metrics.text() has name, help and a line for each sample", () => {
  const text = metricsOf(
    () => [{ labels: { partition: "0" }, value: 5 }, { labels: { partition: "1" }, value: 0.25 }],
  ).text();
  assert.match(text, /^# HELP tally_lag Records behind$/m);
  assert.match(text, /^# TYPE tally_lag gauge$/m);
  assert.deepStrictEqual(linesOf(text), ['tally_lag{partition="0"} 5', 'tally_lag{partition="1"} 0.25']);
});

Deno.test("Metrics.text() reads the values when asked, and drops what is gone", () => {
  let samples: readonly Sample[] = [{ labels: { partition: "0" }, value: 1 }];
  const metrics = metricsOf(() => samples);
  metrics.text();
  samples = [{ labels: { partition: "7" }, value: 2 }];
  assert.deepStrictEqual(linesOf(metrics.text()), ['tally_lag{partition="7"} 2']);
  samples = [];
  assert.deepStrictEqual(linesOf(metrics.text()), []);
});

Deno.test("Metrics.text() writes infinities and labels as Prometheus reads them", () => {
  const text = metricsOf(() => [
    { labels: { partition: 'a"b\\c\n' }, value: Infinity },
    { labels: { partition: "x" }, value: -Infinity },
  ]).text();
  assert.deepStrictEqual(linesOf(text), ['tally_lag{partition="a\\"b\\\\c\\n"} +Inf', 'tally_lag{partition="x"} -Inf']);
});

Deno.test("Metrics without labels have one line, and two instances know nothing of each other", () => {
  const [one, two] = [1, 2].map((value) => metricsOf(() => [{ labels: {}, value }], []));
  assert.deepStrictEqual([linesOf(one?.text() ?? ""), linesOf(two?.text() ?? "")], [["tally_lag 1"], [
    "tally_lag 2",
  ]]);
});

Deno.test("Metrics refuses names that cannot stand in the format, and a name twice", () => {
  const family = (name: string) => ({ name, help: "", labels: [], samples: () => [] });
  for (const bad of ["", "a-b", "1a", "a b", "a{"]) assert.throws(() => new Metrics([family(bad)]), TypeError, bad);
  assert.throws(() => new Metrics([family("tally_lag"), family("tally_lag")]), TypeError);
});
