/** Two ends of a thread boundary in one thread: what is posted, and when. */
import assert from "node:assert/strict";
import { actor, child, transfer, type Virtual, virtual } from "../../src/actor/mod.ts";
import type { ControlFrame, Frame } from "../../src/actor/frame.ts";
import { Isolate } from "../../src/actor/isolate.ts";
import { Family } from "../../src/actor/supervisor.ts";
import { Wire } from "../../src/actor/wire.ts";

interface Pair {
  readonly time: Virtual;
  readonly near: Wire;
  readonly far: Wire;
  /** What `near` posted, post by post. */
  readonly posts: (readonly Frame[])[];
  /** What `far` posted, post by post. */
  readonly answers: (readonly Frame[])[];
  readonly orders: ControlFrame[];
  readonly handled: number[];
}

/** A near wire without actors, joined to a far one behind which `x` adds up; what crosses is cloned. */
async function pair(farCapacity = 4_096): Promise<Pair> {
  const time = virtual();
  const isolate = () =>
    new Isolate({
      ...time,
      worker: "",
      elsewhere: () => undefined,
      abroad: (_spec, path) => {
        throw new TypeError(`Cannot start ${path}: no threads here`);
      },
    });
  const [here, there] = [isolate(), isolate()];
  const [posts, answers] = [new Array<readonly Frame[]>(), new Array<readonly Frame[]>()];
  const [orders, handled] = [new Array<ControlFrame>(), new Array<number>()];
  const near: Wire = new Wire({
    kernel: here,
    peer: "far",
    post: (frames, buffers) => {
      const cloned = structuredClone(frames, { transfer: buffers });
      posts.push(cloned);
      far.receive(cloned);
    },
    find: () => undefined,
    control: () => {},
  });
  const far: Wire = new Wire({
    kernel: there,
    peer: "near",
    post: (frames, buffers) => {
      const cloned = structuredClone(frames, { transfer: buffers });
      answers.push(cloned);
      near.receive(cloned);
    },
    find: (path) => there.registry.local(path),
    control: (frame) => void orders.push(frame),
  });
  const adder = actor({
    name: "adder",
    init: () => ({}),
    on: { add: (_state, value: number) => void handled.push(value), echo: (_state, value: unknown) => value },
  });
  const family = new Family(there, { path: "", gaveUp: () => {} }, { strategy: "one_for_one" });
  const mailbox = { capacity: farCapacity, whenFull: "refuse" } as const;
  await family.start(child(adder, { id: "x", args: undefined, mailbox }));
  return { time, near, far, posts, answers, orders, handled };
}

Deno.test("Wire: all that one turn says leaves in one post, in order, and its credits come back in one", async () => {
  const { time, near, posts, answers, handled } = await pair();
  const outlet = near.open("x", 100);
  for (let value = 0; value < 100; value++) assert.equal(outlet.deliver("add", value, undefined), "accepted");
  assert.equal(outlet.underWay, 100);
  await time.settle();
  assert.deepEqual([posts.length, posts[0]?.length, handled], [1, 1, Array.from({ length: 100 }, (_, at) => at)]);
  assert.deepEqual(answers, [[{ type: "credit", via: outlet.via, count: 100 }]]);
  assert.equal(outlet.underWay, 0);
});

Deno.test("Outlet.deliver() refuses number capacity + 1 until a credit is back", async () => {
  const { time, near, handled } = await pair();
  const outlet = near.open("x", 2);
  assert.deepEqual([1, 2, 3].map((value) => outlet.deliver("add", value, undefined)), [
    "accepted",
    "accepted",
    "refused",
  ]);
  await time.settle();
  assert.equal(outlet.deliver("add", 4, undefined), "accepted");
  await time.settle();
  assert.deepEqual([handled, near.kernel.facts.deadLetterCount], [[1, 2, 4], 1]);
});

Deno.test("Wire: a message that the far mailbox refuses returns its credit too", async () => {
  const { time, near, far, handled } = await pair(2);
  const outlet = near.open("x", 4);
  for (let value = 1; value <= 4; value++) outlet.deliver("add", value, undefined);
  await time.settle();
  assert.deepEqual([handled, outlet.underWay, far.kernel.facts.deadLetterCount], [[1, 2], 0, 2]);
});

Deno.test("Wire: frames to one actor of different kinds keep their order", async () => {
  const { time, near, handled } = await pair();
  const outlet = near.open("x", 100);
  const echoes: Promise<unknown>[] = [];
  for (let value = 0; value < 3; value++) {
    outlet.deliver("add", value, undefined);
    echoes.push(outlet.ask("echo", value, 1_000));
  }
  await time.settle();
  assert.deepEqual([handled, await Promise.all(echoes)], [[0, 1, 2], [0, 1, 2]]);
});

Deno.test("Wire: one message that cannot be cloned harms itself alone, and its credit returns", async () => {
  const { time, near, posts, handled } = await pair();
  const outlet = near.open("x", 3);
  outlet.deliver("add", 1, undefined);
  outlet.deliver("add", () => {}, undefined);
  outlet.deliver("add", 3, undefined);
  await time.settle();
  assert.deepEqual([handled, posts.length], [[1, 3], 2]);
  assert.deepEqual([outlet.underWay, near.kernel.facts.deadLetterCount], [0, 1]);
});

Deno.test("Wire: marked buffers are transferred with tells, asks and answers", async () => {
  const { time, near } = await pair();
  const outlet = near.open("x", 3);
  const [told, asked] = [new ArrayBuffer(8), new ArrayBuffer(16)];
  outlet.deliver("echo", transfer({ told }, [told]), undefined);
  const answer: Promise<unknown> = outlet.ask("echo", transfer({ asked }, [asked]), 1_000);
  await time.settle();
  assert.deepEqual([told.byteLength, asked.byteLength, await answer], [0, 0, { asked: new ArrayBuffer(16) }]);
});

Deno.test("Wire.close() settles all that waits, posts nothing more, and refuses what comes", async () => {
  const { time, near, far, posts } = await pair();
  const outlet = near.open("x", 3);
  const exit = { why: "workerLost", failure: { name: "WorkerError", message: "gone" } } as const;
  const downs: string[] = [];
  outlet.watch({ notify: ({ why }) => void downs.push(why) });
  await time.settle();
  const before = posts.length;
  const question = assert.rejects(outlet.ask("echo", 1, 1_000), { reason: "down" });
  const request = near.request((number) => ({ type: "stats", request: number }));
  near.close(exit);
  near.flush();
  assert.equal(outlet.deliver("add", 1, undefined), "refused");
  await assert.rejects(outlet.ask("echo", 1, 1_000), { reason: "down" });
  assert.deepEqual([downs, await request, posts.length], [["workerLost"], { exit }, before]);
  assert.deepEqual(await near.request((number) => ({ type: "stats", request: number })), { exit });
  await question;
  far.close(exit);
});

Deno.test("Wire: an answer that comes after the deadline is a dead letter, and nothing is kept of the question", async () => {
  const { time, near, orders } = await pair();
  const late = assert.rejects(near.open("nobody", 1).ask("echo", 1, 5), { reason: "down" });
  await time.settle();
  await late;
  const opened = near.open("x", 1);
  const timedOut = assert.rejects(opened.ask("echo", 1, 0), { reason: "timeout" });
  while (time.clock.fireNext(0));
  await timedOut;
  await time.settle();
  assert.deepEqual([near.kernel.facts.deadLetterCount, near.kernel.questions.count, orders], [1, 0, []]);
});
