import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import type { Point } from "../../src/domain/point.ts";
import { InfluxStore } from "../../src/influx/influx_store.ts";
import { ConfigError, RetryableError } from "../../src/stream/failures.ts";
import { avgPoint } from "../contracts/store_contract.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import { type Answer, refusal, ScriptedInflux, written } from "./scripted_influx.ts";

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const POINTS: readonly Point[] = [avgPoint(1), avgPoint(2)];

/** Writes to a server that answers so, and returns the error and how many requests it took. */
async function failureOf(answer: Answer): Promise<{ readonly error: unknown; readonly requests: number }> {
  await using server = new ScriptedInflux(answer);
  await using store = new InfluxStore(server.config, { clock: new ManualClock(NOW_MS) });
  const error = await store.write(POINTS).then(() => assert.fail("It was written"), (error: unknown) => error);
  return { error, requests: server.received.length };
}

async function readError(answer: Answer): Promise<unknown> {
  await using server = new ScriptedInflux(answer);
  await using store = new InfluxStore(server.config, { clock: new ManualClock(NOW_MS) });
  const read = Array.fromAsync(store.read({ measurement: "transactions_avg" }));
  return await read.then(() => assert.fail("It was read"), (error: unknown) => error);
}

Deno.test("InfluxStore.write() asks to be tried again after what Retry-After says, in seconds or as a date", async () => {
  const cases: readonly (readonly [number, string | undefined, number])[] = [
    [429, "7", 7_000],
    [503, "0", 0],
    [503, new Date(NOW_MS + 90_000).toUTCString(), 90_000],
    [503, new Date(NOW_MS - 90_000).toUTCString(), 0],
    [503, "soon", 0],
    [503, "-1", 0],
    [429, undefined, 0],
    [500, undefined, 0],
    [502, undefined, 0],
    [504, undefined, 0],
    [408, undefined, 0],
  ];
  for (const [status, retryAfter, expectedMs] of cases) {
    const headers = retryAfter === undefined ? undefined : { "retry-after": retryAfter };
    const { error, requests } = await failureOf(() => refusal(status, "busy", headers));
    assert.ok(error instanceof RetryableError, `${status} ${retryAfter}`);
    assert.deepStrictEqual([error.retryAfterMs, requests], [expectedMs, 1], `${status} ${retryAfter}`);
    assert.match(error.message, new RegExp(`${status} busy`));
  }
});

Deno.test("InfluxStore.write() names the setting to change when access is refused, never the token", async () => {
  const cases: readonly (readonly [number, RegExp])[] = [
    [401, /INFLUX_TOKEN/],
    [403, /INFLUX_TOKEN/],
    [404, /INFLUX_BUCKET.*INFLUX_ORG/],
    [307, /INFLUX_URL/],
  ];
  for (const [status, setting] of cases) {
    const { error, requests } = await failureOf(() => refusal(status, "no", { location: "http://127.0.0.1:1/" }));
    assert.ok(error instanceof ConfigError, `${status}`);
    assert.match(error.message, setting);
    assert.doesNotMatch(Deno.inspect(error), /s3cret/);
    assert.strictEqual(requests, 1);
  }
});

Deno.test("InfluxStore.write() asks to be tried again when something else than InfluxDB answers", async () => {
  for (const answer of [() => new Response("<html>", { status: 200 }), () => new Response(null, { status: 418 })]) {
    const { error, requests } = await failureOf(answer);
    assert.ok(error instanceof RetryableError);
    assert.strictEqual(requests, 1);
  }
});

Deno.test("InfluxStore.write() asks to be tried again when nobody listens", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const config = { url: `http://127.0.0.1:${port}`, token: "s3cret", org: "o", bucket: "b", timeoutMs: 60_000 };
  await using store = new InfluxStore(config, { clock: systemClock });
  await assert.rejects(store.write(POINTS), { name: "RetryableError", message: /Cannot reach InfluxDB at http/ });
  await assert.rejects(store.ping(), RetryableError);
});

Deno.test("InfluxStore.write() asks to be tried again when the connection breaks before the answer", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const broken = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(10));
      connection.close();
    }
  })();
  const url = `http://127.0.0.1:${listener.addr.port}`;
  await using store = new InfluxStore({ url, token: "", org: "", bucket: "b", timeoutMs: 60_000 }, {
    clock: systemClock,
  });
  await assert.rejects(store.write(POINTS), RetryableError);
  listener.close();
  await broken;
});

/** A server that reads and never answers; `arrived` is the first bytes, `gone` the end of the connection. */
function silentServer() {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const arrived = Promise.withResolvers<void>();
  const gone = (async () => {
    using connection = await listener.accept();
    const buffer = new Uint8Array(65_536);
    while (await connection.read(buffer) !== null) arrived.resolve();
    listener.close();
  })();
  const url = `http://127.0.0.1:${listener.addr.port}`;
  return { config: { url, token: "", org: "", bucket: "b", timeoutMs: 60_000 }, arrived: arrived.promise, gone };
}

Deno.test("InfluxStore.write() gives up after timeoutMs and not before, and ends the connection", async () => {
  const server = silentServer(), clock = new ManualClock();
  await using store = new InfluxStore(server.config, { clock });
  const failure = assert.rejects(store.write(POINTS), { name: "RetryableError", message: /no answer within 60000 ms/ });
  await server.arrived;
  clock.advance(59_999);
  assert.strictEqual(clock.armed, 1);
  clock.advance(1);
  await failure;
  await server.gone;
  assert.strictEqual(clock.armed, 0);
});

Deno.test("InfluxStore.read() gives up after timeoutMs when the answer's body stalls", async () => {
  const started = Promise.withResolvers<void>(), clock = new ManualClock();
  await using server = new ScriptedInflux(() =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode('{"results":[')),
        pull: () => started.resolve(),
      }),
      { headers: { "content-type": "application/json" } },
    )
  );
  await using store = new InfluxStore(server.config, { clock });
  const failure = assert.rejects(Array.fromAsync(store.read({ measurement: "transactions_avg" })), RetryableError);
  await started.promise;
  clock.advance(60_000);
  await failure;
});

Deno.test("InfluxStore.read() asks to be tried again when the answer is none of InfluxDB's or says an error", async () => {
  const answers: readonly Answer[] = [
    () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    () => new Response("{", { headers: { "content-type": "application/json" } }),
    () => Response.json({}),
    () => Response.json({ results: [{ statement_id: 0, error: "query interrupted" }] }),
  ];
  for (const answer of answers) assert.ok(await readError(answer) instanceof RetryableError);
});

Deno.test("InfluxStore.ping() refuses a token that may write but not read", async () => {
  await using server = new ScriptedInflux(({ path }) => path.startsWith("/query") ? refusal(401, "no") : written());
  await using store = new InfluxStore(server.config, { clock: systemClock });
  await assert.rejects(store.ping(), { name: "ConfigError", message: /INFLUX_TOKEN/ });
});

Deno.test("InfluxStore prints nothing when requests fail", async () => {
  const printed: unknown[] = [], { error, warn } = console;
  console.error = console.warn = (...args: unknown[]) => void printed.push(args);
  try {
    for (const status of [400, 401, 500, 503]) await failureOf(() => refusal(status, "no"));
  } finally {
    Object.assign(console, { error, warn });
  }
  assert.deepStrictEqual(printed, []);
});

Deno.test("InfluxStore[Symbol.asyncDispose]() ends requests under way and refuses new ones", async () => {
  const server = silentServer();
  const store = new InfluxStore(server.config, { clock: new ManualClock() });
  const failure = assert.rejects(store.write(POINTS), { name: "TypeError", message: /the store is closed/ });
  await server.arrived;
  await store[Symbol.asyncDispose]();
  await failure;
  await server.gone;
  await assert.rejects(store.write(POINTS), { name: "TypeError", message: /the store is closed/ });
});
