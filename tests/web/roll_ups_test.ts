import assert from "node:assert/strict";
import type { Measurement, Point } from "../../src/domain/point.ts";
import { DAY_MS, HOUR_MS } from "../../src/stream/roll_up.ts";
import { ROLL_UPS } from "../../src/web/roll_up_windows.ts";
import { MAX_ROLL_UPS, readRegions, type SeriesColumns } from "../../src/web/series_answer.ts";
import { FakeViews } from "../fakes/fake_views.ts";
import { openSite, type TestSite } from "./site.ts";

const sanitized = { sanitizeOps: true, sanitizeResources: true };

interface Made {
  readonly measurement?: Measurement;
  readonly category?: string;
  readonly region?: string;
}

/** An hour, or a day, in which every transaction cost 10 but one that was a fraud of 30. */
function rollUp(timeMs: number, count: number, made: Made = {}): Point {
  const { measurement = "transactions_hourly", category = "travel", region = "CA" } = made;
  return {
    measurement,
    tags: { category, region },
    timeMs,
    fields: {
      transaction_count: count,
      amount_sum: count * 10 + 20,
      amount_min: 10 - count,
      amount_max: 30 + count,
      fraud_count: 1,
      fraud_amount: 30,
    },
  };
}

async function series(site: TestSite, query: string): Promise<SeriesColumns> {
  const { status, text } = await site.get(`/api/series?${query}`);
  assert.equal(status, 200, text);
  return JSON.parse(text);
}

Deno.test(
  "/api/series of hours sums the regions of a category into windows that end with their hour",
  sanitized,
  async () => {
    await using site = await openSite();
    site.views.stored = [
      rollUp(0, 60),
      rollUp(0, 120, { region: "NY" }),
      rollUp(0, 6, { category: "home" }),
      rollUp(HOUR_MS, 30),
    ];
    const { times, series: [travel, home] } = await series(site, "from=0&every=hour");
    assert.deepEqual([times, travel?.category, travel?.window], [[HOUR_MS, 2 * HOUR_MS], "travel", "1h"]);
    assert.deepEqual(travel?.fields, {
      avg_amount: [1_840 / 180, 320 / 30],
      amount_min: [-110, -20],
      amount_max: [150, 60],
      fraud_rate: [2 / 180, 1 / 30],
      transaction_count: [180, 30],
      amount_sum: [1_840, 320],
      transactions_per_minute: [3, 0.5],
      fraud_count: [2, 1],
      fraud_amount: [60, 30],
      final: [true, true],
    });
    assert.deepEqual(home?.fields["transaction_count"], [6, null]);
  },
);

Deno.test(
  "/api/series of hours and days: from inclusive, to exclusive, by their ends; of one region",
  sanitized,
  async () => {
    await using site = await openSite();
    site.views.stored = [
      ...[0, 1, 2, 3].flatMap((
        hour,
      ) => [rollUp(hour * HOUR_MS, hour + 1), rollUp(hour * HOUR_MS, 100, { region: "NY" })]),
      rollUp(0, 7, { measurement: "transactions_daily" }),
    ];
    const ends = async (query: string) => (await series(site, query)).times.map((ms) => ms / HOUR_MS);
    assert.deepEqual(await ends(`every=hour&from=0`), [1, 2, 3, 4]);
    assert.deepEqual(await ends(`every=hour&from=${2 * HOUR_MS}&to=${4 * HOUR_MS}`), [2, 3]);
    assert.deepEqual(await ends(`every=day&from=${DAY_MS}`), [24]);
    assert.deepEqual(await ends(`every=day&from=${DAY_MS + 1}`), []);
    const { series: [only] } = await series(site, "every=hour&from=0&region=CA");
    assert.deepEqual(only?.fields["transaction_count"], [1, 2, 3, 4]);
  },
);

Deno.test("/api/series refuses every with step or window, twice, or of another length", sanitized, async () => {
  await using site = await openSite();
  for (
    const bad of ["every=week", "every=", "every=hour&every=hour", "every=hour&step=5000", "every=day&window=1000"]
  ) {
    assert.equal((await site.get(`/api/series?from=0&${bad}`)).status, 400, bad);
  }
  assert.equal((await site.get("/api/regions?from=0&every=minute")).status, 400);
});

Deno.test(
  "/api/regions of hours has what each region brought, biggest first, and from when to when",
  sanitized,
  async () => {
    await using site = await openSite();
    site.views.stored = [
      rollUp(0, 1),
      rollUp(0, 2, { region: "NY" }),
      rollUp(HOUR_MS, 4, { region: "NY" }),
      rollUp(HOUR_MS, 8, { category: "home" }),
    ];
    const regions = async (query: string) => JSON.parse((await site.get(`/api/regions?every=hour&${query}`)).text);
    const total = (region: string, count: number, of: number) => (
      { region, transaction_count: count, amount_sum: count * 10 + of * 20, fraud_count: of, fraud_amount: of * 30 }
    );
    assert.deepEqual(await regions("from=0"), {
      sinceMs: 0,
      untilMs: 2 * HOUR_MS,
      regions: [total("CA", 9, 2), total("NY", 6, 2)],
    });
    assert.deepEqual((await regions("from=0&category=travel")).regions, [total("NY", 6, 2), total("CA", 1, 1)]);
    assert.deepEqual((await regions(`from=${2 * HOUR_MS}`)).sinceMs, HOUR_MS);
    assert.deepEqual(await regions(`from=${3 * HOUR_MS}`), { regions: [] });
  },
);

Deno.test("readRegions() is made of MAX_ROLL_UPS hours, and refuses one more", async () => {
  const point = rollUp(0, 1), views = new FakeViews();
  const read = async (count: number) => {
    views.points = async function* () {
      for (let made = 0; made < count; made++) yield point;
    };
    return (await readRegions(views, { fromMs: 0, rollUp: ROLL_UPS.hour })).regions[0]?.transaction_count;
  };
  assert.equal(await read(MAX_ROLL_UPS), MAX_ROLL_UPS);
  await assert.rejects(read(MAX_ROLL_UPS + 1), SyntaxError);
});
