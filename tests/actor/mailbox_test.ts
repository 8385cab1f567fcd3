/** What queues, in which order, and what happens at the bound. */
import assert from "node:assert/strict";
import { actor, type MailboxOptions, seeded, system, virtual } from "../../src/actor/mod.ts";
import { Mailbox } from "../../src/actor/mailbox.ts";
import { diarist, gate, lab } from "./lab.ts";

Deno.test("Mailbox.next() takes system messages before ticks before user messages, each lane in order", () => {
  const mailbox = new Mailbox({ capacity: 8, whenFull: "refuse" }, () => {});
  mailbox.push("user 1", 1, undefined);
  mailbox.pushTick("tick 1", 1);
  mailbox.pushTick("tick 2", 1);
  mailbox.pushSystem({ kind: "system 1", payload: 1, wanted: () => true });
  mailbox.pushSystem({ kind: "unwanted", payload: 1, wanted: () => false });
  mailbox.pushSystem({ kind: "system 2", payload: 1, wanted: () => true });
  mailbox.push("user 2", 1, undefined);
  mailbox.pushTick("tick 1", 2);
  const taken: string[] = [];
  while (mailbox.next()) taken.push(`${mailbox.kind}: ${mailbox.payload}`);
  assert.deepEqual(taken, [
    "system 1: 1",
    "system 2: 1",
    "tick 1: 2",
    "tick 2: 1",
    "user 1: 1",
    "user 2: 1",
  ]);
});

const POLICIES: readonly [MailboxOptions["whenFull"], readonly number[], string][] = [
  ["refuse", [1, 2, 3], "refused"],
  ["dropOldest", [2, 3, 4], "displaced"],
  ["dropNewest", [1, 2, 4], "displaced"],
];
for (const [whenFull, kept, delivery] of POLICIES) {
  Deno.test(`tell() into a full mailbox with ${whenFull} returns ${delivery} and keeps ${kept}`, async () => {
    await using at = lab();
    const mailbox = { capacity: 3, whenFull };
    const [ref, opened] = [await at.sys.spawn(diarist, { id: "x", args: { diary: [] }, mailbox }), gate()];
    ref.tell("hold", opened.promise);
    await at.time.settle();
    const deliveries = [1, 2, 3, 4].map((value) => ref.tell("note", value));
    opened.resolve();
    assert.deepEqual(deliveries, ["accepted", "accepted", "accepted", delivery]);
    await at.time.settle();
    assert.deepEqual(await ref.ask("notes", { withinMs: 10 }), [-1, ...kept]);
    assert.deepEqual(at.lines("deadLetter"), [`x note ${delivery === "refused" ? "full" : "displaced"} 1`]);
  });
}

for (const whenFull of ["refuse", "dropOldest", "dropNewest"] as const) {
  Deno.test(`Mailbox with ${whenFull}: queued, refused, displaced and taken add up, whatever is pushed and taken`, () => {
    const seed = 5;
    const random = seeded(seed);
    let [pushed, refused, displaced, taken] = [0, 0, 0, 0];
    const mailbox = new Mailbox({ capacity: 13, whenFull }, () => displaced++);
    const push = (): void => {
      pushed++;
      if (mailbox.push("x", pushed, undefined) === "refused") refused++;
    };
    for (let step = 0; step < 10_000; step++) {
      if (random() < 0.6) push();
      else if (mailbox.next()) taken++;
      assert.ok(mailbox.size <= 13, `seed ${seed}: ${mailbox.size} queued`);
    }
    assert.equal(pushed, refused + displaced + taken + mailbox.size, `seed ${seed}`);
  });
}

Deno.test("tell() from one sender arrives in order, also through 20000 queued behind a handler", async () => {
  await using at = lab();
  const mailbox = { capacity: 20_000, whenFull: "refuse" } as const;
  const [ref, opened] = [await at.sys.spawn(diarist, { id: "x", args: { diary: [] }, mailbox }), gate()];
  ref.tell("hold", opened.promise);
  await at.time.settle();
  for (let value = 0; value < 20_000; value++) ref.tell("note", value);
  assert.equal(ref.tell("note", -2), "refused");
  opened.resolve();
  await at.time.settle();
  const notes = await ref.ask("notes", { withinMs: 10 });
  assert.deepEqual(notes, [-1, ...Array.from({ length: 20_000 }, (_, value) => value)]);
});

Deno.test("tell() to a stopped actor is refused, becomes a dead letter, and throws nothing", async () => {
  await using at = lab();
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary: [] } });
  await at.sys.stopChild("x");
  assert.equal(ref.tell("note", 1), "refused");
  assert.deepEqual([at.lines("deadLetter"), at.sys.deadLetterCount()], [["x note nobody 1"], 1]);
});

Deno.test("tell() of a kind that the actor does not know is a dead letter, not a crash", async () => {
  await using at = lab();
  const other = actor({ name: "other", init: () => ({}), on: { toString: () => 1, unknown: () => 2 } });
  await at.sys.spawn(diarist, { id: "x", args: { diary: [] } });
  at.sys.ref(other, "x").tell("unknown");
  at.sys.ref(other, "x").tell("toString");
  await assert.rejects(at.sys.ref(other, "x").ask("unknown", { withinMs: 10 }), { reason: "refused" });
  assert.deepEqual(at.lines("deadLetter", "failed"), [
    "x unknown unknownKind 1",
    "x toString unknownKind 1",
    "x unknown unknownKind 1",
  ]);
});

Deno.test("Context.stop() comes before the messages that are queued", async () => {
  await using at = lab();
  const diary: string[] = [];
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary }, restart: "temporary" });
  ref.tell("leave", { why: "normal" });
  ref.tell("after", 1);
  await at.time.settle();
  assert.deepEqual([diary, at.lines("deadLetter")], [["init x", "stop x normal"], ["x after stopped 1"]]);
});

Deno.test("a handler that waits holds its actor's turn and nobody else's", async () => {
  await using at = lab();
  const opened = gate();
  const [slow, other] = [
    await at.sys.spawn(diarist, { id: "slow", args: { diary: [] } }),
    await at.sys.spawn(diarist, { id: "other", args: { diary: [] } }),
  ];
  slow.tell("hold", opened.promise);
  slow.tell("note", 1);
  other.tell("note", 2);
  assert.deepEqual(await other.ask("notes", { withinMs: 10 }), [2]);
  const notes = slow.ask("notes", { withinMs: 10 });
  opened.resolve();
  assert.deepEqual(await notes, [-1, 1]);
});

Deno.test("a stopping actor with queued mail runs no turn", async () => {
  await using at = lab();
  const words = gate();
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary: [], lastWords: words.promise } });
  const stopped = at.sys.stopChild("x");
  for (let value = 0; value < 100; value++) ref.tell("note", value);
  await at.time.advance(1_000);
  const [{ handled, queued } = { handled: -1, queued: -1 }] = at.sys.stats();
  assert.deepEqual([handled, queued], [0, 100]);
  words.resolve();
  await stopped;
  assert.equal(at.sys.deadLetterCount(), 100);
});

Deno.test("two actors that volley for ever starve neither a timer nor the event loop", async () => {
  const volley = actor({
    name: "volley",
    init: () => ({ count: 0 }),
    on: {
      hit(state, to: string, cx) {
        state.count++;
        if (!over) cx.ref(volleyRef, to).tell("hit", cx.path);
      },
      count: (state) => state.count,
    },
  });
  const volleyRef = actor({ name: "volley", init: () => ({}), on: { hit(_state, _to: string) {} } });
  let over = false;
  const { systemClock, systemRandom } = await import("../../src/clock.ts");
  await using sys = system({ clock: systemClock, random: systemRandom });
  const left = await sys.spawn(volley, { id: "left", args: undefined });
  await sys.spawn(volley, { id: "right", args: undefined });
  left.tell("hit", "right");
  const fired = gate();
  systemClock.after(5, () => fired.resolve());
  await fired.promise;
  over = true;
  assert.ok(await left.ask("count", { withinMs: 1_000 }) > 100);
});

Deno.test("asynchronous handlers that volley for ever starve no timer either", async () => {
  let over = false;
  const volley = actor({
    name: "volley",
    init: () => ({}),
    on: {
      async hit(_state, _payload: void, cx) {
        await null;
        if (!over) cx.self.tell("hit");
      },
    },
  });
  const { systemClock, systemRandom } = await import("../../src/clock.ts");
  await using sys = system({ clock: systemClock, random: systemRandom });
  (await sys.spawn(volley, { id: "x", args: undefined })).tell("hit");
  const fired = gate();
  systemClock.after(5, () => fired.resolve());
  await fired.promise;
  over = true;
});

Deno.test("system({ pick }) makes a run that its seed repeats, and another seed does not", async () => {
  const run = async (seed: number): Promise<string> => {
    const time = virtual({ seed });
    const sys = system({ ...time, pick: (runnable) => Math.floor(time.random() * runnable) });
    const order: string[] = [];
    const noter = actor({
      name: "noter",
      init: () => ({}),
      on: { go: (_state, _: void, cx) => void order.push(cx.path) },
    });
    for (let id = 0; id < 10; id++) (await sys.spawn(noter, { id: `${id}`, args: undefined })).tell("go");
    await time.settle();
    for (let id = 0; id < 10; id++) sys.ref(noter, `${id}`).tell("go");
    await time.settle();
    await sys.stop();
    return order.join();
  };
  assert.equal(await run(7), await run(7));
  assert.notEqual(await run(7), await run(8));
});
