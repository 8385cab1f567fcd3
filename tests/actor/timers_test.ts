/** Virtual time, and the timers of actors in it. */
import assert from "node:assert/strict";
import { actor, virtual } from "../../src/actor/mod.ts";
import { seeded } from "../../src/actor/virtual.ts";
import { diarist, gate, lab } from "./lab.ts";

Deno.test("Context.after() ticks once, at its time; Context.every() at each period", async () => {
  await using at = lab();
  const diary: string[] = [];
  for (const kind of ["after", "every"] as const) {
    const ref = await at.sys.spawn(diarist, { id: kind, args: { diary } });
    ref.tell(kind, 10);
  }
  diary.length = 0;
  await at.time.advance(30);
  assert.deepEqual(diary, ["tick after 10", "tick every 10", "tick every 20", "tick every 30"]);
});

Deno.test("Context.cancel() disarms a timer and takes back its queued tick", async () => {
  await using at = lab();
  const [diary, opened] = [new Array<string>(), gate()];
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary } });
  ref.tell("every", 10);
  ref.tell("cancel");
  await at.time.advance(100);
  assert.deepEqual(diary, ["init x"]);
  const canceller = actor({
    name: "canceller",
    init: () => ({ ticks: 0 }),
    on: {
      async go(_state, until: Promise<void>, cx) {
        cx.after(10, "tick");
        await until;
        cx.cancel("tick");
      },
      tick: (state) => void state.ticks++,
      ticks: (state) => state.ticks,
    },
  });
  const other = await at.sys.spawn(canceller, { id: "y", args: undefined });
  other.tell("go", opened.promise);
  await at.time.advance(100);
  opened.resolve();
  assert.equal(await other.ask("ticks", { withinMs: 10 }), 0);
});

Deno.test("Context.after() of a kind that is armed replaces it", async () => {
  await using at = lab();
  const diary: string[] = [];
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary } });
  ref.tell("after", 10);
  ref.tell("after", 20);
  await at.time.advance(100);
  assert.deepEqual(diary, ["init x", "tick x 20"]);
});

Deno.test("Context.every() of an actor that is held gives one tick afterwards, in phase, not many", async () => {
  await using at = lab();
  const [diary, opened] = [new Array<string>(), gate()];
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary } });
  ref.tell("every", 10);
  ref.tell("hold", opened.promise);
  at.time.clock.after(95, () => opened.resolve());
  await at.time.advance(110);
  assert.deepEqual(diary, ["init x", "tick x 95", "tick x 100", "tick x 110"]);
});

Deno.test("Context.after() and every() refuse what is no duration", async () => {
  await using at = lab();
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary: [] }, restart: "temporary" });
  ref.tell("every", 0);
  await at.time.settle();
  assert.match(JSON.stringify(at.facts), /Cannot arm timer tick: periodMs must be > 0, got 0/);
  for (const bad of [-1, NaN]) {
    const next = await at.sys.spawn(diarist, { id: `${bad}`, args: { diary: [] }, restart: "temporary" });
    next.tell("after", bad);
    await at.time.settle();
    assert.match(JSON.stringify(at.facts), new RegExp(`delayMs must be >= 0, got ${bad}`));
  }
});

Deno.test("VirtualClock fires equal deadlines in order of arming, and others in order of time", () => {
  const seed = 11;
  const random = seeded(seed);
  const { clock } = virtual();
  const fired: [number, number][] = [];
  for (let sequence = 0; sequence < 1_000; sequence++) {
    const dueMs = Math.floor(random() * 50);
    clock.after(dueMs, () => fired.push([dueMs, sequence]));
  }
  while (clock.fireNext(100));
  assert.equal(fired.length, 1_000, `seed ${seed}`);
  assert.deepEqual(fired, fired.toSorted(([a, i], [b, j]) => a - b || i - j), `seed ${seed}`);
});

Deno.test("VirtualClock: a timer disposed of never fires, also after it has", () => {
  const { clock } = virtual();
  let fired = 0;
  {
    using _never = clock.after(1, () => fired++);
  }
  const once = clock.after(2, () => fired++);
  while (clock.fireNext(10));
  once[Symbol.dispose]();
  assert.deepEqual([fired, clock.elapsedMs(), clock.nowMs()], [1, 10, 10]);
});

Deno.test("virtual().advance() of an hour is 360 flushes of 10 s and no real time", async () => {
  await using at = lab();
  const flusher = actor({
    name: "flusher",
    init: (_args: void, cx) => {
      cx.every(10_000, "flush");
      return { flushes: 0 };
    },
    on: { flush: (state) => void state.flushes++, flushes: (state) => state.flushes },
  });
  const ref = await at.sys.spawn(flusher, { id: "f", args: undefined });
  await at.time.advance(3_600_000);
  assert.equal(await ref.ask("flushes", { withinMs: 10 }), 360);
});

Deno.test("virtual().advance() fires what is armed on the way, each at its own time", async () => {
  const time = virtual({ startMs: 1_000 });
  const fired: number[] = [];
  const again = (): void => {
    fired.push(time.clock.nowMs());
    if (fired.length < 3) time.clock.after(10, again);
  };
  time.clock.after(10, again);
  await time.advance(100);
  assert.deepEqual([fired, time.clock.nowMs()], [[1_010, 1_020, 1_030], 1_100]);
});
