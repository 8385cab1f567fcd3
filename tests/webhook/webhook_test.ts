import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../src/clock.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import { alarmsOf } from "../../src/stream/alarm.ts";
import { Webhook } from "../../src/webhook/webhook.ts";
import { incidentOf } from "./incident.ts";

const SECRET = "a secret of some length";
const [OPENED] = alarmsOf(incidentOf({ open: true }), undefined);
const [ENDED] = alarmsOf(incidentOf({ open: false }), "opened");

interface Heard {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A server that answers as told, and what it has heard. */
async function hookServer(answer: (response: ServerResponse) => void) {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    heard.push({ headers: request.headers, body });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    heard,
    url: `http://127.0.0.1:${port}/hook?token=hidden`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const statusOf = (status: number, headers = {}) => (response: ServerResponse) =>
  void response.writeHead(status, headers).end("whatever");

Deno.test("Webhook.ring() posts start, end and peak, with a key, and a signature over time and body", async () => {
  await using server = await hookServer(statusOf(204));
  const hook = new Webhook({ url: server.url, secret: SECRET, clock: systemClock });
  assert.ok(OPENED && ENDED);
  assert.deepStrictEqual([await hook.ring(OPENED), await hook.ring(ENDED)], ["taken", "taken"]);
  const [opened, ended] = server.heard.map(({ body }) => JSON.parse(body));
  assert.deepStrictEqual([opened.event, opened.start, "end" in opened], ["opened", "2026-01-05T00:00:00.000Z", false]);
  assert.deepStrictEqual([ended.event, ended.end, ended.peak.time, ended.peak.score], [
    "ended",
    "2026-01-05T00:10:00.000Z",
    "2026-01-05T00:03:00.000Z",
    1,
  ]);
  for (const { headers, body } of server.heard) {
    const signed = `${headers["x-tally-timestamp"]}.${body}`;
    const expected = createHmac("sha256", SECRET).update(signed).digest("hex");
    assert.strictEqual(headers["x-tally-signature"], `sha256=${expected}`);
    assert.strictEqual(headers["idempotency-key"], JSON.parse(body).key);
  }
});

Deno.test("Webhook.ring() leaves the signature out when there is no secret", async () => {
  await using server = await hookServer(statusOf(200));
  assert.ok(OPENED);
  await new Webhook({ url: server.url, secret: undefined, clock: systemClock }).ring(OPENED);
  assert.strictEqual(server.heard[0]?.headers["x-tally-signature"], undefined);
});

Deno.test("Webhook.ring() asks again after what may pass, and takes other answers for a refusal", async () => {
  assert.ok(OPENED);
  for (const [status, expected] of [[500, "later"], [503, "later"], [429, "later"], [408, "later"], [400, "refused"]]) {
    await using server = await hookServer(statusOf(Number(status)));
    const hook = new Webhook({ url: server.url, secret: SECRET, clock: systemClock });
    const became: string = await hook.ring(OPENED).catch((error: unknown) => {
      assert.ok(error instanceof RetryableError && error.message.includes(String(status)), String(error));
      return "later";
    });
    assert.strictEqual(became, expected, String(status));
  }
});

Deno.test("Webhook.ring() follows no redirect", async () => {
  await using inner = await hookServer(statusOf(200));
  await using outer = await hookServer(statusOf(307, { location: inner.url }));
  assert.ok(OPENED);
  const hook = new Webhook({ url: outer.url, secret: SECRET, clock: systemClock });
  assert.deepStrictEqual([await hook.ring(OPENED), inner.heard.length], ["refused", 0]);
});

Deno.test("Webhook.ring() gives up an answer that does not come, and a server that is not there, without their address", async () => {
  assert.ok(OPENED);
  const server = await hookServer(() => {});
  const hook = new Webhook({ url: server.url, secret: SECRET, clock: systemClock, timeoutMs: 50 });
  const failures = [];
  failures.push(await hook.ring(OPENED).catch((error: unknown) => error));
  await server[Symbol.asyncDispose]();
  failures.push(await hook.ring(OPENED).catch((error: unknown) => error));
  for (const failure of failures) {
    assert.ok(failure instanceof RetryableError, String(failure));
    assert.doesNotMatch(Deno.inspect(failure), /hidden|127\.0\.0\.1/);
  }
});
