/** How trees begin and end. */
import assert from "node:assert/strict";
import { actor, child, type Handlers, StartError, supervisor, worker } from "../../src/actor/mod.ts";
import { ABC, diarist, gate, lab } from "./lab.ts";

const SHARED = { strategy: "one_for_all" } as const;

Deno.test("supervisor() starts its children in order and stops them in reverse", async () => {
  await using at = lab();
  const diary: string[] = [];
  await at.sys.start(
    supervisor({ id: "s", plan: SHARED, children: ABC.map((id) => child(diarist, { id, args: { diary } })) }),
  );
  await at.sys.stop();
  assert.deepEqual(diary, [
    "init a",
    "init b",
    "init c",
    "stop c shutdown",
    "stop b shutdown",
    "stop a shutdown",
  ]);
});

Deno.test("supervisor() whose child fails its first start stops the earlier siblings and fails itself", async () => {
  await using at = lab();
  const diary: string[] = [];
  const children = ABC.map((id) => child(diarist, { id, args: { diary, failures: { left: id === "c" ? 1 : 0 } } }));
  await assert.rejects(at.sys.start(supervisor({ id: "s", plan: SHARED, children })), StartError);
  assert.deepEqual(diary, ["init a", "init b", "fail c", "stop b shutdown", "stop a shutdown"]);
  assert.deepEqual([...at.sys.stats()], []);
});

Deno.test("System.spawn() of an actor whose init throws rejects, leaves nothing, and dead-letters what was queued", async () => {
  await using at = lab();
  const failing = at.sys.spawn(diarist, { id: "x", args: { diary: [], failures: { left: 1 } } });
  at.sys.ref(diarist, "x").tell("note", 1);
  await assert.rejects(failing, {
    name: "StartError",
    message: "Cannot start x: init: RangeError: Cannot start x: told to fail",
  });
  assert.deepEqual(at.lines("deadLetter"), ["x note stopped 1"]);
  assert.deepEqual([...at.sys.stats()], []);
  const again = await at.sys.spawn(diarist, { id: "x", args: { diary: [] } });
  assert.deepEqual(await again.ask("notes", { withinMs: 10 }), []);
});

Deno.test("child(), supervisor() and worker() refuse a spec that makes no sense, naming the value", () => {
  const one = (id: string) => child(diarist, { id, args: { diary: [] } });
  const plan = { strategy: "one_for_one" } as const;
  const bad: (() => unknown)[] = [
    () => one(""),
    () => one("a/b"),
    () => child(diarist, { id: "a", args: { diary: [] }, shutdownMs: -1 }),
    () => child(diarist, { id: "a", args: { diary: [] }, shutdownMs: NaN }),
    () => child(diarist, { id: "a", args: { diary: [] }, mailbox: { capacity: 0, whenFull: "refuse" } }),
    () => child(diarist, { id: "a", args: { diary: [] }, mailbox: { capacity: 1.5, whenFull: "refuse" } }),
    () => supervisor({ id: "s", plan, children: [one("a"), one("a")] }),
    () => supervisor({ id: "s", plan: { ...plan, intensity: { max: -1, withinMs: 1 } }, children: [] }),
    () => supervisor({ id: "s", plan: { ...plan, intensity: { max: 1, withinMs: 0 } }, children: [] }),
    () => supervisor({ id: "s", plan: { ...plan, backoff: { minMs: 2, maxMs: 1 } }, children: [] }),
    () => supervisor({ id: "s", plan: { ...plan, backoff: { minMs: 1, maxMs: 2, jitter: 1.1 } }, children: [] }),
    () => worker({ id: "w", url: new URL("file:///w.ts"), heartbeatMs: 0 }),
    () => worker({ id: "w", url: new URL("file:///w.ts"), missedBeats: NaN }),
  ];
  for (const make of bad) assert.throws(make, /^(Type|Range)Error: Cannot (describe|supervise) .*, got|two children/);
});

Deno.test("System.spawn() refuses an id that a living sibling has", async () => {
  await using at = lab();
  await at.sys.spawn(diarist, { id: "x", args: { diary: [] } });
  await assert.rejects(at.sys.spawn(diarist, { id: "x", args: { diary: [] } }), {
    name: "TypeError",
    message: "Cannot start x: the id is taken",
  });
});

Deno.test("System.stopChild() gives a hook shutdownMs and not a millisecond more", async () => {
  for (const [tookMs, why] of [[99, "shutdown"], [101, "killed"]] as const) {
    await using at = lab();
    const words = gate();
    at.time.clock.after(tookMs, () => words.resolve());
    await at.sys.spawn(diarist, { id: "x", args: { diary: [], lastWords: words.promise }, shutdownMs: 100 });
    const stopped = at.sys.stopChild("x");
    await at.time.advance(200);
    await stopped;
    assert.deepEqual(at.lines("stopped"), [`x ${why}`]);
  }
});

Deno.test("System.stopChild() of a brutal child runs no hook and calls it killed", async () => {
  await using at = lab();
  const diary: string[] = [];
  await at.sys.spawn(diarist, { id: "x", args: { diary }, shutdownMs: "brutal" });
  await at.sys.stopChild("x");
  assert.deepEqual([diary, at.lines("stopped")], [["init x"], ["x killed"]]);
});

Deno.test("System.stopChild() of a child with infinite shutdown waits as long as it takes", async () => {
  await using at = lab();
  const words = gate();
  await at.sys.spawn(diarist, { id: "x", args: { diary: [], lastWords: words.promise }, shutdownMs: "infinity" });
  const stopped = at.sys.stopChild("x");
  await at.time.advance(3_600_000);
  assert.deepEqual(at.lines("stopped"), []);
  words.resolve();
  await stopped;
  assert.deepEqual(at.lines("stopped"), ["x shutdown"]);
});

Deno.test("System.stopChild() abandons a handler that does not come back in time", async () => {
  await using at = lab();
  const [diary, never] = [new Array<string>(), gate()];
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary }, shutdownMs: 100 });
  ref.tell("hold", never.promise);
  await at.time.settle();
  const stopped = at.sys.stopChild("x");
  await at.time.advance(100);
  await stopped;
  assert.deepEqual([diary, at.lines("stopped")], [["init x"], ["x killed"]]);
});

Deno.test("System.stop() resolves after the hooks, and concurrent stops share one cleanup", async () => {
  await using at = lab();
  const diary: string[] = [];
  await at.sys.spawn(diarist, { id: "x", args: { diary } });
  await Promise.all([at.sys.stop(), at.sys.stop(), at.sys.stop()]);
  await at.sys.stop();
  assert.deepEqual(diary, ["init x", "stop x shutdown"]);
  assert.deepEqual(await at.sys.done, { why: "shutdown" });
});

Deno.test("System.stop() of an actor whose init never comes back does not wait for ever", async () => {
  await using at = lab();
  const stuck = actor({ name: "stuck", init: () => new Promise<number>(() => {}), on: {} });
  const starting = at.sys.spawn(stuck, { id: "x", args: undefined, shutdownMs: 100 });
  const failed = assert.rejects(starting, StartError);
  await at.time.settle();
  const stopped = at.sys.stop();
  await at.time.advance(100);
  await Promise.all([stopped, failed]);
  assert.deepEqual([...at.sys.stats()], []);
});

Deno.test("System.stop() stops what is starting: a late init is given its hook", async () => {
  await using at = lab();
  const [diary, opened] = [new Array<string>(), gate()];
  const late = actor({
    name: "late",
    init: async () => {
      await opened.promise;
      diary.push("open");
      return {};
    },
    on: {},
    stop: () => void diary.push("closed"),
  });
  const failed = assert.rejects(at.sys.spawn(late, { id: "x", args: undefined, shutdownMs: 100 }), StartError);
  await at.time.settle();
  const stopped = at.sys.stop();
  at.time.clock.after(50, () => opened.resolve());
  await at.time.advance(100);
  await Promise.all([stopped, failed]);
  assert.deepEqual(diary, ["open", "closed"]);
});

Deno.test("System.spawn() and stop() take linear time over 5000 children", async () => {
  const perChildMs = async (count: number): Promise<number> => {
    await using at = lab();
    const fromMs = performance.now();
    for (let id = 0; id < count; id++) await at.sys.spawn(diarist, { id: `${id}`, args: { diary: [] } });
    await at.sys.stop();
    assert.equal(at.lines("stopped").length, count);
    return (performance.now() - fromMs) / count;
  };
  await perChildMs(500);
  const [small, large] = [await perChildMs(500), await perChildMs(5_000)];
  assert.ok(large < small * 5, `5000 children cost ${large} ms each, 500 cost ${small} ms each`);
});

interface NestArgs {
  readonly depth: number;
}
const nest = actor<NestArgs, NestArgs, Handlers<NestArgs>>({
  name: "nest",
  init: async (args, cx) => {
    if (args.depth > 0) await cx.spawn(nest, { id: "n", args: { depth: args.depth - 1 } });
    return args;
  },
  on: {},
});

Deno.test("System.stop() of a tree 1000 deep does not grow the stack", async () => {
  await using at = lab();
  await at.sys.spawn(nest, { id: "n", args: { depth: 1_000 } });
  await at.sys.stop();
  assert.equal(at.lines("stopped").length, 1_001);
});

Deno.test("Context.stop() of a temporary child leaves nothing of it behind", async () => {
  await using at = lab();
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary: [] }, restart: "temporary" });
  ref.tell("leave", { why: "normal" });
  await at.time.settle();
  assert.deepEqual([[...at.sys.stats()], at.lines("stopped")], [[], ["x normal"]]);
});

Deno.test("System[asyncDispose]() works off what was taken in, and takes in no more", async () => {
  const at = lab();
  const opened = gate();
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary: [] } });
  ref.tell("hold", opened.promise);
  for (let value = 1; value <= 3; value++) ref.tell("note", value);
  const notes = ref.ask("notes", { withinMs: 1_000 });
  const drained = at.sys[Symbol.asyncDispose]();
  await at.time.settle();
  assert.equal(ref.tell("note", 4), "refused");
  opened.resolve();
  await drained;
  assert.deepEqual([await notes, at.lines("deadLetter")], [[-1, 1, 2, 3], ["x note stopped 1"]]);
});

Deno.test("System[asyncDispose]() drains a later child into an earlier one", async () => {
  const at = lab();
  const received: number[] = [];
  const sink = actor({
    name: "sink",
    init: () => ({}),
    on: { take: (_state, value: number) => void received.push(value) },
  });
  await at.sys.spawn(sink, { id: "sink", args: undefined });
  const pump = actor({
    name: "pump",
    init: () => ({}),
    on: { pump: (_state, value: number, cx) => void cx.ref(sink, "sink").tell("take", value) },
  });
  const source = await at.sys.spawn(pump, { id: "source", args: undefined });
  for (let value = 0; value < 1_000; value++) source.tell("pump", value);
  await at.sys[Symbol.asyncDispose]();
  assert.deepEqual([received.length, at.lines("deadLetter")], [1_000, []]);
});

Deno.test("System.stopChild() of a child that is ending by itself ends it for good", async () => {
  await using at = lab();
  const [diary, words] = [new Array<string>(), gate()];
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary, lastWords: words.promise } });
  ref.tell("boom");
  await at.time.settle();
  const stopped = at.sys.stopChild("x");
  words.resolve();
  await stopped;
  await at.time.advance(10_000);
  assert.deepEqual([diary, [...at.sys.stats()], at.lines("failed", "restarted")], [
    ["init x", "stop x crash"],
    [],
    ["x crash"],
  ]);
});

Deno.test("System.stopChild() gives a held handler and the hook shutdownMs together, not each", async () => {
  for (const [eachMs, why] of [[49, "shutdown"], [60, "killed"]] as const) {
    await using at = lab();
    const [opened, words] = [gate(), gate()];
    const args = { diary: [], lastWords: words.promise };
    const ref = await at.sys.spawn(diarist, { id: "x", args, shutdownMs: 100 });
    ref.tell("hold", opened.promise);
    await at.time.settle();
    at.time.clock.after(eachMs, () => opened.resolve());
    at.time.clock.after(2 * eachMs, () => words.resolve());
    const stopped = at.sys.stopChild("x");
    await at.time.advance(200);
    await stopped;
    assert.deepEqual(at.lines("stopped"), [`x ${why}`]);
  }
});

Deno.test("Context.stop() in a handler that waits ends the actor when the handler is done", async () => {
  await using at = lab();
  const opened = gate();
  const leaver = actor({
    name: "leaver",
    init: () => ({}),
    on: {
      async leave(_state, _payload: void, cx) {
        cx.stop({ why: "shutdown" });
        await opened.promise;
      },
    },
  });
  const ref = await at.sys.spawn(leaver, { id: "x", args: undefined, restart: "transient" });
  const left = ref.ask("leave", { withinMs: 1_000 });
  await at.time.settle();
  assert.deepEqual(at.lines("stopped"), []);
  opened.resolve();
  await left;
  await at.time.settle();
  assert.deepEqual(at.lines("stopped"), ["x shutdown"]);
});

Deno.test("Ref.tell() and ask() find whoever lives at the path now", async () => {
  await using at = lab();
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary: [] } });
  const asker = at.sys.ref(diarist, "x");
  ref.tell("note", 1);
  assert.deepEqual(await asker.ask("notes", { withinMs: 10 }), [1]);
  await at.sys.stopChild("x");
  await at.sys.spawn(diarist, { id: "x", args: { diary: [] } });
  assert.deepEqual(await asker.ask("notes", { withinMs: 10 }), []);
  assert.equal(ref.tell("note", 2), "accepted");
  assert.deepEqual(await asker.ask("notes", { withinMs: 10 }), [2]);
});
