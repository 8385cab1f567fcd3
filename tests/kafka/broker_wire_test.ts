/** A wire against brokers that answer late, wrongly or not at all. */
import assert from "node:assert/strict";
import { Writer } from "@platformatic/kafka";
import { systemClock } from "../../src/clock.ts";
import { BrokerWire, type WireCall } from "../../src/kafka/broker_wire.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import { ManualClock } from "../fakes/manual_clock.ts";

const KIND = { key: 3, version: 12, isFlexible: { request: true, answer: false } };
const LIMITS = { maxBytes: 100, withinMs: 1_000 };
const CALL: WireCall<number> = { kind: KIND, body: Writer.create(), ...LIMITS, read: (reader) => reader.int32() };

/** Accepts one client and gives each of its requests' correlation to `answer`. */
function broker(
  answer: (correlation: number, socket: Deno.Conn) => Promise<unknown>,
): Deno.TcpListener & AsyncDisposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using socket = await listener.accept();
    const request = new Uint8Array(1_024);
    while (await socket.read(request) !== null) await answer(new DataView(request.buffer).getInt32(8), socket);
  })().catch(() => {}); // The client's end, or the test's, is this one's.
  return Object.assign(listener, {
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  });
}

function wireTo(listener: Deno.TcpListener, clock = systemClock): Promise<BrokerWire> {
  const access = { brokers: [], ssl: false, clientId: "test" };
  return BrokerWire.open({ host: "127.0.0.1", port: listener.addr.port }, { access, clock, connectMs: 5_000 });
}

function answerOf(correlation: number, value: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(12));
  view.setInt32(0, 8);
  view.setInt32(4, correlation);
  view.setInt32(8, value);
  return new Uint8Array(view.buffer);
}

Deno.test("BrokerWire.call() answers calls made at once in their order", async () => {
  await using listener = broker((correlation, socket) => socket.write(answerOf(correlation, 10 * correlation)));
  await using wire = await wireTo(listener);
  assert.deepEqual(await Promise.all([wire.call(CALL), wire.call(CALL), wire.call(CALL)]), [10, 20, 30]);
});

Deno.test("BrokerWire.call() refuses the answer to another request, and the wire is of no use any more", async () => {
  await using listener = broker((correlation, socket) => socket.write(answerOf(correlation + 1, 0)));
  await using wire = await wireTo(listener);
  await assert.rejects(wire.call(CALL), SyntaxError);
  assert.equal(wire.isClosed, true);
  await assert.rejects(wire.call(CALL), RetryableError);
});

Deno.test("BrokerWire.call() ends when no answer comes in time, with whoever waits behind it", async () => {
  const clock = new ManualClock();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  await using listener = broker(() => Promise.resolve(resolve()));
  await using wire = await wireTo(listener, clock);
  const [first, second] = [assert.rejects(wire.call(CALL)), assert.rejects(wire.call(CALL), RetryableError)];
  await asked;
  clock.advance(LIMITS.withinMs - 1);
  assert.equal(wire.isClosed, false);
  clock.advance(1);
  await Promise.all([first, second]);
  assert.equal(wire.isClosed, true);
});

Deno.test("BrokerWire.call() fails when it is closed meanwhile, and leaves nothing open", async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  await using listener = broker(() => Promise.resolve(resolve()));
  const wire = await wireTo(listener);
  const refused = assert.rejects(wire.call(CALL));
  await asked;
  await wire[Symbol.asyncDispose]();
  await refused;
});
