/** How worker threads die, and what their parent makes of it. */
import assert from "node:assert/strict";
import { actor, child, supervisor, transfer, worker } from "../../src/actor/mod.ts";
import { keeper, keeper2, unserved } from "./served.ts";
import { PATIENT, threadLab } from "./thread_lab.ts";

const SOON = { withinMs: 20_000 };

const DEATHS = ["rejectUnseen", "spin", "closeSelf", "exitDeno"] as const;
for (const death of DEATHS) {
  Deno.test(`a worker that dies by ${death} is workerLost here; it and its actors start again, nobody else notices`, async () => {
    await using at = threadLab();
    const place = await at.place();
    const [ref, other] = [
      await at.sys.spawn(keeper, { id: "x", args: {}, place }),
      await at.sys.spawn(keeper, { id: "y", args: {} }),
    ];
    other.tell("keep", 1);
    const open = assert.rejects(ref.ask("never", SOON), { reason: "down" });
    ref.tell(death);
    const [lostWorker, lostActor] = [await at.seen("failed", "w"), await at.seen("failed", "x")];
    assert.deepEqual([lostWorker.exit.why, lostActor.exit.why], ["workerLost", "workerLost"]);
    await at.seen("restarted", "x");
    ref.tell("keep", 2);
    assert.deepEqual([await ref.ask("kept", SOON), await other.ask("kept", SOON)], [[2], [1]]);
    await open;
  });
}

Deno.test("a worker that reports its own death says why", async () => {
  await using at = threadLab();
  const place = await at.place();
  (await at.sys.spawn(keeper, { id: "x", args: {}, place })).tell("rejectUnseen");
  const { exit } = await at.seen("failed", "w");
  assert.ok("failure" in exit);
  assert.equal(exit.failure.message, "Cannot go on: unseen");
});

const BROKEN: readonly [string, string][] = [
  ["throws", "data:text/javascript,throw new RangeError('Cannot load: told to fail')"],
  ["imports what is not there", "data:text/javascript,import 'file:///nowhere/at/all.ts'"],
  ["is not there", "file:///nowhere/at/all.ts"],
  ["never serves", "data:text/javascript,void 0"],
];
for (const [how, url] of BROKEN) {
  Deno.test(`a worker whose module ${how} is a failed start`, async () => {
    await using at = threadLab();
    await assert.rejects(at.place({ url: new URL(url), startWithinMs: 2_000 }), { name: "StartError" });
    assert.deepEqual([...at.sys.stats()], []);
  });
}

Deno.test("a worker out of budget gives up, and its parent's other children are stopped in reverse", async () => {
  await using at = threadLab({ strategy: "one_for_one", intensity: { max: 0, withinMs: 1_000 } });
  const place = await at.place();
  const ref = await at.sys.spawn(keeper, { id: "x", args: {}, place, restart: "temporary" });
  ref.tell("closeSelf");
  assert.equal((await at.sys.done).why, "gaveUp");
  assert.deepEqual([...at.sys.stats()], []);
});

Deno.test("watchers on this thread learn of the loss of a worker for good", async () => {
  await using at = threadLab();
  const place = await at.place({ restart: "temporary" });
  const ref = await at.sys.spawn(keeper, { id: "x", args: {}, place, restart: "temporary" });
  await ref.ask("adopt", "kid", SOON);
  const watcher = await at.sys.spawn(keeper, { id: "y", args: {} });
  for (const path of ["w", "x", "x/kid"]) watcher.tell("watch", path);
  await watcher.ask("kept", SOON);
  ref.tell("closeSelf");
  await at.seen("stopped", "x");
  while ((await watcher.ask("downs", SOON)).length < 3);
  const downs = await watcher.ask("downs", SOON);
  assert.deepEqual(downs.toSorted(), ["w workerLost", "x workerLost", "x/kid workerLost"]);
});

Deno.test("what was under way to a lost worker is counted as dead letters", async () => {
  await using at = threadLab();
  const place = await at.place();
  const ref = await at.sys.spawn(keeper, { id: "x", args: {}, place });
  ref.tell("spin");
  for (let value = 0; value < 9; value++) ref.tell("keep", value);
  const { count, reason } = await at.seen("deadLetter", "x");
  assert.deepEqual([reason, count], ["workerLost", 10]);
});

Deno.test("a busy worker that comes back between beats is not lost", async () => {
  await using at = threadLab();
  const place = await at.place({ heartbeatMs: 50, missedBeats: 20 });
  const ref = await at.sys.spawn(keeper, { id: "x", args: {}, place });
  for (let time = 0; time < 100; time++) ref.tell("chew", 15);
  await ref.ask("kept", SOON);
  assert.deepEqual(at.facts.filter(({ type }) => type === "failed"), []);
});

Deno.test("transfer() detaches the buffer here and brings it back with the reply", async () => {
  await using at = threadLab();
  const place = await at.place();
  const ref = await at.sys.spawn(keeper, { id: "x", args: {}, place });
  const bytes = new Uint8Array([1, 2, 3]).buffer;
  const reply = ref.ask("bump", transfer(bytes, [bytes]), SOON);
  const back = await reply;
  assert.deepEqual([bytes.byteLength, [...new Uint8Array(back)]], [0, [2, 3, 4]]);
});

Deno.test("transfer() of a payload that stays on its thread leaves the buffer alone", async () => {
  await using at = threadLab();
  const ref = await at.sys.spawn(keeper, { id: "x", args: {} });
  const bytes = new Uint8Array([1, 2, 3]).buffer;
  const back = await ref.ask("bump", transfer(bytes, [bytes]), SOON);
  assert.equal(back, bytes);
  assert.equal(bytes.byteLength, 3);
});

Deno.test("transfer() of a buffer that is already gone harms that message and no other of its turn", async () => {
  await using at = threadLab();
  const place = await at.place();
  const ref = await at.sys.spawn(keeper, { id: "x", args: {}, place });
  const bytes = new ArrayBuffer(8);
  structuredClone(bytes, { transfer: [bytes] });
  ref.tell("keep", 1);
  const bad = assert.rejects(ref.ask("bump", transfer(bytes, [bytes]), SOON), { reason: "refused" });
  ref.tell("keep", 2);
  assert.deepEqual(await ref.ask("kept", SOON), [1, 2]);
  await bad;
});

Deno.test("a payload that cannot be cloned is a dead letter, a reply that cannot is a failed question", async () => {
  await using at = threadLab();
  const place = await at.place();
  const ref = await at.sys.spawn(keeper, { id: "x", args: {}, place });
  ref.tell("reply", () => {});
  const { reason } = await at.seen("deadLetter", "x");
  assert.equal(reason, "notCloneable");
  await assert.rejects(ref.ask("uncloneable", SOON), { reason: "failed" });
});

Deno.test("System.spawn() of a definition that the worker does not serve is a failed start that says so", async () => {
  await using at = threadLab();
  const place = await at.place();
  await assert.rejects(at.sys.spawn(unserved, { id: "x", args: undefined, place }), {
    message: /the worker serves no unserved, only keeper, keeper2/,
  });
});

Deno.test("System.spawn() with a place that is no worker is refused", async () => {
  await using at = threadLab();
  await at.sys.spawn(keeper, { id: "y", args: {} });
  for (const path of ["nowhere", "y"]) {
    await assert.rejects(at.sys.spawn(keeper, { id: "x", args: {}, place: { path } }), TypeError);
  }
});

Deno.test("System.stop() stops actors before the worker they are in: their hooks run, no one is lost", async () => {
  await using at = threadLab();
  const place = await at.place();
  await at.sys.start(supervisor({
    id: "s",
    plan: PATIENT,
    children: ["a", "b"].map((id) => child(keeper, { id, args: {}, place })),
  }));
  await at.sys.stop();
  const stopped = at.facts.filter((fact) => fact.type === "stopped").map(({ path, exit }) => `${path} ${exit.why}`);
  assert.deepEqual(stopped, ["s/b shutdown", "s/a shutdown", "s shutdown", "w shutdown"]);
});

Deno.test("nothing is posted to a worker after its end, and refs to its actors say refused", async () => {
  await using at = threadLab();
  const place = await at.place();
  const ref = await at.sys.spawn(keeper, { id: "x", args: {}, place });
  await at.sys.stopChild("w");
  assert.equal(ref.tell("keep", 1), "refused");
  await assert.rejects(ref.ask("kept", SOON), { reason: "down" });
});

Deno.test("a worker's actor is watched and reached by an actor of another worker", async () => {
  await using at = threadLab();
  const places = [await at.place(), await at.place({ id: "v" })] as const;
  const left = await at.sys.spawn(keeper, { id: "left", args: {}, place: places[0] });
  await at.sys.spawn(keeper2, { id: "right", args: {}, place: places[1] });
  left.tell("pass", { to: "right", value: 3 });
  assert.deepEqual(await left.ask("passAsk", "right", SOON), [3]);
  left.tell("watch", "right");
  await left.ask("kept", SOON);
  await at.sys.stopChild("right");
  while ((await left.ask("downs", SOON)).length === 0);
  assert.deepEqual(await left.ask("downs", SOON), ["right shutdown"]);
});

Deno.test("an actor of this thread spawns in a worker and supervises what it spawned", async () => {
  await using at = threadLab();
  const place = await at.place();
  const parent = actor({
    name: "parent",
    children: PATIENT,
    init: async (_args: void, cx) => {
      await cx.spawn(keeper, { id: "kid", args: {}, place });
      return {};
    },
    on: {},
  });
  await at.sys.spawn(parent, { id: "p", args: undefined });
  const kid = at.sys.ref(keeper, "p/kid");
  kid.tell("boom");
  kid.tell("keep", 1);
  assert.deepEqual(await kid.ask("kept", SOON), [1]);
  await at.seen("restarted", "p/kid");
});

Deno.test("an actor finds its place again after the worker's supervisor has started a new one", async () => {
  await using at = threadLab();
  const url = new URL("./served.ts", import.meta.url);
  const plan = { strategy: "one_for_one", intensity: { max: 0, withinMs: 1_000 } } as const;
  const pool = supervisor({
    id: "pool",
    plan,
    children: [worker({ id: "w", url, heartbeatMs: 50, missedBeats: 12, startWithinMs: 120_000 })],
  });
  await at.sys.start(pool);
  await at.sys.start(supervisor({
    id: "s",
    plan: { ...PATIENT, backoff: { minMs: 5, maxMs: 20 }, intensity: { max: 1_000, withinMs: 60_000 } },
    children: [child(keeper, { id: "x", args: {}, place: { path: "pool/w" } })],
  }));
  at.sys.ref(keeper, "s/x").tell("closeSelf");
  await at.seen("gaveUp", "pool/w");
  await at.seen("restarted", "s/x");
  assert.deepEqual(await at.sys.ref(keeper, "s/x").ask("kept", SOON), []);
});
