import assert from "node:assert/strict";
import { seriesUrl } from "../../src/web/page/history.js";
import { keptOf, lackOf } from "../../src/web/page/kept.js";
import { Poll } from "../../src/web/page/poll.js";
import { formatRoute, parseRoute, questionsOf, VIEWS } from "../../src/web/page/route.js";
import { ManualClock } from "../fakes/manual_clock.ts";

const DEFAULT = { view: "overview", category: "", region: "", range: "live", metric: "transactions" };

Deno.test("parseRoute() reads what formatRoute() wrote, whatever the names", () => {
  for (const category of ["", "travel", "a&view=pipeline", "<script>", "☕️ кофе", "__proto__"]) {
    for (const view of VIEWS) {
      const route = { ...DEFAULT, view, category, region: "CA", range: "1h", metric: "frauds" };
      assert.deepEqual(parseRoute(formatRoute(route).slice(1)), route);
    }
  }
  assert.equal(formatRoute(DEFAULT), "/");
});

Deno.test("parseRoute() takes the default for what makes no sense", () => {
  assert.deepEqual(parseRoute("?view=admin&range=9y&metric=constructor&range=1h&what=1"), DEFAULT);
});

Deno.test("questionsOf() asks only what a view shows, and about time only when there is one", () => {
  const names = (view: string, newestMs?: number) =>
    questionsOf({ ...DEFAULT, view }, { newestMs }).map(({ name }) => name);
  assert.deepEqual(names("overview"), ["pipeline"]);
  assert.deepEqual(names("overview", 9_000_000), ["pipeline", "regions", "anomalies", "incidents"]);
  assert.deepEqual(names("pipeline", 9_000_000), ["pipeline", "actors", "letters"]);
  const [, regions] = questionsOf({ ...DEFAULT, category: "a&b" }, { newestMs: 1_000_000 });
  assert.equal(regions?.url, "/api/regions?from=700000&category=a%26b");
});

Deno.test("questionsOf() asks who buys and sells in a category, whatever the range, but not of one region", () => {
  const asked = (change: Partial<typeof DEFAULT>) => (
    questionsOf({ ...DEFAULT, view: "category", category: "a&b", ...change }, { newestMs: 1_000_000 })
      .filter(({ name }) => name === "customers" || name === "top").map(({ url }) => url)
  );
  const urls = ["transactions_customers", "transactions_top"].map((measurement) =>
    `/api/points?measurement=${measurement}&from=100000&category=a%26b`
  );
  assert.deepEqual([asked({}), asked({ range: "7d" })], [urls, urls]);
  assert.deepEqual([asked({ region: "CA" }), asked({ category: "" }), asked({ view: "overview" })], [[], [], []]);
});

Deno.test("questionsOf() asks for hours and days in the ranges that show them, seldom, and of the region chosen", () => {
  const asked = (range: string, region = "") => (
    questionsOf({ ...DEFAULT, range, region, category: "a&b" }, { newestMs: 90 * 86_400_000 + 7 })
      .filter(({ name }) => name === "rolledUp" || name === "regions")
  );
  assert.deepEqual(asked("7d", "C&A"), [
    { name: "rolledUp", url: `/api/series?from=${83 * 86_400_000 + 7}&every=hour&region=C%26A`, everyMs: 60_000 },
    { name: "regions", url: `/api/regions?from=${83 * 86_400_000 + 7}&every=hour&category=a%26b`, everyMs: 300_000 },
  ]);
  assert.deepEqual(asked("90d").map(({ url }) => url), [
    "/api/series?from=7&every=day",
    "/api/regions?from=7&every=day&category=a%26b",
  ]);
  const [, again] = questionsOf({ ...DEFAULT, range: "90d" }, {
    newestMs: 90 * 86_400_000 + 7,
    rolledUpMs: 86_400_000,
  });
  assert.equal(again?.url, "/api/series?from=86400000&every=day");
  assert.deepEqual(asked("6h").map(({ name, url }) => [name, url.includes("every")]), [["regions", false]]);
});

Deno.test("keptOf() leaves what there is of a region, and of hours and days; lackOf() says why less", () => {
  const fields = ["avg_amount", "amount_max", "amount_p50", "unique_customers"].map((field) => ({ field }));
  const kept = (region: string, range: string) => keptOf(fields, { region, range }).map(({ field }) => field);
  assert.deepEqual(kept("", "6h"), fields.map(({ field }) => field));
  assert.deepEqual([kept("CA", "6h"), kept("", "7d"), kept("CA", "90d")], [
    ["avg_amount"],
    ["avg_amount", "amount_max"],
    ["avg_amount", "amount_max"],
  ]);
  const lack = (region: string, range: string) => lackOf({ region, range });
  assert.deepEqual([lack("", "1h"), lack("CA", "1h"), lack("CA", "7d"), lack("", "90d")], [
    "",
    "Not kept by region",
    "Not kept of hours",
    "Not kept of days",
  ]);
});

Deno.test("seriesUrl() asks for a region's windows with their length", () => {
  assert.equal(seriesUrl({ fromMs: 5.5, stepMs: 1, region: "", windowMs: 60_000 }), "/api/series?from=5&step=1");
  assert.equal(
    seriesUrl({ fromMs: -1, stepMs: 5_000, region: "C&A", windowMs: 60_000 }),
    "/api/series?from=0&step=5000&region=C%26A&window=60000",
  );
});

function polled() {
  const clock = new ManualClock(), asked: string[] = [], answers: unknown[] = [];
  let answer: unknown = 1;
  const poll = new Poll({
    after: (delayMs, fn) => {
      const timer = clock.after(delayMs, fn);
      return () => timer[Symbol.dispose]();
    },
    ask: (url) => {
      asked.push(url);
      return Promise.resolve(answer);
    },
    onAnswer: (name, found) => answers.push([name, found]),
  });
  const advance = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { poll, asked, answers, advance, say: (next: unknown) => answer = next };
}

const question = (url: string, everyMs = 100) => ({ name: "regions", url, everyMs });

Deno.test("Poll asks at once, then when it is due, with the moment that is wanted then", async () => {
  const { poll, asked, answers, advance } = polled();
  poll.want([question("/r?from=1&category=a")]);
  await advance(0);
  poll.want([question("/r?from=2&category=a")]);
  await advance(99);
  assert.deepEqual(asked, ["/r?from=1&category=a"]);
  await advance(1);
  assert.deepEqual([asked.at(-1), answers.length], ["/r?from=2&category=a", 2]);
});

Deno.test("Poll asks another question of a name at once, and no more what is not wanted", async () => {
  const { poll, asked, advance } = polled();
  poll.want([question("/r?from=1")]);
  await advance(0);
  poll.want([question("/r?from=1&category=b")]);
  await advance(0);
  assert.deepEqual(asked, ["/r?from=1", "/r?from=1&category=b"]);
  poll.want([]);
  await advance(1_000);
  assert.equal(asked.length, 2);
});

Deno.test("Poll keeps the answer before when one fails, and asks again", async () => {
  const { poll, asked, answers, advance, say } = polled();
  poll.want([question("/r")]);
  await advance(0);
  say(undefined);
  await advance(100);
  say(2);
  await advance(100);
  assert.deepEqual([asked.length, answers], [3, [["regions", 1], ["regions", 2]]]);
});
