import assert from "node:assert/strict";
import { EventQueue } from "../../src/web/event_queue.ts";

const frame = (index: number) => new Uint8Array([index]);

function live(capacity: number): EventQueue {
  const queue = new EventQueue(capacity);
  queue.catchUp();
  return queue;
}

Deno.test("EventQueue.next() asks for a snapshot first, and refuses frames until it is composed", async () => {
  const queue = new EventQueue(2);
  assert.equal(queue.push(frame(1)), "refused");
  assert.deepEqual(await queue.next(), { kind: "snapshot" });
  queue.catchUp();
  assert.equal(queue.push(frame(2)), "accepted");
  assert.deepEqual(await queue.next(), { kind: "frame", bytes: frame(2) });
});

Deno.test("EventQueue.push() holds capacity frames; one more drops them and a snapshot comes next", async () => {
  const queue = live(2);
  assert.deepEqual([1, 2, 3, 4].map((index) => queue.push(frame(index))), [
    "accepted",
    "accepted",
    "displaced",
    "refused",
  ]);
  assert.deepEqual(await queue.next(), { kind: "snapshot" });
});

Deno.test("EventQueue.next() waits for a frame, and keeps their order", async () => {
  const queue = live(2), waiting = queue.next();
  queue.push(frame(1));
  queue.push(frame(2));
  assert.deepEqual([await waiting, await queue.next()], [
    { kind: "frame", bytes: frame(1) },
    { kind: "frame", bytes: frame(2) },
  ]);
});

Deno.test("EventQueue.fallBehind() and end() wake who waits; the end is final", async () => {
  const queue = live(2), behind = queue.next();
  queue.fallBehind();
  assert.deepEqual(await behind, { kind: "snapshot" });
  queue.catchUp();
  const ended = queue.next();
  queue.end();
  queue.fallBehind();
  queue.catchUp();
  assert.deepEqual([await ended, await queue.next(), queue.push(frame(1))], [
    { kind: "end" },
    { kind: "end" },
    "refused",
  ]);
});

Deno.test("EventQueue() refuses a capacity that holds nothing", () => {
  for (const capacity of [0, -1, NaN]) assert.throws(() => new EventQueue(capacity), RangeError);
});
