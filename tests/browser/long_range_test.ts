/** The page over hours and days: what it shows of them, and that it says what they do not have. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Measurement, Point } from "../../src/domain/point.ts";
import { DAY_MS, HOUR_MS } from "../../src/stream/roll_up.ts";
import { assertAccessible, inBrowser, openPage, withBrowser } from "./chromium.ts";
import { CATEGORIES, HIGH_MS, LEDGER, serveShop, shopViews, SHOWN_MS, windowAt } from "./shop_views.ts";

const REGIONS = ["CA", "NY"];
const DAYS = 8;
/** What a category brings in one region in an hour. */
const PER_HOUR = 120;

function rolledUp(measurement: Measurement, stretchMs: number): Point[] {
  const endMs = Math.floor(HIGH_MS / stretchMs) * stretchMs, count = DAYS * DAY_MS / stretchMs;
  const transactions = PER_HOUR * stretchMs / HOUR_MS;
  return Array.from({ length: count }, (_, index) => endMs - (count - index) * stretchMs).flatMap((timeMs) =>
    CATEGORIES.flatMap((category) =>
      REGIONS.map((region) => ({
        measurement,
        tags: { category, region },
        timeMs,
        fields: {
          transaction_count: transactions,
          amount_sum: transactions * 25,
          amount_min: 1,
          amount_max: 99,
          fraud_count: transactions / 60,
          fraud_amount: 200,
        },
      }))
    )
  );
}

function shopWithPast() {
  const views = shopViews();
  views.stored.unshift(...rolledUp("transactions_daily", DAY_MS), ...rolledUp("transactions_hourly", HOUR_MS));
  return views;
}

async function csvOf(page: Page, card: string): Promise<string[]> {
  const coming = page.waitForEvent("download");
  await page.locator(card).first().getByRole("button", { name: "CSV" }).click();
  return (await Deno.readTextFile(await (await coming).path())).trimEnd().split("\r\n");
}

Deno.test("page: 7 d shows every hour of the store, in charts, tables, CSV and by region", inBrowser, async () => {
  const views = shopWithPast();
  await using server = await serveShop(views);
  await withBrowser(async (browser) => {
    const { page, errors } = await openPage(browser);
    await page.goto(server.url);
    await page.locator("label", { hasText: "7 d" }).click();
    await page.waitForURL(/range=7d/);
    await page.getByText("Hour ended 13:00:00 CET · final").waitFor();
    const perMinute = CATEGORIES.length * REGIONS.length * PER_HOUR / 60;
    assert.equal(await page.locator(".number").first().textContent(), String(perMinute));
    const lines = await csvOf(page, "figure");
    assert.deepEqual([lines.length, lines[1]?.split(",").slice(0, 3)], [7 * 24 + 1, [
      "2026-11-22T12:00:00.000Z",
      "4",
      "4",
    ]]);
    assert.deepEqual(
      await page.locator(".categories th[scope=col]").allTextContents(),
      ["Category", "Trend", "Change", "Per minute", "Average", "Sum", "Frauds", "Fraud rate"],
    );
    await page.locator("figure canvas").first().waitFor();
    await assertAccessible(page, "7 d");
    await page.getByLabel("Region", { exact: true }).selectOption("CA");
    await page.getByText("CA only.").waitFor();
    await page.locator(".number", { hasText: String(perMinute / 2) }).first().waitFor();
    assert.deepEqual(errors, []);
  });
});

Deno.test(
  "page: 90 d shows days; what days do not have is said, and live windows come back with a live range",
  inBrowser,
  async () => {
    const views = shopWithPast();
    await using server = await serveShop(views);
    await withBrowser(async (browser) => {
      const { page, errors } = await openPage(browser);
      await page.goto(`${server.url}/?view=category&category=travel&range=90d`);
      await page.getByText("Day ended 22 Nov 2026, 01:00:00 CET · final").waitFor();
      await page.getByText("Not kept of days", { exact: true }).waitFor();
      assert.equal(await page.locator(".windows tbody tr").count(), DAYS);
      const at = SHOWN_MS + 5_000, points = CATEGORIES.map((category) => windowAt(category, at));
      views.publish({ points, highMs: HIGH_MS + 5_000, ledger: LEDGER });
      await page.goto(`${server.url}/?view=regions&range=90d`);
      await page.locator(".regionBars tbody tr").nth(1).waitFor();
      assert.equal(await page.locator(".regionBars tbody td").last().textContent(), String(14 * PER_HOUR / 60));
      await page.locator("label", { hasText: "15 m" }).click();
      await page.getByText("60s window ended 13:00:05").waitFor();
      assert.deepEqual(errors, []);
    });
  },
);

Deno.test("page: a long range without an hour in it says when the first one comes", inBrowser, async () => {
  await using server = await serveShop(shopViews());
  await withBrowser(async (browser) => {
    const { page, errors } = await openPage(browser);
    await page.goto(`${server.url}/?range=24h`);
    await page.getByText("None in this range yet: the first comes about a minute after its end is final.").waitFor();
    assert.deepEqual(errors, []);
  });
});
