/** Who shares the fate of a failed child. */
import assert from "node:assert/strict";
import { actor, child, type Plan, supervisor } from "../../src/actor/mod.ts";
import { ABC, diarist, gate, type Lab, lab } from "./lab.ts";

interface Family {
  readonly at: Lab;
  readonly diary: string[];
  /** Failures of `init` still to come, by child. */
  readonly failures: Record<(typeof ABC)[number], { left: number }>;
}

/** Three diarists under a supervisor; the diary begins after their start. */
async function family(plan: Plan): Promise<Family> {
  const at = lab();
  const diary: string[] = [];
  const failures = { a: { left: 0 }, b: { left: 0 }, c: { left: 0 } };
  const children = ABC.map((id) => child(diarist, { id, args: { diary, failures: failures[id] } }));
  await at.sys.start(supervisor({ id: "s", plan, children }));
  diary.length = 0;
  return { at, diary, failures };
}

const LAWS: readonly [Plan["strategy"], string, readonly string[]][] = [
  ["one_for_one", "touches only the failed child", ["stop b crash", "init b"]],
  [
    "one_for_all",
    "restarts all in order",
    ["stop b crash", "stop c shutdown", "stop a shutdown", "init a", "init b", "init c"],
  ],
  ["rest_for_one", "restarts the failed and the later ones", ["stop b crash", "stop c shutdown", "init b", "init c"]],
];

for (const [strategy, law, expected] of LAWS) {
  Deno.test(`${strategy} ${law}`, async () => {
    const { at, diary } = await family({ strategy });
    at.sys.ref(diarist, "s/b").tell("boom");
    await at.time.settle();
    assert.deepEqual(diary, expected);
    await at[Symbol.asyncDispose]();
  });

  Deno.test(`${strategy} out of budget stops everything in reverse and tells the parent, which starts anew`, async () => {
    const { at, diary } = await family({ strategy, intensity: { max: 0, withinMs: 1_000 } });
    at.sys.ref(diarist, "s/b").tell("boom");
    await at.time.settle();
    const others = strategy === "one_for_one"
      ? ["stop c shutdown", "stop a shutdown"]
      : ["stop c shutdown", "stop a shutdown"];
    assert.deepEqual(diary, ["stop b crash", ...others, "init a", "init b", "init c"]);
    assert.deepEqual(at.lines("gaveUp", "failed"), ["s/b crash", "s/b Cannot go on: boom", "s gaveUp"]);
    await at[Symbol.asyncDispose]();
  });
}

Deno.test("one_for_all whose sibling fails its init during the restart begins again with all", async () => {
  const { at, diary, failures } = await family({ strategy: "one_for_all" });
  failures.b.left = 1;
  at.sys.ref(diarist, "s/c").tell("boom");
  await at.time.settle();
  assert.deepEqual(diary, [
    "stop c crash",
    "stop b shutdown",
    "stop a shutdown",
    "init a",
    "fail b",
    "stop a shutdown",
    "init a",
    "init b",
    "init c",
  ]);
  await at[Symbol.asyncDispose]();
});

Deno.test("rest_for_one whose sibling fails its init during the restart goes on from that sibling", async () => {
  const { at, diary, failures } = await family({ strategy: "rest_for_one" });
  failures.b.left = 1;
  at.sys.ref(diarist, "s/a").tell("boom");
  await at.time.settle();
  assert.deepEqual(diary, [
    "stop a crash",
    "stop c shutdown",
    "stop b shutdown",
    "init a",
    "fail b",
    "init b",
    "init c",
  ]);
  await at[Symbol.asyncDispose]();
});

for (const strategy of ["one_for_one", "one_for_all", "rest_for_one"] as const) {
  Deno.test(`${strategy} whose child keeps failing its init still answers stats() and stop()`, async () => {
    const { at, failures } = await family({
      strategy,
      intensity: { max: Infinity, withinMs: 1 },
      backoff: { minMs: 100, maxMs: 100, jitter: 0 },
    });
    failures.a.left = Infinity;
    at.sys.ref(diarist, "s/a").tell("boom");
    await at.time.advance(10_000);
    assert.deepEqual([...at.sys.stats()].map(({ path }) => path), ["s", "s/a", "s/b", "s/c"]);
    assert.ok(at.lines("failed").length > 90, `only ${at.lines("failed").length} attempts`);
    await at.sys.stop();
    assert.deepEqual([...at.sys.stats()], []);
    await at[Symbol.asyncDispose]();
  });
}

Deno.test("rest_for_one in which an earlier child fails during a restart takes the restart over", async () => {
  const { at, diary } = await family({ strategy: "rest_for_one", backoff: { minMs: 100, maxMs: 100, jitter: 0 } });
  at.sys.ref(diarist, "s/c").tell("boom");
  await at.time.advance(50);
  at.sys.ref(diarist, "s/b").tell("boom");
  await at.time.advance(1_000);
  assert.deepEqual(diary, ["stop c crash", "stop b crash", "init b", "init c"]);
  await at[Symbol.asyncDispose]();
});

Deno.test("a supervisor's end stops its children before it starts them again", async () => {
  await using at = lab();
  const diary: string[] = [];
  const parent = actor({
    name: "parent",
    init: async (_args: void, cx) => {
      await cx.spawn(diarist, { id: "kid", args: { diary } });
      diary.push("init parent");
      return {};
    },
    on: {
      boom() {
        throw new RangeError("Cannot go on: boom");
      },
    },
    stop: () => void diary.push("stop parent"),
  });
  const ref = await at.sys.spawn(parent, { id: "p", args: undefined });
  ref.tell("boom");
  await at.time.settle();
  const born = ["init kid", "init parent"];
  assert.deepEqual(diary, [...born, "stop kid shutdown", "stop parent", ...born]);
});

Deno.test("an actor with intensity 0 takes any child's crash as its own", async () => {
  await using at = lab();
  const diary: string[] = [];
  const parent = actor({
    name: "parent",
    children: { strategy: "one_for_one", intensity: { max: 0, withinMs: 1 } },
    init: async (_args: void, cx) => {
      await cx.spawn(diarist, { id: "kid", args: { diary } });
      return {};
    },
    on: {},
    stop: (_state, exit) => void diary.push(`stop parent ${exit.why}`),
  });
  await at.sys.spawn(parent, { id: "p", args: undefined });
  at.sys.ref(diarist, "p/kid").tell("boom");
  await at.time.settle();
  assert.deepEqual(diary, ["init kid", "stop kid crash", "stop parent gaveUp", "init kid"]);
});

Deno.test("a nested supervisor restarts its own subtree and nothing else", async () => {
  await using at = lab();
  const diary: string[] = [];
  const plan = { strategy: "one_for_all" } as const;
  const kid = (id: string) => child(diarist, { id, args: { diary } });
  const inner = supervisor({ id: "inner", plan, children: [kid("a"), kid("b")] });
  await at.sys.start(supervisor({ id: "outer", plan, children: [kid("x"), inner] }));
  diary.length = 0;
  at.sys.ref(diarist, "outer/inner/a").tell("boom");
  await at.time.settle();
  assert.deepEqual(diary, ["stop a crash", "stop b shutdown", "init a", "init b"]);
});

Deno.test("siblings are suspended while their group restarts, and keep their mail", async () => {
  const { at, diary, failures } = await family({
    strategy: "one_for_all",
    backoff: { minMs: 100, maxMs: 100, jitter: 0 },
  });
  failures.a.left = 1;
  at.sys.ref(diarist, "s/a").tell("boom");
  await at.time.advance(50);
  const b = at.sys.ref(diarist, "s/b");
  b.tell("note", 7);
  const notes = b.ask("notes", { withinMs: 10_000 });
  await at.time.advance(100);
  assert.deepEqual(diary.filter((line) => line === "init b"), []);
  await at.time.advance(1_000);
  assert.deepEqual(await notes, [7]);
  await at[Symbol.asyncDispose]();
});

Deno.test("the root out of budget stops everything and settles done with gaveUp", async () => {
  await using at = lab({ strategy: "one_for_one", intensity: { max: 1, withinMs: 1_000 } });
  const diary: string[] = [];
  for (const id of ABC) await at.sys.spawn(diarist, { id, args: { diary } });
  for (let crash = 0; crash < 2; crash++) {
    at.sys.ref(diarist, "b").tell("boom", `number ${crash}`);
    await at.time.settle();
  }
  const exit = await at.sys.done;
  assert.deepEqual([exit.why, "failure" in exit && exit.failure.message], ["gaveUp", "Cannot go on: number 1"]);
  assert.deepEqual([...at.sys.stats()], []);
});

Deno.test("a stop during a group restart ends it", async () => {
  const { at, diary } = await family({ strategy: "one_for_all" });
  const words = gate();
  await at.sys.spawn(diarist, { id: "last", args: { diary, lastWords: words.promise } });
  at.sys.ref(diarist, "s/a").tell("boom");
  const stopped = at.sys.stop();
  words.resolve();
  await stopped;
  assert.deepEqual([...at.sys.stats()], []);
  await at[Symbol.asyncDispose]();
});
