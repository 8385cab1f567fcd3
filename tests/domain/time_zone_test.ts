import assert from "node:assert/strict";
import { TimeZone } from "../../src/domain/time_zone.ts";

const HOUR_MS = 3_600_000;

Deno.test("TimeZone.offsetMs() is that of UTC for UTC, at any time", () => {
  const zone = new TimeZone("UTC");
  for (const timeMs of [0, 1, 1_795_000_000_000, Date.UTC(2261, 0, 1)]) assert.strictEqual(zone.offsetMs(timeMs), 0);
});

Deno.test("TimeZone.offsetMs() changes with summer time in the very millisecond, asked in any order", () => {
  const zone = new TimeZone("Europe/Berlin"), spring = Date.UTC(2026, 2, 29, 1), autumn = Date.UTC(2026, 9, 25, 1);
  const hours = [autumn, spring - 1, spring, autumn - 1, spring - 1].map((timeMs) => zone.offsetMs(timeMs) / HOUR_MS);
  assert.deepStrictEqual(hours, [1, 1, 2, 2, 1]);
});

Deno.test("TimeZone.offsetMs() knows zones off the whole hour", () => {
  const noon = Date.UTC(2026, 0, 10, 12);
  const hours = ["Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"].map((name) =>
    new TimeZone(name).offsetMs(noon) / HOUR_MS
  );
  assert.deepStrictEqual(hours, [5.75, 11, -3.5]);
});

Deno.test("TimeZone.offsetMs() agrees with the zone's own clock over two years of hours", () => {
  const zone = new TimeZone("America/New_York");
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone.name, hour: "2-digit", hourCycle: "h23" });
  for (let timeMs = Date.UTC(2026, 0); timeMs < Date.UTC(2028, 0); timeMs += HOUR_MS) {
    const local = new Date(timeMs + zone.offsetMs(timeMs));
    assert.strictEqual(local.getUTCHours(), Number(clock.format(timeMs)), new Date(timeMs).toISOString());
  }
});

Deno.test("TimeZone refuses a zone that there is not", () => {
  assert.throws(() => new TimeZone("Mars/Olympus"), RangeError);
});
