import assert from "node:assert/strict";
import { History } from "../../src/web/page/history.js";
import { Model } from "../../src/web/page/model.js";
import { ManualClock } from "../fakes/manual_clock.ts";

/** A history whose reads end at once, because nothing is known yet; each is counted. */
function counted() {
  const clock = new ManualClock();
  let reads = 0;
  const after = (delayMs: number, fn: () => void) => {
    const timer = clock.after(delayMs, fn);
    return () => timer[Symbol.dispose]();
  };
  const history = new History({ after, onRead: () => reads++ });
  const model = new Model({ rangeMs: 1, stepMs: 0 });
  const wanted = () => ({ model, newestMs: undefined, window: "", slideMs: undefined, range: "live", region: "" });
  const advance = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 9; turn++) await Promise.resolve();
  };
  const read = (isUrgent = false) => void history.read(wanted, { isUrgent });
  return { read, advance, reads: () => reads };
}

Deno.test("History.read() pauses between reads, and reads once for all that was asked meanwhile", async () => {
  const { read, advance, reads } = counted();
  for (let asked = 0; asked < 5; asked++) read();
  await advance(0);
  assert.equal(reads(), 1);
  await advance(1_999);
  assert.equal(reads(), 1);
  await advance(1);
  assert.equal(reads(), 2);
  await advance(10_000);
  assert.equal(reads(), 2);
});

Deno.test("History.read() does not wait out the pause when it is urgent", async () => {
  const { read, advance, reads } = counted();
  read();
  await advance(0);
  read(true);
  await advance(0);
  assert.equal(reads(), 2);
});
