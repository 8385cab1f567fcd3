/**
 * How fast the page is with fourteen categories and an hour at 5 s.
 *
 * Frames are measured in time on a processor, which other work on the machine does not lengthen, and a slower processor
 * is allowed for by a loop that the same page runs.
 */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { inBrowser, openPage, withBrowser } from "./chromium.ts";
import { tasksDuring } from "./main_thread.ts";
import { CATEGORIES, HIGH_MS, LEDGER, serveShop, shopViews, SHOWN_MS, windowAt } from "./shop_views.ts";

const UPDATES = 24;
/** Updates before that: the browser compiles what it has seen run. */
const WARM_UPS = 4;
/** How many windows an update writes anew: those of a window's length that are still provisional. */
const REWRITTEN = 12;
const FRAME_MS = 50;
const FIRST_PAINT_MS = 1_000;
const MAX_PAINTS = 10;

/** What `LOOP` takes on the machine whose frames were first held to the bound, ms. */
const LOOP_MS = 8;
const LOOP = `{
  const sums = new Map();
  for (let at = 0; at < 400_000; at++) sums.set(at & 1023, (sums.get(at & 1023) ?? 0) + Math.sqrt(at));
}`;

const FRAMES =
  "new Promise((done) => { let left = 8; const next = () => left-- ? requestAnimationFrame(next) : done(); next(); })";

/** How much slower this processor is now, at least 1. */
async function slowness(browser: Browser, page: Page): Promise<number> {
  const loops = 5;
  const tasks = await tasksDuring(browser, page, async () => {
    for (let at = 0; at < loops; at++) await page.evaluate(LOOP);
  });
  const longest = tasks.map(({ cpuMs }) => cpuMs).toSorted((a, b) => b - a).slice(0, loops);
  console.log("loops", longest);
  return Math.max(1, (longest[loops >> 1] ?? 0) / LOOP_MS);
}

for (const view of ["overview", "category&category=travel", "regions"]) {
  Deno.test(`page: live events with an hour on display keep every frame under 50 ms: ${view}`, inBrowser, async () => {
    const views = shopViews();
    await using server = await serveShop(views);
    await withBrowser(async (browser) => {
      const { page } = await openPage(browser);
      await page.goto(`${server.url}/?view=${view}&range=1h`);
      await page.locator("figure canvas").nth(1).waitFor();
      await page.evaluate(FRAMES);
      const update = async (at: number) => {
        const newest = Array.from({ length: REWRITTEN }, (_, back) => SHOWN_MS + (at - back) * 5_000);
        const points = newest.flatMap((timeMs) => CATEGORIES.map((category) => windowAt(category, timeMs)));
        views.publish({ points, highMs: HIGH_MS + at * 5_000, ledger: LEDGER });
        await page.evaluate(FRAMES);
      };
      for (let at = 1; at <= WARM_UPS; at++) await update(at);
      const before = await slowness(browser, page);
      const tasks = await tasksDuring(browser, page, async () => {
        for (let at = 1; at <= UPDATES; at++) await update(WARM_UPS + at);
      });
      const times = Math.max(before, await slowness(browser, page));
      const longest = tasks.map(({ cpuMs }) => cpuMs).toSorted((a, b) => b - a).slice(0, UPDATES);
      const told = `longest tasks, ms on a processor: ${longest.map(Math.round).join(" ")}; ×${
        times.toFixed(2)
      } slower`;
      console.log(told);
      assert.ok(longest.length === UPDATES && (longest[0] ?? 0) <= FRAME_MS * times, told);
    });
  });
}

Deno.test("page: first paint comes within a second on loopback", inBrowser, async () => {
  await using server = await serveShop(shopViews());
  await withBrowser(async (browser) => {
    const paints: number[] = [];
    // Other work on the machine makes paints late, never early: the best of several is the page's own.
    while (paints.length < MAX_PAINTS && !(Math.min(...paints) < FIRST_PAINT_MS)) {
      const { page } = await openPage(browser);
      await page.goto(server.url);
      await page.locator(".categories tbody tr").first().waitFor();
      paints.push(await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime"));
      await page.close();
    }
    console.log(`first contentful paint, ms: ${paints.map(Math.round).join(" ")}`);
    assert.ok(Math.min(...paints) < FIRST_PAINT_MS, `${paints}`);
  });
});
