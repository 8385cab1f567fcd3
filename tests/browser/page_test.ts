import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { systemClock } from "../../src/clock.ts";
import { ledgerOf } from "../../src/stream/ledger.ts";
import { serveWeb } from "../../src/web/server.ts";
import { averagePoint, FakeViews } from "../fakes/fake_views.ts";

/** Debian's name for it; another browser by `TALLY_CHROMIUM`. */
const CHROMIUM = Deno.env.get("TALLY_CHROMIUM") ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const SCREENSHOTS = new URL("../../docs/", import.meta.url);
const HIGH_MS = Date.UTC(2026, 10, 22, 12, 0, 3);
const SLIDE_MS = 5_000;
const HOSTILE = ["<script>document.title='owned'</script>", "☕️ кофе и чай", "z".repeat(128)];
const CATEGORIES = [
  "gas_transport",
  "grocery_pos",
  "home",
  "shopping_pos",
  "kids_pets",
  "shopping_net",
  "entertainment",
  "food_dining",
  "personal_care",
  "health_fitness",
  "misc_pos",
  "misc_net",
  "grocery_net",
  "travel",
];

/** A smooth, repeatable wobble in [0, 1]. */
const wave = (seed: number, timeMs: number) =>
  (Math.sin(timeMs / 97_000 + seed * 1.7) + Math.sin(timeMs / 23_000 + seed * 5.1) + 2) / 4;

function pointAt(category: string, timeMs: number) {
  const seed = [...CATEGORIES, ...HOSTILE].indexOf(category);
  const count = Math.round((105 - seed * 5) * (0.75 + wave(seed, timeMs) * 0.5)) + 4;
  const average = (25 + seed * 11 % 70) * (0.9 + wave(seed + 3, timeMs) * 0.2);
  const frauds = Math.round(wave(seed + 7, timeMs * 1.3) ** 4 * 5);
  return averagePoint(category, timeMs, {
    avg_amount: average,
    transaction_count: count,
    amount_sum: average * count,
    amount_p50: average * 0.7,
    amount_p95: average * 3.1,
    transactions_per_minute: count,
    fraud_count: frauds,
    fraud_rate: frauds / count,
    unique_customers: Math.round(count * 0.9),
    final: timeMs <= HIGH_MS - 30_000,
  });
}

function storedPoints(categories: readonly string[]) {
  const newestMs = Math.floor(HIGH_MS / SLIDE_MS) * SLIDE_MS + SLIDE_MS;
  return Array.from({ length: 181 }, (_, index) => newestMs - (180 - index) * SLIDE_MS)
    .flatMap((timeMs) => categories.map((category) => pointAt(category, timeMs)));
}

const LEDGER = ledgerOf([0, 1, 2, 3].map((partition) => ({
  partition,
  first: 0,
  position: 250_000,
  end: 250_000 + partition * 7,
  counted: 249_960,
  late: 22,
  future: 3,
  invalid: 15,
  skipped: 0,
  amended: 2,
})));

function fakeViews(categories: readonly string[]): FakeViews {
  const views = new FakeViews();
  views.stored = storedPoints(categories);
  views.currentLedger = LEDGER;
  return views;
}

function serve(views: FakeViews, port = 0, token?: string) {
  const clock = { ...systemClock, nowMs: () => HIGH_MS + 1_400 };
  const options = { host: "127.0.0.1", port, clock, views, appName: "Tally", version: "0.1.0" };
  return serveWeb(token === undefined ? options : { ...options, token });
}

async function withBrowser(body: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  try {
    await body(browser);
  } finally {
    await browser.close();
  }
}

/** A page whose console errors and failed scripts are collected. */
async function openPage(browser: Browser, options: Parameters<Browser["newPage"]>[0] = {}) {
  const size = { width: 1360, height: 1180 };
  const page = await browser.newPage({ viewport: size, timezoneId: "Europe/Berlin", locale: "en-GB", ...options });
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  return { page, errors };
}

/** The newest window that ended by `HIGH_MS`, as the page must show it. */
function expectedHeadline(categories: readonly string[]) {
  const shown = categories.map((category) => pointAt(category, Math.floor(HIGH_MS / SLIDE_MS) * SLIDE_MS).fields);
  const sum = (field: string) => shown.reduce((total, fields) => total + Number(fields[field]), 0);
  const rate = sum("fraud_count") / sum("transaction_count");
  return [
    sum("transactions_per_minute").toLocaleString("en-GB"),
    (sum("amount_sum") / sum("transaction_count")).toFixed(2),
    String(sum("fraud_count")),
    `${(rate * 100).toFixed(2)}%`,
  ];
}

async function numbersOf(page: Page): Promise<string[]> {
  return await page.locator(".number").allTextContents();
}

const options = { ignore: !existsSync(CHROMIUM), sanitizeOps: false, sanitizeResources: false };

Deno.test(
  "page: shows the newest complete window, live, in both colour schemes, without an error",
  options,
  async () => {
    const views = fakeViews(CATEGORIES);
    await using server = await serve(views);
    await Deno.mkdir(SCREENSHOTS, { recursive: true });
    await withBrowser(async (browser) => {
      for (const colorScheme of ["light", "dark"] as const) {
        const { page, errors } = await openPage(browser, { colorScheme, reducedMotion: "reduce" });
        await page.goto(server.url);
        await page.getByText("Live", { exact: true }).waitFor();
        views.publish({ points: views.stored.slice(-14), highMs: HIGH_MS, ledger: LEDGER });
        await page.getByText("All categories, window ended 13:00:00 · provisional").waitFor();
        await page.locator(".spark polyline").nth(3).waitFor();
        assert.deepEqual(await numbersOf(page), expectedHeadline(CATEGORIES));
        assert.equal(await page.locator(".categories tbody tr").count(), CATEGORIES.length);
        assert.match(await page.locator(".pipeline").innerText(), /Read\s+1,000,000[^]*Late\s+88[^]*balances/);
        const name = colorScheme === "light" ? "page.png" : "page-dark.png";
        await page.screenshot({ path: new URL(name, SCREENSHOTS).pathname, fullPage: true });
        assert.deepEqual(errors, []);
        await page.close();
      }
    });
  },
);

Deno.test("page: hostile names are text, everywhere", options, async () => {
  const views = fakeViews(HOSTILE);
  await using server = await serve(views);
  await withBrowser(async (browser) => {
    const { page, errors } = await openPage(browser);
    await page.goto(server.url);
    await page.locator(".categories tbody tr").nth(2).waitFor();
    for (const summary of await page.getByText("Show as table").all()) await summary.click();
    await page.locator("details td").first().waitFor();
    const names = await page.locator(".categories .name").allTextContents();
    assert.deepEqual(names.toSorted(), HOSTILE.toSorted());
    assert.equal(await page.locator(".plot ~ details tbody tr").count(), 3 * HOSTILE.length);
    assert.equal(await page.title(), "Tally");
    assert.deepEqual(errors, []);
  });
});

Deno.test("page: pauses, resumes and brings out a category by the keyboard alone", options, async () => {
  const views = fakeViews(CATEGORIES);
  await using server = await serve(views);
  await withBrowser(async (browser) => {
    const { page, errors } = await openPage(browser);
    await page.goto(server.url);
    await page.locator(".categories tbody tr").first().waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("Paused").waitFor();
    const before = await numbersOf(page);
    const laterMs = HIGH_MS + 60_000;
    views.publish({ points: [averagePoint("home", laterMs)], highMs: laterMs, ledger: LEDGER });
    assert.deepEqual(await numbersOf(page), before);
    await page.keyboard.press("Enter");
    await page.getByText("All categories, window ended 13:01:03").waitFor();
    const row = page.getByRole("button", { name: "home" });
    await row.focus();
    await page.keyboard.press("Enter");
    assert.equal(await row.getAttribute("aria-pressed"), "true");
    assert.deepEqual(errors, []);
  });
});

Deno.test("page: says that the connection is lost and comes back when the server does", options, async () => {
  const views = fakeViews(CATEGORIES);
  const first = await serve(views);
  await withBrowser(async (browser) => {
    const { page } = await openPage(browser);
    await page.goto(first.url);
    await page.getByText("Live", { exact: true }).waitFor();
    await first[Symbol.asyncDispose]();
    await page.getByText("Reconnecting").waitFor();
    await using _second = await serve(views, first.port);
    await page.getByText("Live", { exact: true }).waitFor();
    views.publish({ points: [averagePoint("home", HIGH_MS + 3_600_000)], highMs: HIGH_MS + 3_600_000, ledger: LEDGER });
    await page.getByText("All categories, window ended 14:00:03").waitFor();
    await page.close();
  });
});

Deno.test("page: with a token, a browser logs in by the form", options, async () => {
  await using server = await serve(fakeViews(CATEGORIES), 0, "open sesame");
  await withBrowser(async (browser) => {
    const { page, errors } = await openPage(browser);
    await page.goto(server.url);
    await page.getByLabel("Token").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByText("That is not the token.").waitFor();
    await page.getByLabel("Token").fill("open sesame");
    await page.keyboard.press("Enter");
    await page.getByText("Live", { exact: true }).waitFor();
    assert.equal((await numbersOf(page)).length, 4);
    assert.deepEqual(errors, []);
  });
});
