import assert from "node:assert/strict";
import { categoryLines, categoryStack, fieldLines, marksOf, MAX_LINES } from "../../src/web/page/drawings.js";
import { durationOfTag } from "../../src/web/page/durations.js";
import { axisTime, format } from "../../src/web/page/format.js";
import { Model } from "../../src/web/page/model.js";
import { moversOf, shareOf } from "../../src/web/page/movers.js";
import { regionFigures, SHADES } from "../../src/web/page/region_figures.js";
import { lineOf, pointsOf, stacked } from "../../src/web/page/series.js";
import { csvOf, timeSheet } from "../../src/web/page/sheet.js";
import { CODE_OF_FIPS } from "../../src/web/page/us_states.js";
import { US_STATES } from "../../src/produce/us_state.ts";
import { message, seen } from "./page_points.ts";

const RANGE = { rangeMs: 900_000, stepMs: 0 };

function viewOf(points: ReturnType<typeof seen>[]) {
  const model = new Model(RANGE);
  model.snapshot(message(null, points));
  return model.view();
}

Deno.test("pointsOf() turns columns into points, without what is null, under the window's name that is asked for", () => {
  const columns = {
    times: [1, 2],
    series: [{ category: "a", window: "60000ms", fields: { avg_amount: [null, 5], final: [true, false] } }, {
      category: "b",
      window: "60000ms",
      fields: { final: [null, true] },
    }],
  };
  assert.deepEqual(pointsOf(columns, "60s"), [
    { timeMs: 1, category: "a", window: "60s", final: true },
    { timeMs: 2, category: "a", window: "60s", avg_amount: 5, final: false },
    { timeMs: 2, category: "b", window: "60s", final: true },
  ]);
  assert.equal(pointsOf(columns)[0]?.window, "60000ms");
});

Deno.test("lineOf() has a value or null for each time of the view", () => {
  const view = viewOf([seen("a", 1, { avg_amount: 5 }), seen("b", 2), seen("a", 3, { avg_amount: 0 })]);
  assert.deepEqual(lineOf(view, { category: "a", field: "avg_amount" }), [5, null, 0]);
});

Deno.test("stacked() lays lines upon one another, gaps as nothing", () => {
  assert.deepEqual(stacked([[1, null, 3], [10, 20, null]]), [[1, 0, 3], [11, 20, 3]]);
  assert.deepEqual(stacked([]), []);
});

Deno.test("categoryStack() draws at most MAX_LINES categories, the last edge being the sum of those drawn", () => {
  const names = Array.from({ length: MAX_LINES + 1 }, (_, index) => `c${String(index).padStart(2, "0")}`);
  const drawing = categoryStack(viewOf(names.map((name) => seen(name, 1, { transaction_count: 1 }))), {
    field: "transaction_count",
    value: String,
  });
  assert.deepEqual([drawing.lines.length, drawing.stack.at(-1)], [MAX_LINES, [MAX_LINES]]);
  assert.deepEqual([drawing.lines[13]?.colour, drawing.lines[14]?.colour], ["--c13", "--grey"]);
  assert.equal(categoryLines(viewOf([]), { field: "avg_amount", value: String }).lines.length, 0);
});

Deno.test("fieldLines() draws nothing when no field has a value, as quantiles have none by region", () => {
  const view = viewOf([seen("a", 1, { amount_p50: 3 })]);
  const fields = [{ field: "amount_p50", name: "Median", colour: "--q1" }, {
    field: "amount_p99",
    name: "99 %",
    colour: "--q3",
  }];
  const lines = (category: string) =>
    fieldLines(view, { category, fields, value: String }).lines.map(({ values }: { values: unknown[] }) => values);
  assert.deepEqual([lines("a"), lines("b")], [[[3], [null]], []]);
});

Deno.test("marksOf() takes the anomalies of a category and a metric", () => {
  const anomaly = (category: string, metric: string) => ({
    category,
    metric,
    time: "1970-01-01T00:00:01.000Z",
    value: 9,
    message: "high",
  });
  const found = marksOf([anomaly("a", "average_amount"), anomaly("a", "fraud_rate"), anomaly("b", "average_amount")], {
    category: "a",
    metric: "average_amount",
  });
  assert.deepEqual(found, [{ timeMs: 1_000, value: 9, text: "high" }]);
});

Deno.test("moversOf() puts what is most surprising first: a few more of many say less than many more of few", () => {
  const row = (category: string, before: number, after: number) => ({
    category,
    colour: 0,
    before: { transaction_count: before, transactions_per_minute: before },
    point: { transaction_count: after, transactions_per_minute: after },
  });
  const movers = moversOf([row("big", 10_000, 10_050), row("new", 0, 16), row("fallen", 100, 25), {
    ...row("first", 1, 2),
    before: undefined,
  }], 2);
  assert.deepEqual(movers.map(({ category, share }) => [category, share]), [["fallen", -0.75], ["new", undefined]]);
});

Deno.test("shareOf() knows no share of nothing", () => {
  assert.deepEqual([shareOf(2, 3), shareOf(0, 3), shareOf(undefined, 3), shareOf(3, undefined)], [
    0.5,
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("regionFigures() ranks by the metric, per minute of what is known, and shades as many regions each", () => {
  const total = (region: string, count: number, frauds = 0) => (
    { region, transaction_count: count, amount_sum: count * 20, fraud_count: frauds, fraud_amount: 0 }
  );
  const regions = Array.from({ length: 12 }, (_, index) => total(`r${index}`, index * 10, index));
  const answer = { sinceMs: 0, untilMs: 180_000, regions };
  const by = (metric: string) => regionFigures(answer, { metric, highMs: 120_000 });
  assert.deepEqual([by("transactions").figures[0]?.region, by("transactions").figures[0]?.value], ["r11", 55]);
  assert.deepEqual(by("transactions").figures.map(({ shade }) => shade), [5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0]);
  assert.equal(by("transactions").limits.length, SHADES - 1);
  assert.deepEqual([by("average").figures.at(-1)?.value, by("average").figures.at(-1)?.shade], [undefined, undefined]);
  assert.deepEqual(
    [by("fraudRate").figures[0]?.value, by("frauds").figures[0]?.value, by("amount").figures[0]?.value],
    [0.1, 11, 1_100],
  );
  const alike = regionFigures({ ...answer, regions: regions.map(({ region }) => total(region, 5)) }, {
    metric: "frauds",
    highMs: null,
  });
  assert.deepEqual([alike.limits, new Set(alike.figures.map(({ shade }) => shade))], [[], new Set([0])]);
  assert.deepEqual(regionFigures(undefined, { metric: "frauds", highMs: null }).figures, []);
});

Deno.test("csvOf() writes RFC 4180, times in full, and nothing that a spreadsheet would run", () => {
  const rows = [[new Date(0), 'say "x", y', 1.5], ["=1+1", undefined, null], ["-5", -5, "a\nb"]];
  const csv = csvOf({ name: "n", columns: [{ label: "Time" }, { label: "a,b" }, { label: "c" }], rows });
  assert.equal(
    csv,
    'Time,"a,b",c\r\n1970-01-01T00:00:00.000Z,"say ""x"", y",1.5\r\n\'=1+1,,\r\n\'-5,-5,"a\nb"\r\n',
  );
});

Deno.test("timeSheet() has a column a category and a row a window, newest first", () => {
  const view = viewOf([
    seen("a", 1, { avg_amount: 5 }),
    seen("a", 2, { avg_amount: 6 }),
    seen("b", 2, { avg_amount: 7 }),
  ]);
  const { columns, rows } = timeSheet(view, { name: "n", field: "avg_amount", value: String, time: String });
  assert.deepEqual(columns.map(({ label }) => label), ["Time", "a", "b"]);
  assert.deepEqual(rows, [[new Date(2), 6, 7], [new Date(1), 5, undefined]]);
});

Deno.test("axisTime() repeats no label: seconds where labels stand closer than a minute, the day where hours pass it", () => {
  for (const stepMs of [1_000, 5_000, 30_000, 60_000, 300_000, 3_600_000, 21_600_000, 86_400_000]) {
    const labels = [0, 1, 2, 3].map((index) => axisTime(stepMs)(index * stepMs));
    assert.equal(new Set(labels).size, 4, `${stepMs}: ${labels}`);
  }
});

Deno.test("format says a dash for what is absent, and signs changes", () => {
  assert.deepEqual([format.count(undefined), format.amount(null), format.percent(NaN)], ["–", "–", "–"]);
  assert.deepEqual([
    format.change(0.124),
    format.change(-0.5),
    format.change(0),
    format.change(9.99),
    format.change(37),
  ], ["+12%", "-50%", "0%", "+999%", "> +999%"]);
});

Deno.test("durationOfTag() reads the lengths that points are tagged with", () => {
  assert.deepEqual(["60s", "10m", "24h", "500ms", "x"].map(durationOfTag), [60_000, 600_000, 86_400_000, 500, 60_000]);
});

Deno.test("the map knows every state that transactions are made up for", () => {
  const codes = new Set(Object.values(CODE_OF_FIPS));
  assert.deepEqual(US_STATES.map(({ code }) => code).filter((code) => !codes.has(code)), []);
  assert.equal(codes.size, 56);
});
