import assert from "node:assert/strict";
import { ManualClock } from "./manual_clock.ts";

Deno.test("ManualClock.advance() fires due timers in order, each at its instant, also those armed meanwhile", () => {
  const clock = new ManualClock(1_000);
  const fired: string[] = [];
  const note = (name: string) => () => void fired.push(`${name}@${clock.nowMs()}`);
  clock.after(20, note("late"));
  clock.after(10, note("first"));
  clock.after(10, () => clock.after(5, note("armed")));
  clock.after(31, note("never"));
  clock.advance(30);
  assert.deepStrictEqual([fired, clock.elapsedMs(), clock.nextInMs()], [
    ["first@1010", "armed@1015", "late@1020"],
    30,
    1,
  ]);
});

Deno.test("ManualClock.after() is cancelled by disposing of the timer", () => {
  const clock = new ManualClock();
  const fired: string[] = [];
  {
    using _timer = clock.after(5, () => fired.push("never"));
  }
  clock.advance(30);
  assert.deepStrictEqual([fired, clock.armed], [[], 0]);
});
