/** What a restart keeps and what it forgets. */
import assert from "node:assert/strict";
import { actor, toFailure } from "../../src/actor/mod.ts";
import { diarist, gate, lab } from "./lab.ts";

Deno.test("restart: state is fresh from init; the crash message is gone, the rest arrive in order", async () => {
  await using at = lab();
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary: [] } });
  ref.tell("note", 1);
  ref.tell("boom");
  for (let value = 2; value <= 5; value++) ref.tell("note", value);
  assert.deepEqual(await ref.ask("notes", { withinMs: 10 }), [2, 3, 4, 5]);
  assert.deepEqual(at.lines("restarted", "deadLetter"), ["x 1"]);
});

Deno.test("restart: a rejected promise of a handler is a crash like a throw", async () => {
  await using at = lab();
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary: [] } });
  ref.tell("boomLater", Promise.resolve());
  ref.tell("note", 2);
  assert.deepEqual(await ref.ask("notes", { withinMs: 10 }), [2]);
  assert.deepEqual(at.lines("failed"), ["x crash"]);
});

Deno.test("restart: ticks of the timers of an earlier life never arrive", async () => {
  await using at = lab();
  const diary: string[] = [];
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary } });
  ref.tell("every", 10);
  await at.time.advance(25);
  ref.tell("boom");
  await at.time.advance(1_000);
  assert.deepEqual(diary, ["init x", "tick x 10", "tick x 20", "stop x crash", "init x"]);
});

Deno.test("restart: a tick that was queued for an earlier life is not delivered to a later one", async () => {
  await using at = lab();
  const [diary, opened] = [new Array<string>(), gate()];
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary } });
  ref.tell("after", 10);
  ref.tell("boomLater", opened.promise);
  await at.time.advance(20);
  opened.resolve();
  await at.time.advance(20);
  assert.deepEqual(diary, ["init x", "stop x crash", "init x"]);
});

Deno.test("restart: what an abandoned handler does later has no effect", async () => {
  await using at = lab({ strategy: "one_for_all" });
  const opened = gate();
  const slow = actor({
    name: "slow",
    init: () => ({ count: 0 }),
    on: {
      async hold(state, until: Promise<void>, cx) {
        await until;
        state.count++;
        cx.every(1, "tick");
        cx.stop();
      },
      tick: (state) => void state.count++,
      count: (state) => state.count,
    },
  });
  const ref = await at.sys.spawn(slow, { id: "slow", args: undefined, shutdownMs: 10 });
  const bad = await at.sys.spawn(diarist, { id: "bad", args: { diary: [] } });
  const held = assert.rejects(ref.ask("hold", opened.promise, { withinMs: 1_000 }), { reason: "down" });
  await at.time.settle();
  bad.tell("boom");
  await at.time.advance(100);
  opened.resolve();
  await at.time.advance(100);
  await held;
  assert.deepEqual([await ref.ask("count", { withinMs: 10 }), at.lines("stopped")], [0, []]);
});

Deno.test("restart: an abandoned handler that comes back does not end the turn of a later life", async () => {
  await using at = lab({ strategy: "one_for_all" });
  const [first, second] = [gate(), gate()];
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary: [] }, shutdownMs: 10 });
  const bad = await at.sys.spawn(diarist, { id: "bad", args: { diary: [] } });
  ref.tell("hold", first.promise);
  await at.time.settle();
  bad.tell("boom");
  await at.time.advance(100);
  ref.tell("hold", second.promise);
  const notes = ref.ask("notes", { withinMs: 1_000 });
  let answered = false;
  notes.then(() => answered = true);
  await at.time.settle();
  first.resolve();
  await at.time.settle();
  assert.equal(answered, false);
  second.resolve();
  assert.deepEqual(await notes, [-1]);
});

Deno.test("toFailure() makes plain data of anything thrown, causes included, and never throws", () => {
  const cyclic = new RangeError("Cannot end: cycle");
  cyclic.cause = cyclic;
  const hostile = { toString: () => ({}) };
  const thrown: unknown[] = [
    new TypeError("Cannot a: b", { cause: "why" }),
    cyclic,
    hostile,
    null,
    undefined,
    7,
    Symbol("s"),
  ];
  for (const each of thrown) assert.doesNotThrow(() => structuredClone(toFailure(each)));
  const { stack, ...plain } = toFailure(thrown[0]);
  assert.ok(stack);
  assert.deepEqual(plain, {
    name: "TypeError",
    message: "Cannot a: b",
    cause: { name: "NonError", message: "Thrown value why" },
  });
});
