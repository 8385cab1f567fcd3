/** How one actor learns of the end of another. */
import assert from "node:assert/strict";
import { diarist, gate, type Lab, lab } from "./lab.ts";

interface Watching {
  readonly at: Lab;
  readonly diary: string[];
}

/** A watcher `w`, and its diary. */
async function watching(): Promise<Watching> {
  const at = lab();
  const diary: string[] = [];
  const mailbox = { capacity: 4, whenFull: "dropOldest" } as const;
  await at.sys.spawn(diarist, { id: "w", args: { diary }, mailbox });
  await at.sys.spawn(diarist, { id: "x", args: { diary: [] } });
  diary.length = 0;
  return { at, diary };
}

Deno.test("Context.watch() delivers one Down when the target has ended", async () => {
  const { at, diary } = await watching();
  at.sys.ref(diarist, "w").tell("watch", "x");
  await at.time.settle();
  await at.sys.stopChild("x");
  await at.time.settle();
  assert.deepEqual(diary, ["down x shutdown"]);
  await at[Symbol.asyncDispose]();
});

Deno.test("Context.watch() of a path where nobody is delivers Down at once", async () => {
  const { at, diary } = await watching();
  await at.sys.stopChild("x");
  at.sys.ref(diarist, "w").tell("watch", "x");
  await at.time.settle();
  assert.deepEqual(diary, ["down x crash"]);
  await at[Symbol.asyncDispose]();
});

Deno.test("Context.watch() says nothing of a restart", async () => {
  const { at, diary } = await watching();
  at.sys.ref(diarist, "w").tell("watch", "x");
  await at.time.settle();
  at.sys.ref(diarist, "x").tell("boom");
  await at.time.settle();
  assert.deepEqual([diary, at.lines("restarted")], [[], ["x 1"]]);
  await at[Symbol.asyncDispose]();
});

Deno.test("Context.unwatch() takes back a Down that is queued", async () => {
  for (const path of ["x", "somebody else"]) {
    const { at, diary } = await watching();
    const [ref, opened] = [at.sys.ref(diarist, "w"), gate()];
    ref.tell("watch", "x");
    ref.tell("holdThenUnwatch", { until: opened.promise, path });
    await at.time.settle();
    await at.sys.stopChild("x");
    opened.resolve();
    await at.time.settle();
    assert.deepEqual(diary, path === "x" ? [] : ["down x shutdown"]);
    await at[Symbol.asyncDispose]();
  }
});

Deno.test("Context.unwatch() ends a watch whose target lives", async () => {
  const { at, diary } = await watching();
  at.sys.ref(diarist, "w").tell("watch", "x");
  at.sys.ref(diarist, "w").tell("unwatch", "x");
  await at.time.settle();
  await at.sys.stopChild("x");
  await at.time.settle();
  assert.deepEqual(diary, []);
  await at[Symbol.asyncDispose]();
});

Deno.test("Context.watch() twice is one watch", async () => {
  const { at, diary } = await watching();
  for (let time = 0; time < 3; time++) at.sys.ref(diarist, "w").tell("watch", "x");
  await at.time.settle();
  await at.sys.stopChild("x");
  await at.time.settle();
  assert.deepEqual(diary, ["down x shutdown"]);
  await at[Symbol.asyncDispose]();
});

Deno.test("Context.watch() is of one life at a path: a later actor there is another", async () => {
  const { at, diary } = await watching();
  at.sys.ref(diarist, "w").tell("watch", "x");
  await at.time.settle();
  await at.sys.stopChild("x");
  await at.sys.spawn(diarist, { id: "x", args: { diary: [] } });
  await at.time.settle();
  await at.sys.stopChild("x");
  await at.time.settle();
  assert.deepEqual(diary, ["down x shutdown"]);
  await at[Symbol.asyncDispose]();
});

Deno.test("Context.watch() delivers through a full mailbox, before what is queued", async () => {
  const { at, diary } = await watching();
  const [ref, opened] = [at.sys.ref(diarist, "w"), gate()];
  ref.tell("watch", "x");
  ref.tell("hold", opened.promise);
  await at.time.settle();
  for (let value = 0; value < 10; value++) ref.tell("after", 0);
  await at.sys.stopChild("x");
  for (let value = 0; value < 10; value++) ref.tell("after", 0);
  opened.resolve();
  await at.time.settle();
  assert.deepEqual(diary, ["down x shutdown"]);
  await at[Symbol.asyncDispose]();
});
