import assert from "node:assert/strict";
import { halves, holds, joined, type Span } from "../../src/stream/span.ts";
import { seeded } from "./seeded.ts";

const span = (fromMs: number, toMs: number): Span => ({ fromMs, toMs });

Deno.test("joined() makes one of spans that overlap or touch, sorts them and leaves empty ones out", () => {
  assert.deepEqual(joined([]), []);
  assert.deepEqual(joined([span(8, 9), span(0, 2), span(5, 5), span(2, 4), span(1, 3)]), [span(0, 4), span(8, 9)]);
  assert.deepEqual(joined([span(0, 10), span(2, 3), span(11, 12)]), [span(0, 10), span(11, 12)]);
});

Deno.test("holds() is true from the first instant of a span to the one before its end, and nowhere else", () => {
  const random = seeded(3);
  for (let run = 0; run < 200; run++) {
    const spans = joined(Array.from({ length: Math.floor(random() * 6) }, () => {
      const fromMs = Math.floor(random() * 40);
      return span(fromMs, fromMs + Math.floor(random() * 6));
    }));
    for (let ms = -1; ms < 50; ms++) {
      const expected = spans.some(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
      assert.equal(holds(spans, ms), expected, `${JSON.stringify(spans)} at ${ms}`);
    }
  }
});

Deno.test("halves() cuts a list between spans, a single span at a pane, and one pane not at all", () => {
  const cuts = [[], [span(0, 5)], [span(0, 10)], [span(5, 20)], [span(0, 5), span(10, 15), span(20, 40)]]
    .map((spans) => halves(spans, 5));
  assert.deepEqual(cuts, [
    undefined,
    undefined,
    [[span(0, 5)], [span(5, 10)]],
    [[span(5, 15)], [span(15, 20)]],
    [[span(0, 5)], [span(10, 15), span(20, 40)]],
  ]);
});
