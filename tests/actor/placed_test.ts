/** Laws that hold for an actor wherever it is placed: each runs once on this thread and once in a worker. */
import assert from "node:assert/strict";
import type { Ref, RefOf, SpawnOptions } from "../../src/actor/mod.ts";
import { systemClock } from "../../src/clock.ts";
import { keeper, keeper2 } from "./served.ts";
import { type ThreadLab, threadLab } from "./thread_lab.ts";

type Options = Partial<SpawnOptions<{ readonly fails?: boolean; readonly leaves?: boolean }>>;
interface Stage {
  readonly at: ThreadLab;
  spawn(id: string, options?: Options): Promise<RefOf<typeof keeper>>;
}

const SOON = { withinMs: 10_000 };

function law(name: string, run: (stage: Stage) => Promise<void>): void {
  for (const where of ["on this thread", "in a worker"] as const) {
    Deno.test(`${name} (${where})`, async () => {
      await using at = threadLab();
      const place = where === "in a worker" ? { place: await at.place() } : {};
      await run({ at, spawn: (id, options) => at.sys.spawn(keeper, { id, args: {}, ...place, ...options }) });
    });
  }
}

law("tell() arrives in order, ask() answers after it", async ({ spawn }) => {
  const ref = await spawn("x");
  for (let value = 0; value < 1_000; value++) assert.equal(ref.tell("keep", value), "accepted");
  assert.deepEqual(await ref.ask("kept", SOON), Array.from({ length: 1_000 }, (_, value) => value));
});

law("a crash loses the crash message and the state, not the mail", async ({ at, spawn }) => {
  const ref = await spawn("x");
  ref.tell("keep", 1);
  ref.tell("boom");
  ref.tell("keep", 2);
  assert.deepEqual(await ref.ask("kept", SOON), [2]);
  const { exit } = await at.seen("failed", "x");
  assert.ok(exit.why === "crash");
  assert.deepEqual([exit.failure.message, exit.failure.cause?.message], ["Cannot go on: boom", "Cannot say: why"]);
  assert.match(exit.failure.stack ?? "", /served\.ts/);
});

law("a question that crashes its actor fails with the failure", async ({ spawn }) => {
  const ref = await spawn("x");
  const error = await ref.ask("boom", SOON).then(() => undefined, (thrown) => thrown);
  assert.deepEqual([error.name, error.reason, error.failure.name], ["AskError", "failed", "RangeError"]);
});

law("a question without an answer times out, one to a stopped actor is down", async ({ at, spawn }) => {
  const ref = await spawn("x");
  await assert.rejects(ref.ask("never", { withinMs: 1 }), { reason: "timeout" });
  const never = assert.rejects(ref.ask("never", SOON), { reason: "down" });
  await ref.ask("kept", SOON);
  await at.sys.stopChild("x");
  await never;
  await assert.rejects(ref.ask("kept", SOON), { reason: "down" });
  assert.equal(ref.tell("keep", 1), "refused");
});

law("a deferred reply arrives, and timers tick", async ({ spawn }) => {
  const ref = await spawn("x");
  ref.tell("keep", 1);
  assert.equal(await ref.ask("later", 41, SOON), 42);
  ref.tell("every", 1);
  while (await ref.ask("ticks", SOON) < 3);
});

law("an init that throws fails the spawn and leaves nothing", async ({ at, spawn }) => {
  await assert.rejects(spawn("x", { args: { fails: true } }), { name: "StartError", message: /told to fail/ });
  assert.equal([...at.sys.stats()].some(({ path }) => path === "x"), false);
  const ref = await spawn("x");
  assert.deepEqual(await ref.ask("kept", SOON), []);
});

law("an actor that stops in its init has started, and ends", async ({ at, spawn }) => {
  await spawn("x", { args: { leaves: true }, restart: "transient" });
  const { exit } = await at.seen("stopped", "x");
  assert.equal(exit.why, "normal");
  assert.deepEqual(at.facts.map(({ type }) => type).filter((type) => type !== "started"), ["stopped"]);
});

law("a mailbox at its bound refuses, and takes again when there is room", async ({ at, spawn }) => {
  const ref = await spawn("x", { mailbox: { capacity: 4, whenFull: "refuse" } });
  const deliveries = [1, 2, 3, 4, 5].map((value) => ref.tell("keep", value));
  assert.deepEqual(deliveries, ["accepted", "accepted", "accepted", "accepted", "refused"]);
  assert.deepEqual(await at.seen("deadLetter", "x"), {
    type: "deadLetter",
    to: "x",
    kind: "keep",
    reason: "full",
    count: 1,
  });
  while (await kept(ref) < 4);
  for (let round = 0; round < 50; round++) {
    while (ref.tell("keep", 9) !== "accepted") await kept(ref);
  }
  while (await kept(ref) < 54);
});

law("a stop by itself is told to watchers once, with its reason", async ({ at, spawn }) => {
  const [watcher, watched] = [await spawn("w1"), await spawn("x", { restart: "transient" })];
  watcher.tell("watch", "x");
  await watcher.ask("kept", SOON);
  watched.tell("leave");
  await at.seen("stopped", "x");
  while ((await watcher.ask("downs", SOON)).length === 0);
  assert.deepEqual(await watcher.ask("downs", SOON), ["x normal"]);
});

law("an actor's own children live beside it, are reached by path, and stop with it", async ({ at, spawn }) => {
  const ref = await spawn("x");
  assert.equal(await ref.ask("adopt", "kid", SOON), "x/kid");
  const kid = at.sys.ref(keeper2, "x/kid");
  assert.equal(kid.tell("keep", 7), "accepted");
  assert.deepEqual(await kid.ask("kept", SOON), [7]);
  kid.tell("boom");
  await at.seen("restarted", "x/kid");
  const node = (await at.sys.tree({ withinMs: 10_000 })).find(({ path }) => path === "x");
  assert.deepEqual(node?.children.map(({ path, restarts, handled }) => [path, restarts, handled]), [["x/kid", 1, 3]]);
  await at.sys.stopChild("x");
  await at.seen("stopped", "x/kid");
  await assert.rejects(kid.ask("kept", SOON), { reason: "down" });
});

law("an actor reaches others by path, wherever they are", async ({ at, spawn }) => {
  const here = await at.sys.spawn(keeper2, { id: "here", args: {} });
  const ref = await spawn("x");
  ref.tell("pass", { to: "here", value: 5 });
  assert.deepEqual(await ref.ask("passAsk", "here", SOON), [5]);
  assert.deepEqual(await here.ask("kept", SOON), [5]);
  await assert.rejects(ref.ask("passAsk", "nowhere", SOON), { reason: "failed" });
  ref.tell("watch", "here");
  await ref.ask("kept", SOON);
  await at.sys.stopChild("here");
  while ((await ref.ask("downs", SOON)).length === 0);
  assert.deepEqual(await ref.ask("downs", SOON), ["here shutdown"]);
});

/** How many values the actor keeps; asked again when its mailbox had no room for the question. */
async function kept(ref: Ref<(typeof keeper)["on"]>): Promise<number> {
  for (;;) {
    const answer = await ref.ask("kept", SOON).catch((error) => error.reason);
    if (Array.isArray(answer)) return answer.length;
    assert.equal(answer, "refused");
    await new Promise<void>((resolve) => systemClock.yield(resolve));
  }
}
