import assert from "node:assert/strict";
import type { Point } from "../../src/domain/point.ts";
import { MAX_READS } from "../../src/web/points_answer.ts";
import type { SeriesColumns } from "../../src/web/series_answer.ts";
import { averagePoint } from "../fakes/fake_views.ts";
import { openSite, type TestSite } from "./site.ts";

const sanitized = { sanitizeOps: true, sanitizeResources: true };
const HOUR_MS = 3_600_000;

function pane(startMs: number, count: number, { category = "travel", region = "CA", final = true } = {}): Point {
  return {
    measurement: "transactions_total",
    tags: { category, region },
    timeMs: startMs,
    fields: { transaction_count: count, amount_sum: count * 10, fraud_count: count > 3 ? 1 : 0, final },
  };
}

async function series(site: TestSite, query: string): Promise<SeriesColumns> {
  const { status, text } = await site.get(`/api/series?${query}`);
  assert.equal(status, 200, text);
  return JSON.parse(text);
}

/** A field of a category over time, as `[time, value]`. */
async function line(site: TestSite, query: string, field = "transaction_count") {
  const { times, series: all } = await series(site, query);
  return times.map((timeMs, index) => [timeMs, all[0]?.fields[field]?.[index] ?? null]);
}

Deno.test("/api/series gives windows as columns, null where a category or a field is missing", sanitized, async () => {
  await using site = await openSite();
  const { avg_amount: _none, ...empty } = averagePoint("home", 10_000, { transaction_count: 0 }).fields;
  site.views.stored = [
    averagePoint("home", 5_000),
    averagePoint("travel", 5_000, { transaction_count: 7 }),
    { ...averagePoint("home", 10_000), fields: empty },
  ];
  const { times, series: [home, travel] } = await series(site, "from=0");
  assert.deepEqual([times, home?.category, travel?.window], [[5_000, 10_000], "home", "60s"]);
  assert.deepEqual([home?.fields["avg_amount"], home?.fields["transaction_count"]], [[50, null], [10, 0]]);
  assert.deepEqual([travel?.fields["transaction_count"], travel?.fields["final"]], [[7, null], [true, null]]);
});

Deno.test(
  "/api/series takes windows a step apart, from inclusive, to exclusive, of one category",
  sanitized,
  async () => {
    await using site = await openSite();
    site.views.stored = [5, 10, 15, 20, 25, 30].flatMap((
      s,
    ) => [averagePoint("a", s * 1_000), averagePoint("b", s * 1_000)]);
    const times = async (query: string) => (await series(site, query)).times.map((ms) => ms / 1_000);
    assert.deepEqual(await times("from=0&step=10000"), [10, 20, 30]);
    assert.deepEqual(await times("from=10000&to=20000"), [10, 15]);
    assert.deepEqual(await times("from=40000"), []);
    assert.deepEqual((await series(site, "from=0&category=b")).series.map(({ category }) => category), ["b"]);
  },
);

Deno.test("/api/series of a region folds its panes into rolling windows", sanitized, async () => {
  await using site = await openSite();
  site.views.stored = [
    pane(0, 1),
    pane(5_000, 2),
    pane(5_000, 9, { region: "NY" }),
    pane(10_000, 4, { final: false }),
  ];
  const query = "from=0&region=CA&step=5000&window=10000";
  assert.deepEqual(await line(site, query), [[5_000, 1], [10_000, 3], [15_000, 6]]);
  assert.deepEqual(await line(site, query, "transactions_per_minute"), [[5_000, 6], [10_000, 18], [15_000, 36]]);
  assert.deepEqual(await line(site, query, "avg_amount"), [[5_000, 10], [10_000, 10], [15_000, 10]]);
  assert.deepEqual(await line(site, query, "fraud_rate"), [[5_000, 0], [10_000, 0], [15_000, 1 / 6]]);
  assert.deepEqual(await line(site, query, "final"), [[5_000, true], [10_000, true], [15_000, false]]);
  assert.deepEqual(await line(site, "from=10000&region=CA&step=5000&window=10000"), [[10_000, 3], [15_000, 6]]);
  assert.deepEqual(await series(site, "from=0&region=TX&step=5000"), { times: [], series: [] });
});

Deno.test("/api/series of a region shows a gap as zeros, a long one as nothing", sanitized, async () => {
  await using site = await openSite();
  const other = (startMs: number) => pane(startMs, 1, { category: "z" });
  site.views.stored = [pane(0, 1), other(0), other(5_000), other(10_000), pane(15_000, 2), pane(24 * HOUR_MS, 3)];
  const found = await line(site, "from=0&region=CA&step=5000&window=5000&category=travel");
  assert.deepEqual(found.slice(0, 4), [[5_000, 1], [10_000, 0], [15_000, 0], [20_000, 2]]);
  assert.ok(found.length < 300, `${found.length}`);
  assert.deepEqual(found.at(-1), [24 * HOUR_MS + 5_000, 3]);
});

Deno.test(
  "/api/series refuses what it cannot read, and a range with more points than the limit",
  sanitized,
  async () => {
    await using site = await openSite({ maxPoints: 2 });
    site.views.stored = [1, 2].map((timeMs) => averagePoint("a", timeMs));
    const status = async (query: string) => (await site.get(`/api/series?${query}`)).status;
    assert.equal(await status("from=0"), 200);
    for (const bad of ["", "to=5", "from=0&step=0", "from=0&step=x", "from=0&step=86400001", "from=0&step=5&step=5"]) {
      assert.equal(await status(bad), 400, bad);
    }
    for (const bad of ["from=0&measurement=a&measurement=b", "from=0&window=-1", "from=0&what=1", "from=9&to=1"]) {
      assert.equal(await status(bad), 400, bad);
    }
    assert.equal(await status("from=0&step=86400000&window=86400000&region=CA"), 200);
    site.views.stored = [1, 2, 3].map((timeMs) => averagePoint("a", timeMs));
    assert.equal(await status("from=0"), 400);
  },
);

Deno.test(
  "/api/series counts among the answers that may be under way, and gives its place back",
  sanitized,
  async () => {
    await using site = await openSite();
    const gate = Promise.withResolvers<void>();
    site.views.gate = gate.promise;
    const asked = Array.from({ length: MAX_READS }, () => site.get("/api/series?from=0"));
    while (site.views.reads < MAX_READS) await site.get("/healthz");
    assert.equal((await site.get("/api/series?from=0")).status, 503);
    gate.resolve();
    assert.deepEqual((await Promise.all(asked)).map(({ status }) => status), asked.map(() => 200));
    site.views.failure = new TypeError("Cannot read");
    for (let round = 0; round <= MAX_READS; round++) assert.equal((await site.get("/api/series?from=0")).status, 500);
    site.views.failure = undefined;
    assert.equal((await site.get("/api/series?from=0")).status, 200);
  },
);

Deno.test("/api/regions gives totals by region from memory, of one category too", sanitized, async () => {
  await using site = await openSite();
  site.views.regionHistory.put([pane(0, 1), pane(0, 5, { category: "home" }), pane(60_000, 2, { region: "NY" })]);
  const counts = async (query: string) => {
    const answer = JSON.parse((await site.get(`/api/regions?${query}`)).text);
    return answer.regions.map(({ region, transaction_count: count }: Record<string, unknown>) => [region, count]);
  };
  assert.deepEqual(await counts("from=0"), [["CA", 6], ["NY", 2]]);
  assert.deepEqual(await counts("from=0&category=travel"), [["NY", 2], ["CA", 1]]);
  assert.deepEqual(await counts("from=60000"), [["NY", 2]]);
  for (const bad of ["", "from=0&to=1", "from=0&region=CA", "from=x"]) {
    assert.equal((await site.get(`/api/regions?${bad}`)).status, 400, bad);
  }
});

Deno.test("/api/pipeline and /api/dead-letters come out as the views have them", sanitized, async () => {
  await using site = await openSite();
  const letter = {
    reason: "late",
    detail: "",
    partition: 1,
    offset: 2,
    timeMs: null,
    text: "<b>",
    isCut: false,
  } as const;
  site.views.letters = [letter];
  site.views.currentPipeline = { ...site.views.currentPipeline, heldBy: [3], frontierMs: 5 };
  assert.deepEqual(JSON.parse((await site.get("/api/dead-letters")).text), [letter]);
  assert.deepEqual(JSON.parse((await site.get("/api/pipeline")).text), site.views.currentPipeline);
});
