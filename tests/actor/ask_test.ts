/** Questions and their ends. */
import assert from "node:assert/strict";
import { actor, AskError } from "../../src/actor/mod.ts";
import { Questions } from "../../src/actor/ask.ts";
import { VirtualClock } from "../../src/actor/virtual.ts";
import { diarist, gate, lab } from "./lab.ts";

const oracle = actor({
  name: "oracle",
  init: () => ({ later: new Array<(answer: string) => void>() }),
  on: {
    now: (_state, question: string) => `now ${question}`,
    soon: async (_state, until: Promise<string>) => `soon ${await until}`,
    later(state, question: string, cx) {
      const reply = cx.defer<string>();
      state.later.push((answer) => reply.resolve(`later ${question} ${answer}`));
      return reply;
    },
    never: (_state, _payload: void, cx) => cx.defer<string>(),
    refuse(_state, _payload: void, cx) {
      const reply = cx.defer<string>();
      reply.reject(new RangeError("Cannot say: told not to"));
      return reply;
    },
    answer: (state, answer: string) => state.later.splice(0).forEach((reply) => reply(answer)),
    wrong(): string {
      throw new RangeError("Cannot say: wrong");
    },
    nothing: () => {},
  },
});

Deno.test("ask() resolves to the handler's result, plain, promised or deferred", async () => {
  await using at = lab();
  const ref = await at.sys.spawn(oracle, { id: "o", args: undefined });
  const later = ref.ask("later", "c", { withinMs: 10 });
  assert.equal(await ref.ask("now", "a", { withinMs: 10 }), "now a");
  assert.equal(await ref.ask("soon", Promise.resolve("b"), { withinMs: 10 }), "soon b");
  assert.equal(await ref.ask("nothing", { withinMs: 10 }), undefined);
  ref.tell("answer", "d");
  assert.equal(await later, "later c d");
});

Deno.test("ask() of a deferred reply does not hold the turn", async () => {
  await using at = lab();
  const ref = await at.sys.spawn(oracle, { id: "o", args: undefined });
  const never = assert.rejects(ref.ask("never", { withinMs: 100 }), { reason: "timeout" });
  assert.equal(await ref.ask("now", "a", { withinMs: 10 }), "now a");
  await at.time.advance(100);
  await never;
});

Deno.test("ask() rejects with timeout at its deadline and not before; the answer that comes later is a dead letter", async () => {
  await using at = lab();
  const [ref, opened] = [await at.sys.spawn(oracle, { id: "o", args: undefined }), Promise.withResolvers<string>()];
  let reason = "";
  ref.ask("soon", opened.promise, { withinMs: 100 }).catch((error) => reason = error.reason);
  await at.time.advance(99);
  assert.equal(reason, "");
  await at.time.advance(1);
  assert.equal(reason, "timeout");
  opened.resolve("at last");
  await at.time.settle();
  assert.deepEqual(at.lines("deadLetter"), ["o soon lateReply 1"]);
});

Deno.test("ask() rejects with down at once when its target is not there, or ends first", async () => {
  await using at = lab();
  await assert.rejects(at.sys.ref(oracle, "nobody").ask("now", "a", { withinMs: 10 }), { reason: "down" });
  const [ref, opened] = [await at.sys.spawn(oracle, { id: "o", args: undefined, shutdownMs: 0 }), gate()];
  const questions = [
    ref.ask("later", "deferred", { withinMs: 1e9 }),
    ref.ask("soon", opened.promise.then(() => "held"), { withinMs: 1e9 }),
    ref.ask("now", "queued", { withinMs: 1e9 }),
  ].map((question) => assert.rejects(question, { name: "AskError", reason: "down" }));
  await at.time.settle();
  const stopped = at.sys.stopChild("o");
  await at.time.advance(1);
  await Promise.all([stopped, ...questions]);
});

Deno.test("ask() rejects with failed and the failure when the handler throws, and supervision runs", async () => {
  await using at = lab();
  const ref = await at.sys.spawn(oracle, { id: "o", args: undefined });
  const deferred = assert.rejects(ref.ask("later", "a", { withinMs: 1e9 }), { reason: "failed" });
  const error = await ref.ask("wrong", { withinMs: 10 }).then(() => undefined, (thrown) => thrown);
  assert.ok(error instanceof AskError);
  assert.deepEqual([error.reason, error.failure?.message], ["failed", "Cannot say: wrong"]);
  assert.equal(error.message, "Cannot ask o wrong: failed: Cannot say: wrong");
  await deferred;
  await at.time.settle();
  assert.deepEqual(at.lines("restarted"), ["o 1"]);
});

Deno.test("Deferred.reject() fails the question and harms nobody", async () => {
  await using at = lab();
  const ref = await at.sys.spawn(oracle, { id: "o", args: undefined });
  await assert.rejects(ref.ask("refuse", { withinMs: 10 }), { reason: "failed" });
  assert.deepEqual(at.lines("failed", "restarted"), []);
});

Deno.test("ask() into a full mailbox rejects with refused", async () => {
  await using at = lab();
  const mailbox = { capacity: 1, whenFull: "refuse" } as const;
  const ref = await at.sys.spawn(diarist, { id: "x", args: { diary: [] }, mailbox });
  ref.tell("note", 1);
  await assert.rejects(ref.ask("notes", { withinMs: 10 }), { reason: "refused" });
});

Deno.test("ask() between actors whose mailboxes are both full deadlocks nobody: replies need no room", async () => {
  await using at = lab();
  const mailbox = { capacity: 1, whenFull: "refuse" } as const;
  const asker = actor({
    name: "asker",
    init: () => ({ answer: "" }),
    on: {
      async go(state, to: string, cx) {
        state.answer = await cx.ref(oracle, to).ask("now", "q", { withinMs: 1_000 });
      },
      answer: (state) => state.answer,
    },
  });
  await at.sys.spawn(oracle, { id: "o", args: undefined, mailbox });
  const ref = await at.sys.spawn(asker, { id: "a", args: undefined, mailbox });
  ref.tell("go", "o");
  await at.time.settle();
  assert.equal(await ref.ask("answer", { withinMs: 10 }), "now q");
});

Deno.test("Questions keep nothing of 100000 questions that timed out, and one timer for those that wait", async () => {
  const clock = new VirtualClock(0);
  const questions = new Questions(clock);
  const ends: Promise<string>[] = [];
  for (let count = 0; count < 100_000; count++) {
    ends.push(questions.open("o", "never", 100).promise.then(() => "", (error) => error.reason));
  }
  assert.equal(questions.count, 100_000);
  let fired = 0;
  while (clock.fireNext(100)) fired++;
  assert.deepEqual([questions.count, fired, new Set(await Promise.all(ends))], [0, 1, new Set(["timeout"])]);
});

Deno.test("Questions.open() with several deadlines expires each at its own", () => {
  const clock = new VirtualClock(0);
  const questions = new Questions(clock);
  const ended: string[] = [];
  const open = (name: string, withinMs: number) => {
    questions.open(name, "q", withinMs).promise.catch(() => {});
    return questions;
  };
  open("a", 100);
  clock.fireNext(50);
  open("b", 100);
  open("c", 30);
  for (const untilMs of [79, 80, 99, 100, 149, 150]) {
    while (clock.fireNext(untilMs));
    ended.push(`${untilMs}: ${questions.count}`);
  }
  assert.deepEqual(ended, ["79: 3", "80: 2", "99: 2", "100: 1", "149: 1", "150: 0"]);
});
