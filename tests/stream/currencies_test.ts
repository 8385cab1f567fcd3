import assert from "node:assert/strict";
import { Currencies } from "../../src/stream/currencies.ts";

const [USD, EUR] = [0x445355, 0x525545];

Deno.test("Currencies counts the events in another currency than the first of their category, each category by itself", () => {
  const currencies = new Currencies();
  for (const category of [0, 1, 15, 16, 1_000]) {
    for (const currency of [USD, USD, EUR, USD, EUR]) currencies.see(category, category === 1 ? EUR : currency);
  }
  assert.strictEqual(currencies.mixed, 4 * 2);
});

Deno.test("Currencies takes no note of events without a currency, before the first or after", () => {
  const currencies = new Currencies();
  for (const currency of [0, USD, 0, USD, 0]) currencies.see(3, currency);
  assert.strictEqual(currencies.mixed, 0);
});
