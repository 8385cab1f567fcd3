/** How often and how soon a child may be started again. */
import assert from "node:assert/strict";
import { child, supervisor } from "../../src/actor/mod.ts";
import { Backoff, RestartBudget } from "../../src/actor/restart_budget.ts";
import { seeded } from "../../src/actor/virtual.ts";
import { ABC, diarist, gate, lab } from "./lab.ts";

Deno.test("RestartBudget.tryRestart() grants max restarts in a period and refuses number max + 1", () => {
  for (const max of [0, 1, 3]) {
    const budget = new RestartBudget({ max, withinMs: 100 });
    const granted = Array.from({ length: max + 1 }, () => budget.tryRestart(0));
    assert.deepEqual(granted, [...new Array(max).fill(true), false]);
  }
});

Deno.test("RestartBudget.tryRestart() frees only the entries that have left the window", () => {
  const budget = new RestartBudget({ max: 2, withinMs: 100 });
  const granted = [0, 60, 99, 100, 159, 160, 160].map((atMs) => budget.tryRestart(atMs));
  assert.deepEqual(granted, [true, true, false, true, false, true, false]);
});

Deno.test("RestartBudget.tryRestart() without a limit records nothing", () => {
  const budget = new RestartBudget({ max: Infinity, withinMs: 100 });
  for (let count = 0; count < 1_000; count++) assert.ok(budget.tryRestart(0));
  assert.equal(budget.recorded, 0);
});

Deno.test("Backoff.nextMs() doubles from minMs up to maxMs", () => {
  const backoff = new Backoff({ minMs: 100, maxMs: 500, jitter: 0, resetAfterMs: 1_000 }, () => 0.5);
  assert.deepEqual([0, 0, 0, 0, 0].map((atMs) => backoff.nextMs(atMs)), [100, 200, 400, 500, 500]);
});

Deno.test("Backoff.nextMs() stays within its jitter", () => {
  const seed = 42;
  for (const jitter of [0, 0.25, 1]) {
    const backoff = new Backoff({ minMs: 100, maxMs: 100, jitter, resetAfterMs: Infinity }, seeded(seed));
    const delays = Array.from({ length: 1_000 }, () => backoff.nextMs(0));
    const [least, most] = [Math.min(...delays), Math.max(...delays)];
    assert.ok(least >= 100 * (1 - jitter) && most <= 100, `seed ${seed}, jitter ${jitter}: ${least} to ${most}`);
    assert.ok(most - least >= 95 * jitter, `seed ${seed}, jitter ${jitter}: ${least} to ${most}`);
  }
});

Deno.test("Backoff.nextMs() starts at minMs again after a quiet time, counted from the restart itself", () => {
  const backoff = new Backoff({ minMs: 100, maxMs: 1_600, jitter: 0, resetAfterMs: 1_000 }, () => 0);
  assert.deepEqual([0, 1_099, 2_298, 3_698].map((atMs) => backoff.nextMs(atMs)), [100, 200, 400, 100]);
});

Deno.test("intensity per supervisor: siblings share one budget", async () => {
  await using at = lab({ strategy: "one_for_one", intensity: { max: 2, withinMs: 1_000 } });
  for (const id of ABC) await at.sys.spawn(diarist, { id, args: { diary: [] } });
  for (const id of ABC) at.sys.ref(diarist, id).tell("boom");
  await at.time.settle();
  assert.equal((await at.sys.done).why, "gaveUp");
});

Deno.test("intensity per child: each sibling has its own budget", async () => {
  await using at = lab({ strategy: "one_for_one", intensity: { max: 1, withinMs: 1_000, per: "child" } });
  for (const id of ABC) await at.sys.spawn(diarist, { id, args: { diary: [] } });
  for (const id of ABC) at.sys.ref(diarist, id).tell("boom");
  await at.time.settle();
  assert.deepEqual(at.lines("restarted", "gaveUp"), ["a 1", "b 1", "c 1"]);
});

Deno.test("intensity: two supervisors with one plan keep separate budgets", async () => {
  await using at = lab();
  const plan = { strategy: "one_for_one", intensity: { max: 1, withinMs: 1_000 } } as const;
  for (const id of ["s", "t"]) {
    await at.sys.start(supervisor({ id, plan, children: [child(diarist, { id: "a", args: { diary: [] } })] }));
    at.sys.ref(diarist, `${id}/a`).tell("boom");
  }
  await at.time.settle();
  assert.deepEqual(at.lines("restarted", "gaveUp"), ["s/a 1", "t/a 1"]);
});

const SLOW = {
  strategy: "one_for_one",
  intensity: { max: 10, withinMs: 10_000 },
  backoff: { minMs: 100, maxMs: 100, jitter: 0 },
} as const;

Deno.test("backoff: messages are kept up to capacity, the rest are dead letters called full", async () => {
  await using at = lab(SLOW);
  const mailbox = { capacity: 2, whenFull: "refuse" } as const;
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary: [] }, mailbox });
  ref.tell("boom");
  await at.time.advance(50);
  assert.deepEqual([1, 2, 3].map((value) => ref.tell("note", value)), ["accepted", "accepted", "refused"]);
  await at.time.advance(100);
  assert.deepEqual([await ref.ask("notes", { withinMs: 10 }), at.lines("deadLetter")], [[1, 2], ["x note full 1"]]);
});

Deno.test("backoff: a stop meanwhile cancels the restart", async () => {
  for (const stop of ["stop", "stopChild"] as const) {
    await using at = lab(SLOW);
    const diary: string[] = [];
    const ref = await at.sys.spawn(diarist, { id: "x", args: { diary } });
    ref.tell("boom");
    await at.time.advance(50);
    await at.sys[stop]("x");
    await at.time.advance(1_000);
    assert.deepEqual([diary, at.lines("stopped")], [["init x", "stop x crash"], ["x shutdown"]]);
  }
});

Deno.test("backoff: a stop that has to wait for a later sibling starts nothing meanwhile", async () => {
  await using at = lab(SLOW);
  const [diary, words] = [new Array<string>(), gate()];
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary } });
  await at.sys.spawn(diarist, { id: "y", args: { diary: [], lastWords: words.promise } });
  ref.tell("boom");
  await at.time.advance(50);
  const stopped = at.sys.stop();
  await at.time.advance(1_000);
  words.resolve();
  await stopped;
  assert.deepEqual(diary, ["init x", "stop x crash"]);
});

Deno.test("restart: a stop hook that throws becomes a fact and stops nothing", async () => {
  await using at = lab();
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary: [], stopThrows: true } });
  ref.tell("boom");
  await at.time.settle();
  assert.deepEqual(at.lines("stopFailed", "restarted"), ["x Cannot stop x: told to fail", "x 1"]);
});

Deno.test("restart: every failure is a fact with its stack, its delay and its number", async () => {
  await using at = lab(SLOW);
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary: [] } });
  for (let crash = 1; crash <= 3; crash++) {
    ref.tell("boom");
    await at.time.advance(1_000);
  }
  assert.deepEqual(at.lines("backoff", "restarted"), ["x 100", "x 1", "x 100", "x 2", "x 100", "x 3"]);
  for (const fact of at.facts) {
    if (fact.type === "failed") assert.match(JSON.stringify(fact.exit), /boom.*stack.*lab\.ts/);
  }
  assert.equal(at.lines("failed").length, 3);
});
