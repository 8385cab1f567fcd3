import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Point } from "../../src/domain/point.ts";
import { averagePoint } from "../fakes/fake_views.ts";
import { inBrowser, openPage, withBrowser } from "./chromium.ts";
import { CATEGORIES, HIGH_MS, HOSTILE, LEDGER, serveShop, shopViews, SHOWN_MS, windowAt } from "./shop_views.ts";

/** The headline that the page must show: the newest window that ended by the newest event. */
function expectedHeadline() {
  const shown = CATEGORIES.map((category) => windowAt(category, SHOWN_MS).fields);
  const sum = (field: string) => shown.reduce((total, fields) => total + Number(fields[field]), 0);
  return [
    sum("transactions_per_minute").toLocaleString("en-GB"),
    (sum("amount_sum") / sum("transaction_count")).toFixed(2),
    Math.round(sum("amount_sum")).toLocaleString("en-GB"),
    String(sum("fraud_count")),
    `${(sum("fraud_count") / sum("transaction_count") * 100).toFixed(2)}%`,
  ];
}

async function numbersOf(page: Page): Promise<string[]> {
  return await page.locator(".number").allTextContents();
}

Deno.test("page: the headline is of the newest window whose last pane has ended", inBrowser, async () => {
  const views = shopViews();
  await using server = await serveShop(views);
  await withBrowser(async (browser) => {
    const { page, errors } = await openPage(browser);
    await page.goto(server.url);
    await page.getByText("Live", { exact: true }).first().waitFor();
    views.publish({ points: views.stored.slice(-14), highMs: HIGH_MS, ledger: LEDGER });
    await page.getByText("60s window ended 13:00:00 CET · provisional").waitFor();
    assert.deepEqual(await numbersOf(page), expectedHeadline());
    await page.locator(".categories tbody tr").nth(CATEGORIES.length - 1).waitFor();
    assert.deepEqual(errors, []);
  });
});

Deno.test("page: hostile names are text, everywhere", inBrowser, async () => {
  const views = shopViews(HOSTILE);
  await using server = await serveShop(views);
  await withBrowser(async (browser) => {
    const { page, errors } = await openPage(browser);
    for (const view of ["overview", `category&category=${encodeURIComponent(HOSTILE[0] ?? "")}`, "regions"]) {
      await page.goto(`${server.url}/?view=${view}`);
      await page.locator("figure").first().waitFor();
      for (const summary of await page.getByText("Table", { exact: true }).all()) await summary.click();
      await page.locator("details td").first().waitFor();
      assert.equal(await page.title(), "Tally", view);
    }
    await page.goto(server.url);
    await page.locator(".categories tbody tr").nth(2).waitFor();
    assert.deepEqual((await page.locator(".categories .name").allTextContents()).toSorted(), HOSTILE.toSorted());
    assert.deepEqual(errors, []);
  });
});

Deno.test("page: everything can be reached and done by the keyboard alone", inBrowser, async () => {
  const views = shopViews();
  await using server = await serveShop(views);
  await withBrowser(async (browser) => {
    const { page, errors } = await openPage(browser);
    await page.goto(server.url);
    await page.locator(".categories tbody tr").first().waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await page.locator(":focus").textContent(), "Skip to the content");
    await page.getByRole("button", { name: "Pause" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Paused").waitFor();
    const before = await numbersOf(page), laterMs = HIGH_MS + 60_000;
    views.publish({ points: [averagePoint("home", laterMs)], highMs: laterMs, ledger: LEDGER });
    assert.deepEqual(await numbersOf(page), before);
    await page.keyboard.press("Enter");
    await page.getByText("60s window ended 13:01:03").waitFor();
    await page.locator("label", { hasText: "1 h" }).locator("input").focus();
    await page.keyboard.press("Space");
    await page.waitForURL(/range=1h/);
    await page.locator(".categories").getByRole("link", { name: "home" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/view=category&category=home&range=1h/);
    assert.deepEqual(errors, []);
  });
});

Deno.test("page: says that the connection is lost and comes back when the server does", inBrowser, async () => {
  const views = shopViews();
  const first = await serveShop(views);
  await withBrowser(async (browser) => {
    const { page } = await openPage(browser);
    await page.goto(first.url);
    await page.getByText("Live", { exact: true }).first().waitFor();
    await first[Symbol.asyncDispose]();
    await page.getByText("Reconnecting").waitFor();
    await using _second = await serveShop(views, { port: first.port });
    await page.getByText("Live", { exact: true }).first().waitFor();
    const laterMs = HIGH_MS + 3_600_000;
    views.publish({ points: [averagePoint("home", laterMs)], highMs: laterMs, ledger: LEDGER });
    await page.getByText("60s window ended 14:00:03").waitFor();
    await page.close();
  });
});

Deno.test("page: with a token, a browser logs in by the form", inBrowser, async () => {
  await using server = await serveShop(shopViews(), { token: "open sesame" });
  await withBrowser(async (browser) => {
    const { page, errors } = await openPage(browser);
    await page.goto(server.url);
    await page.getByLabel("Token").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByText("That is not the token.").waitFor();
    await page.getByLabel("Token").fill("open sesame");
    await page.keyboard.press("Enter");
    await page.getByText("Live", { exact: true }).first().waitFor();
    assert.equal((await numbersOf(page)).length, 5);
    assert.deepEqual(errors, []);
  });
});

Deno.test(
  "page: an anomaly is a mark on its chart and a line with its reason, and none is said to be none",
  inBrowser,
  async () => {
    const views = shopViews();
    const anomaly: Point = {
      measurement: "transactions_anomaly",
      tags: { category: "travel", metric: "average_amount" },
      timeMs: SHOWN_MS - 60_000,
      fields: {
        score: 0.99998,
        value: 90,
        expected: 40,
        lower: 30,
        upper: 50,
        message: "average_amount is far above its band",
      },
    };
    views.stored = [...views.stored, anomaly].sort((a, b) => a.timeMs - b.timeMs);
    await using server = await serveShop(views);
    await withBrowser(async (browser) => {
      const { page, errors } = await openPage(browser);
      await page.goto(`${server.url}/?view=category&category=travel&range=15m`);
      await page.locator(".anomalies li").getByText("average_amount is far above its band").waitFor();
      await page.goto(`${server.url}/?view=category&category=home&range=15m`);
      await page.locator(".anomalies").getByText("None in this range").waitFor();
      assert.deepEqual(errors, []);
    });
  },
);

Deno.test("page: what is shown can be taken along as CSV", inBrowser, async () => {
  await using server = await serveShop(shopViews());
  await withBrowser(async (browser) => {
    const { page } = await openPage(browser);
    await page.goto(server.url);
    await page.locator(".categories tbody tr").first().waitFor();
    const coming = page.waitForEvent("download");
    await page.locator(".categories").getByRole("button", { name: "CSV" }).click();
    const download = await coming, lines = (await Deno.readTextFile(await download.path())).trimEnd().split("\r\n");
    assert.equal(download.suggestedFilename(), "categories.csv");
    assert.deepEqual([lines.length, lines[0]?.split(",").slice(0, 2)], [CATEGORIES.length + 1, [
      "Category",
      "Per minute",
    ]]);
  });
});
