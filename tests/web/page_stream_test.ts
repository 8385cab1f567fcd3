import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { follow, parse } from "../../src/web/page/stream.js";
import { serveWeb } from "../../src/web/server.ts";
import { averagePoint, ledgerAt } from "../fakes/fake_views.ts";
import { ManualClock } from "./manual_clock.ts";
import { openSite } from "./site.ts";

const sanitized = { sanitizeOps: true, sanitizeResources: true };

async function parsed(chunks: readonly Uint8Array[]) {
  const events = [];
  for await (const event of parse(ReadableStream.from(chunks))) events.push(event);
  return events;
}

/** Follows a server; `next` resolves with one fact after the other. */
function follower(url: string, clock: ManualClock) {
  const facts: string[] = [], waiting: ((fact: string) => void)[] = [];
  const tell = (fact: string) => {
    const first = waiting.shift();
    first === undefined ? facts.push(fact) : first(fact);
  };
  const stop = follow(`${url}/events`, {
    after(delayMs, fn) {
      const timer = clock.after(delayMs, fn);
      return () => timer[Symbol.dispose]();
    },
    onEvent: ({ event }) => tell(event),
    onConnection: (connection) =>
      tell("reason" in connection ? `${connection.phase}: ${connection.reason}` : connection.phase),
  });
  const next = async (): Promise<string> =>
    facts.shift() ?? await new Promise<string>((resolve) => waiting.push(resolve));
  return { next, stop };
}

Deno.test("parse() finds the same events however the bytes are cut", async () => {
  const text = 'event: delta\nid: 1\ndata: {"a":"☕️"}\n\n: heartbeat\n\ndata: x\ndata: y\n\nevent: cut';
  const bytes = new TextEncoder().encode(text);
  const whole = [
    { event: "delta", data: '{"a":"☕️"}' },
    { event: "message", data: "" },
    { event: "message", data: "x\ny" },
  ];
  for (let at = 0; at <= bytes.length; at++) {
    assert.deepEqual(await parsed([bytes.subarray(0, at), bytes.subarray(at)]), whole, `cut at ${at}`);
  }
  assert.deepEqual(await parsed([...bytes].map((byte) => new Uint8Array([byte]))), whole);
});

Deno.test(
  "follow() says live, hands over events, and comes back after the server has gone and returned",
  sanitized,
  async () => {
    const site = await openSite(), clock = new ManualClock();
    const { next, stop } = follower(site.server.url, clock);
    assert.deepEqual([await next(), await next(), await next()], ["connecting", "live", "snapshot"]);
    site.views.publish({ points: [averagePoint("a", 1)], highMs: 1, ledger: ledgerAt(1) });
    assert.equal(await next(), "delta");
    await site[Symbol.asyncDispose]();
    assert.match(await next(), /^reconnecting: the server c/);
    clock.advance(500);
    assert.equal(await next(), "reconnecting: the server cannot be reached");
    const again = { host: "127.0.0.1", port: site.server.port, appName: "Tally", version: "1" };
    await using _server = await serveWeb({ ...again, views: site.views, clock: systemClock });
    clock.advance(999);
    clock.advance(1);
    assert.deepEqual([await next(), await next()], ["live", "snapshot"]);
    stop();
    while (site.views.listeners.size > 1) await fetch(site.server.url);
  },
);

Deno.test("follow() gives up a connection that is silent for longer than two heartbeats", sanitized, async () => {
  await using site = await openSite();
  const clock = new ManualClock(), { next, stop } = follower(site.server.url, clock);
  assert.deepEqual([await next(), await next(), await next()], ["connecting", "live", "snapshot"]);
  clock.advance(39_999);
  site.views.publish({ points: [], highMs: 1, ledger: ledgerAt(1) });
  assert.equal(await next(), "delta");
  clock.advance(39_999);
  clock.advance(1);
  assert.equal(await next(), "reconnecting: the server cannot be reached");
  stop();
});

Deno.test("follow() gives the server's reason when it is full, and stops when it is refused", sanitized, async () => {
  await using full = await openSite({ maxEventClients: 1 });
  const clock = new ManualClock(), first = follower(full.server.url, clock);
  assert.deepEqual([await first.next(), await first.next(), await first.next()], ["connecting", "live", "snapshot"]);
  const second = follower(full.server.url, clock);
  assert.equal(await second.next(), "connecting");
  assert.match(await second.next(), /^reconnecting: .*1 clients are connected, which is the limit$/);
  first.stop();
  second.stop();
  await using guarded = await openSite({ token: "secret" });
  const stranger = follower(guarded.server.url, clock);
  assert.deepEqual([await stranger.next(), await stranger.next(), clock.armed], ["connecting", "refused", 0]);
});
