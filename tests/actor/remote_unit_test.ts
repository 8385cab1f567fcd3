/** An actor in a worker as seen from here, with the worker's words put into its mouth. */
import assert from "node:assert/strict";
import { actor, child, type Exit, type Virtual, virtual } from "../../src/actor/mod.ts";
import type { Frame } from "../../src/actor/frame.ts";
import { Isolate } from "../../src/actor/isolate.ts";
import { RemoteUnit } from "../../src/actor/remote_unit.ts";
import { Wire } from "../../src/actor/wire.ts";

interface Stage {
  readonly time: Virtual;
  readonly unit: RemoteUnit;
  readonly wire: Wire;
  /** Lets the worker come up. */
  readonly up: () => void;
  /** What was posted to the worker. */
  readonly posted: Frame[];
  /** What the owner was told. */
  readonly exits: string[];
}

function stage(): Stage {
  const time = virtual();
  const kernel = new Isolate({
    ...time,
    worker: "",
    elsewhere: () => undefined,
    abroad: (_spec, path) => {
      throw new TypeError(`Cannot start ${path}: no threads here`);
    },
  });
  const [posted, exits] = [new Array<Frame>(), new Array<string>()];
  const { promise: ready, resolve } = Promise.withResolvers<Wire>();
  const wire = new Wire({
    kernel,
    peer: "w",
    post: (frames) => void posted.push(...frames),
    find: () => undefined,
    control: (frame) => {
      if (frame.type === "ended") unit.ended(frame.exit);
    },
  });
  const place = { path: "w", up: () => ready, enter: () => {}, leave: () => {} };
  const spec = child(actor({ name: "d", init: () => ({}), on: {} }), { id: "x", args: undefined, place });
  const owner = { exited: (_unit: unknown, exit: Exit) => void exits.push(exit.why) };
  const unit: RemoteUnit = new RemoteUnit(kernel, owner, { path: "x", spec, place: () => place });
  return { time, unit, wire, up: () => resolve(wire), posted, exits };
}

function requestOf(frames: readonly Frame[], type: "start" | "halt"): number {
  const frame = frames.findLast((each) => each.type === type);
  return frame !== undefined && "request" in frame ? frame.request : -1;
}

Deno.test("RemoteUnit.start() whose end overtakes its start has started, then ended", async () => {
  const { time, unit, wire, up, posted, exits } = stage();
  const started = unit.start();
  up();
  await time.settle();
  wire.receive([
    { type: "ended", path: "x", exit: { why: "normal" } },
    { type: "done", request: requestOf(posted, "start"), result: {} },
  ]);
  assert.equal(await started, undefined);
  await time.settle();
  assert.deepEqual(exits, ["normal"]);
});

Deno.test("RemoteUnit.halt() while the worker is still coming up cancels the start, and posts nothing", async () => {
  const { time, unit, up, posted, exits } = stage();
  const started = unit.start();
  await unit.halt({ exit: { why: "shutdown" }, drain: false });
  up();
  assert.deepEqual(await started, { why: "shutdown" });
  await time.settle();
  assert.deepEqual([posted, exits], [[], []]);
});

Deno.test("RemoteUnit.halt() crossing the actor's own end reports nothing to the owner", async () => {
  const { time, unit, wire, up, posted, exits } = stage();
  const started = unit.start();
  up();
  await time.settle();
  wire.receive([{ type: "done", request: requestOf(posted, "start"), result: {} }]);
  await started;
  const halted = unit.halt({ exit: { why: "shutdown" }, drain: false });
  await time.settle();
  wire.receive([
    { type: "ended", path: "x", exit: { why: "normal" } },
    { type: "done", request: requestOf(posted, "halt"), result: {} },
  ]);
  await halted;
  assert.deepEqual(exits, []);
});
