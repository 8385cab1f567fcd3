/** Views over made-up windows of fourteen categories, the same at every run. */
import { systemClock } from "../../src/clock.ts";
import type { Point } from "../../src/domain/point.ts";
import { ledgerOf } from "../../src/stream/ledger.ts";
import { serveWeb, type WebServer } from "../../src/web/server.ts";
import { averagePoint, FakeViews } from "../fakes/fake_views.ts";

/** The newest event. */
export const HIGH_MS = Date.UTC(2026, 10, 22, 12, 0, 3);
/** The newest window whose last pane has ended by then. */
export const SHOWN_MS = HIGH_MS - 3_000;
const SLIDE_MS = 5_000;
const HOUR_MS = 3_600_000;

/** What transactions are sorted into. */
export const CATEGORIES = [
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

/** Names that would be markup, and names that are long or foreign. */
export const HOSTILE = ["<script>document.title='owned'</script>", "☕️ кофе и чай", "z".repeat(128)];

/** A smooth, repeatable wobble in [0, 1]. */
const wave = (seed: number, timeMs: number) =>
  (Math.sin(timeMs / 97_000 + seed * 1.7) + Math.sin(timeMs / 23_000 + seed * 5.1) + 2) / 4;

/** The window of a category that ends at `timeMs`. */
export function windowAt(category: string, timeMs: number): Point {
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
    amount_p99: average * 4.4,
    transactions_per_minute: count,
    fraud_count: frauds,
    fraud_rate: frauds / count,
    unique_customers: Math.round(count * 0.9),
    final: timeMs <= HIGH_MS - 30_000,
  });
}

/** An hour of windows. */
function storedWindows(categories: readonly string[]): Point[] {
  const newestMs = SHOWN_MS + SLIDE_MS, count = HOUR_MS / SLIDE_MS;
  return Array.from({ length: count + 1 }, (_, index) => newestMs - (count - index) * SLIDE_MS)
    .flatMap((timeMs) => categories.map((category) => windowAt(category, timeMs)));
}

/** A ledger that balances at a million records. */
export const LEDGER = ledgerOf([0, 1, 2, 3].map((partition) => ({
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

/** Views that hold an hour of these categories. */
export function shopViews(categories: readonly string[] = CATEGORIES): FakeViews {
  const views = new FakeViews();
  views.stored = storedWindows(categories);
  views.currentLedger = LEDGER;
  return views;
}

/** Serves views at a moment shortly after the newest event. */
export async function serveShop(views: FakeViews, { port = 0, token }: { port?: number; token?: string } = {}): Promise<
  WebServer
> {
  const clock = { ...systemClock, nowMs: () => HIGH_MS + 1_400 };
  const options = { host: "127.0.0.1", port, clock, views, appName: "Tally", version: "0.1.0" };
  return await serveWeb(token === undefined ? options : { ...options, token });
}
