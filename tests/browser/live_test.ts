/**
 * The page over the real program: every view with transactions coming in, in both colour schemes.
 *
 * It makes the pictures in docs/ that the README shows.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { assertAccessible, inBrowser, openPage, withBrowser } from "./chromium.ts";
import { RunningShop } from "./running_shop.ts";

const PICTURES = new URL("../../docs/", import.meta.url);
const LIVE = { timeout: 120_000 };
const HOUR_MS = 3_600_000;
const MINUTES_MS = 180_000;

/** A view's address, how tall its picture is, and what must be seen before it is taken. */
const VIEWS = [
  { name: "overview", query: "?range=15m", height: 1_180, seen: [".categories tbody tr:nth-child(14)", ".ticker li"] },
  {
    name: "category",
    query: "?view=category&category=shopping_net&range=15m",
    height: 1_900,
    seen: [".windows tbody tr", ".regionBars tbody tr", ".buying tbody tr", ".ranking tbody tr"],
  },
  {
    name: "regions",
    query: "?view=regions&range=1h&metric=fraudRate",
    height: 1_130,
    seen: [".map path:nth-child(51)", ".regionBars tbody tr:nth-child(51)"],
  },
  {
    name: "pipeline",
    query: "?view=pipeline",
    height: 1_560,
    seen: [".partitions tbody tr:nth-child(12)", ".letters tbody tr:nth-child(9)", ".actors tbody tr", ".strokes i"],
  },
];

async function show(page: Page, { query, seen }: (typeof VIEWS)[number], url: string): Promise<void> {
  const past = page.waitForResponse(/\/api\/series/, LIVE);
  await page.goto(`${url}/${query}`);
  await page.getByText("Live", { exact: true }).first().waitFor(LIVE);
  await (await past).finished();
  for (const selector of seen) await page.locator(selector).first().waitFor(LIVE);
  await page.locator(".asOf", { hasText: "60s window ended" }).waitFor(LIVE);
}

/** Charts are drawn one a frame, after what they hang in. */
async function drawn(page: Page): Promise<void> {
  for (const plot of await page.locator(".plot").all()) await plot.locator("canvas").waitFor(LIVE);
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
}

Deno.test(
  "live page: every view shows a running shop, accessible, in light and dark, without an error",
  inBrowser,
  async () => {
    await using shop = await RunningShop.open(HOUR_MS);
    await Deno.mkdir(PICTURES, { recursive: true });
    await withBrowser(async (browser) => {
      await shop.sendBad();
      for (const colorScheme of ["light", "dark"] as const) {
        for (const view of VIEWS) {
          const viewport = { width: 1440, height: view.height };
          const { page, errors } = await openPage(browser, { colorScheme, reducedMotion: "reduce", viewport });
          await show(page, view, shop.url);
          await drawn(page);
          await page.screenshot({ path: new URL(`page-${view.name}-${colorScheme}.png`, PICTURES).pathname });
          await assertAccessible(page, `${view.name}, ${colorScheme}`);
          assert.deepEqual(errors, [], view.name);
          await page.close();
        }
      }
    });
  },
);

Deno.test(
  "live page: filters are in the address, a region narrows what is kept by region and says what is not",
  inBrowser,
  async () => {
    await using shop = await RunningShop.open(MINUTES_MS);
    await withBrowser(async (browser) => {
      const { page, errors } = await openPage(browser);
      await page.goto(shop.url);
      await page.locator(".categories").getByRole("link", { name: "travel" }).click();
      await page.waitForURL(/view=category&category=travel/);
      await page.locator(".windows .badge", { hasText: "final" }).first().waitFor(LIVE);
      await page.locator(".windows .badge", { hasText: "provisional" }).first().waitFor(LIVE);
      await page.getByLabel("Region", { exact: true }).selectOption("TX");
      await page.waitForURL(/category=travel&region=TX/);
      await page.getByText("TX only.").waitFor();
      await page.getByText("Not kept by region", { exact: true }).waitFor(LIVE);
      assert.equal(await page.locator(".windows th", { hasText: "Median" }).count(), 0);
      await page.getByRole("link", { name: "Regions" }).click();
      await page.locator(".map path").first().waitFor(LIVE);
      await page.locator(".regionBars").getByRole("link", { name: "CA", exact: true }).click();
      await page.waitForURL(/view=regions.*region=CA/);
      await page.locator(".map path.ring").waitFor();
      await page.getByRole("button", { name: "Show all regions" }).click();
      await page.waitForURL((address) => !address.searchParams.has("region"));
      await page.goBack();
      await page.getByText("CA only.").waitFor();
      await page.reload();
      await page.getByText("CA only.").waitFor();
      assert.deepEqual(errors, []);
    });
  },
);

Deno.test(
  "live page: a processor that was killed and started again is live again, with newer windows",
  inBrowser,
  async () => {
    await using shop = await RunningShop.open(MINUTES_MS);
    await withBrowser(async (browser) => {
      const { page } = await openPage(browser);
      await page.goto(shop.url);
      const asOf = page.locator(".asOf", { hasText: "60s window ended" });
      await asOf.waitFor(LIVE);
      await page.getByText("Live", { exact: true }).first().waitFor(LIVE);
      await shop.kill();
      await page.getByText("Reconnecting").waitFor(LIVE);
      const before = await asOf.textContent();
      await shop.start();
      await page.getByText("Live", { exact: true }).first().waitFor(LIVE);
      await page.locator(".asOf", { hasText: "60s window ended", hasNotText: before ?? "" }).waitFor(LIVE);
    });
  },
);
