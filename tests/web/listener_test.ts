/** What a stranger may hold open, over bare connections. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { Listener, LISTENER_LIMITS } from "../../src/web/listener.ts";
import { Wire } from "./wire.ts";

const sanitized = { sanitizeOps: true, sanitizeResources: true };
const MB = 1_048_576;

type Limits = { readonly [K in keyof typeof LISTENER_LIMITS]: number };

/** A listener with a limit or two lowered, so that a test need not wait long for it. */
async function listening(limits: Partial<Limits>, answer = echo) {
  const options = { host: "127.0.0.1", port: 0, clock: systemClock, answer };
  const listener = await Listener.open({ ...options, limits: { ...LISTENER_LIMITS, ...limits } });
  return { listener, connect: () => Wire.connect(listener.port), [Symbol.asyncDispose]: () => listener.close() };
}

async function echo(request: Request): Promise<Response> {
  return new Response(`${request.method} ${new URL(request.url).pathname} ${(await request.text()).length}`);
}

const GET = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

Deno.test("Listener answers requests of one connection one after the other", sanitized, async () => {
  await using server = await listening({});
  using wire = await server.connect();
  await wire.send(GET);
  assert.match(await wire.until("GET /a 0"), /^HTTP\/1\.1 200 OK/);
  await wire.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  assert.match(await wire.until("POST /b 3"), /^HTTP\/1\.1 200 OK/);
});

Deno.test(
  "Listener cuts off who says nothing, never ends the headers, or sends them a line at a time",
  sanitized,
  async () => {
    await using server = await listening({ headersMs: 300 });
    const beginnings = ["", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\n"];
    const answers = await Promise.all([...beginnings, beginnings[1] ?? ""].map(async (text, index) => {
      using wire = await server.connect();
      await wire.send(text);
      if (index < beginnings.length) return await wire.rest();
      return await wire.dribble("X-More: yes\r\n", 50);
    }));
    for (const answer of answers) assert.match(answer, /^(HTTP\/1\.1 408 |$)/);
  },
);

Deno.test("Listener cuts off who never ends a body", sanitized, async () => {
  await using server = await listening({ headersMs: 200, requestMs: 300 });
  using wire = await server.connect();
  await wire.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx");
  assert.match(await wire.rest(), /^(HTTP\/1\.1 408 |$)/);
});

Deno.test("Listener closes a connection on which nothing more is asked", sanitized, async () => {
  await using server = await listening({ quietMs: 100 });
  using wire = await server.connect();
  await wire.send(GET);
  assert.match(await wire.rest(), /GET \/a 0\r\n/);
});

Deno.test("Listener cuts off who asks for much and takes nothing, and stops making the answer", sanitized, async () => {
  const cancelled = Promise.withResolvers<void>();
  const endless = () => {
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(MB)),
      cancel: () => cancelled.resolve(),
    });
    return Promise.resolve(new Response(body));
  };
  await using server = await listening({ stalledMs: 200 }, endless);
  using wire = await server.connect();
  await wire.send(GET);
  await cancelled.promise;
});

Deno.test(
  "Listener takes connections up to the limit, closes the next, and takes one again when one has gone",
  sanitized,
  async () => {
    await using server = await listening({ connections: 2 });
    using _first = await server.connect();
    {
      using second = await server.connect();
      await second.send(GET);
      await second.until("GET /a 0");
      using third = await server.connect();
      await third.send(GET);
      assert.equal(await third.rest(), "");
    }
    for (let answer = ""; answer === "";) {
      using next = await server.connect();
      await next.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      answer = await next.rest();
    }
  },
);

Deno.test("Listener refuses headers over the limit without reading them, and what is no HTTP", sanitized, async () => {
  await using server = await listening({});
  const wrong: readonly (readonly [sent: string, answer: RegExp])[] = [
    [`GET / HTTP/1.1\r\nX: ${"x".repeat(LISTENER_LIMITS.headerBytes)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ["\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", /^HTTP\/1\.1 400 /],
  ];
  for (const [sent, answer] of wrong) {
    using wire = await server.connect();
    await wire.send(sent);
    assert.match(await wire.until("\r\n\r\n"), answer, JSON.stringify(sent.slice(0, 40)));
  }
  assert.deepEqual(server.listener.underWay, []);
});

Deno.test("Listener survives clients that leave at any moment", sanitized, async () => {
  await using server = await listening({});
  const request = `POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n${"x".repeat(20)}`;
  for (let sent = 0; sent <= request.length; sent++) {
    using wire = await server.connect();
    await wire.send(request.slice(0, sent));
  }
  using wire = await server.connect();
  await wire.send(GET);
  await wire.until("GET /a 0");
});
