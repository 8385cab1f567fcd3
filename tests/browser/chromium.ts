/** Chromium, and what every test of the page asks of it. */
import axe, { type AxeResults } from "axe-core";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

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

/** How long a test waits for what must come: only a machine that is busy with other work ever needs so much, ms. */
const WAIT_MS = 120_000;

/** How tests in a browser run: only where there is one. */
export const inBrowser = { ignore: !existsSync(CHROMIUM), sanitizeOps: false, sanitizeResources: false };

/** Runs `body` with a browser that is closed afterwards, however it ends. */
export async function withBrowser(body: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  try {
    await body(browser);
  } finally {
    await browser.close();
  }
}

/** A page, and the errors of its console and its scripts so far. */
export interface Watched {
  readonly page: Page;
  readonly errors: string[];
}

/** Opens a page in a European zone and English words. */
export async function openPage(
  browser: Browser,
  options: Parameters<Browser["newPage"]>[0] = {},
): Promise<Watched> {
  const viewport = { width: 1440, height: 1180 };
  const page = await browser.newPage({ viewport, timezoneId: "Europe/Berlin", locale: "en-GB", ...options });
  page.setDefaultTimeout(WAIT_MS);
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  return { page, errors };
}

/** Fails on every serious finding of axe about the page as it is now, AA contrast included. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = serious.map(({ id, help, nodes }) => (
    { id, help, nodes: nodes.slice(0, 5).map(({ html, failureSummary }) => ({ html, failureSummary })) }
  ));
  assert.deepEqual(told, [], what);
}
