import assert from "node:assert/strict";
import { flatten } from "../../src/domain/point.ts";
import { HEARTBEAT_MS, QUEUE_FRAMES, SNAPSHOT_POINTS } from "../../src/web/live_events.ts";
import { averagePoint, ledgerAt } from "../fakes/fake_views.ts";
import { EventReader, openSite, type TestSite } from "./site.ts";

const sanitized = { sanitizeOps: true, sanitizeResources: true };

function update(timeMs: number, category = "travel") {
  return { points: [averagePoint(category, timeMs)], highMs: timeMs, ledger: ledgerAt(timeMs / 1_000) };
}

/** Lets the server notice what a client did: each round trip is a turn of its event loop. */
async function settled(site: TestSite, done: () => boolean): Promise<void> {
  while (!done()) await site.get("/healthz");
}

Deno.test("/events sends a snapshot first, then deltas, under rising ids", sanitized, async () => {
  await using site = await openSite();
  site.views.publish(update(5_000));
  await using events = await EventReader.connect(site);
  const first = await events.next();
  site.views.publish(update(10_000));
  const second = await events.next();
  site.views.publish(update(15_000));
  const third = await events.next();
  const nowMs = site.clock.nowMs();
  assert.deepEqual(first?.data, {
    app: { name: "Tally", version: "1.2.3" },
    nowMs,
    highMs: 5_000,
    ledger: ledgerAt(5),
    samples: [],
    anomalies: [],
    points: [flatten(averagePoint("travel", 5_000))],
  });
  const points = [flatten(averagePoint("travel", 10_000))];
  assert.deepEqual(second?.data, { nowMs, highMs: 10_000, ledger: ledgerAt(10), samples: [], points, anomalies: [] });
  assert.deepEqual([first, second, third].map((seen) => [seen?.event, seen?.id]), [
    ["snapshot", "1"],
    ["delta", "2"],
    ["delta", "3"],
  ]);
});

Deno.test(
  "/events before the first update: the snapshot holds the newest points of the store and no event time",
  sanitized,
  async () => {
    await using site = await openSite();
    site.views.stored = [averagePoint("travel", 1_000), averagePoint("travel", 600_000)];
    site.views.currentLedger = ledgerAt(3);
    await using events = await EventReader.connect(site);
    const data = (await events.next())?.data;
    assert.deepEqual([data?.highMs, data?.ledger, data?.points.length], [null, ledgerAt(3), 1]);
  },
);

Deno.test("/events forgets the points of an earlier run that was ahead in event time", sanitized, async () => {
  await using site = await openSite();
  const dayMs = 86_400_000;
  site.views.stored = [averagePoint("travel", 9 * dayMs)];
  const times = async () => {
    await using events = await EventReader.connect(site);
    return (await events.next())?.data?.points.map((point) => Date.parse(String(point.time)));
  };
  assert.deepEqual(await times(), [9 * dayMs]);
  site.views.publish(update(dayMs));
  assert.deepEqual(await times(), [dayMs]);
});

Deno.test("/events sends a snapshot without points when the store does not answer", sanitized, async () => {
  await using site = await openSite();
  site.views.publish({ points: [], highMs: undefined, ledger: ledgerAt(1) });
  site.views.failure = new TypeError("Cannot read");
  await using events = await EventReader.connect(site);
  assert.deepEqual([(await events.next())?.data?.points, site.failures], [[], [site.views.failure]]);
});

Deno.test("/events gives who comes back a snapshot, whatever the last id", sanitized, async () => {
  await using site = await openSite();
  site.views.publish(update(5_000));
  for (const last of ["1", "999", "-1", "<script>"]) {
    await using events = await EventReader.connect(site, { headers: { "last-event-id": last } });
    assert.equal((await events.next())?.event, "snapshot", last);
  }
});

Deno.test("/events sends names as JSON whatever they hold: an event stays one event", sanitized, async () => {
  await using site = await openSite();
  await using events = await EventReader.connect(site);
  await events.next();
  const names = ["a\n\ndata: b", "<script>", "☕️", "\r\nevent: snapshot", "\u2028"];
  for (const name of names) site.views.publish(update(5_000, name));
  const seen = [];
  for (const _ of names) seen.push((await events.next())?.data?.points[0]?.category);
  assert.deepEqual(seen, names);
});

Deno.test("/events says every 15 s that it lives, as long as anybody listens", sanitized, async () => {
  await using site = await openSite();
  {
    await using events = await EventReader.connect(site);
    await events.next();
    for (let beat = 0; beat < 3; beat++) {
      site.clock.advance(HEARTBEAT_MS - 1);
      assert.equal(site.clock.armed, 1);
      site.clock.advance(1);
      assert.equal((await events.next())?.comment, "heartbeat");
    }
  }
  await settled(site, () => site.clock.armed === 0);
});

Deno.test("/events takes clients up to the limit, tells the next why not, and frees places", sanitized, async () => {
  await using site = await openSite({ maxEventClients: 2 });
  await using _first = await EventReader.connect(site);
  {
    await using _second = await EventReader.connect(site);
    const refused = await site.get("/events");
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "5"]);
    assert.match(JSON.parse(refused.text).error, /2 clients are connected, which is the limit/);
  }
  for (let status = 503; status === 503;) {
    const response = await fetch(`${site.server.url}/events`);
    status = response.status;
    await response.body?.cancel();
  }
});

Deno.test(
  "/events to a client that does not read: its queue stays bounded, and the newest state follows",
  sanitized,
  async () => {
    await using site = await openSite();
    await using events = await EventReader.connect(site);
    await events.next();
    // Far more than the system's buffers between the two hold, so that the server's own queue overflows.
    const rounds = 4 * QUEUE_FRAMES, category = "x".repeat(500_000);
    for (let round = 1; round <= rounds; round++) {
      const { highMs, ledger } = update(5_000 * round);
      for (const tell of site.views.listeners) {
        tell({ points: [averagePoint(category, highMs)], highMs, ledger, samples: [], anomalies: [] });
      }
      await site.get("/healthz");
    }
    const seen: string[] = [];
    for (let highMs = 0; highMs < 5_000 * rounds;) {
      const next = await events.next();
      seen.push(next?.event ?? "end");
      highMs = next?.data?.highMs ?? Infinity;
    }
    assert.ok(seen.length < rounds - QUEUE_FRAMES, `${seen.length} of ${rounds} frames`);
    assert.deepEqual([new Set(seen.slice(0, -1)), seen.at(-1)], [new Set(["delta"]), "snapshot"]);
  },
);

Deno.test("/events turns an update of more points than a snapshot may hold into a snapshot", sanitized, async () => {
  await using site = await openSite();
  await using events = await EventReader.connect(site);
  await events.next();
  const points = (count: number, timeMs: number) =>
    Array.from({ length: count }, (_, index) => averagePoint(`category ${index}`, timeMs));
  const { capacity } = SNAPSHOT_POINTS;
  site.views.publish({ points: points(capacity, 5_000), highMs: 5_000, ledger: ledgerAt(1) });
  const whole = await events.next();
  site.views.publish({
    points: [...points(1, 5_000), ...points(capacity, 10_000)],
    highMs: 10_000,
    ledger: ledgerAt(2),
  });
  const cut = await events.next();
  assert.deepEqual([whole?.event, whole?.data?.points.length], ["delta", capacity]);
  assert.deepEqual([cut?.event, cut?.data?.points.length, cut?.data?.highMs], ["snapshot", capacity, 10_000]);
});

Deno.test("serveWeb() disposed of ends every stream within a second and unsubscribes", sanitized, async () => {
  const site = await openSite();
  const readers = await Promise.all([1, 2, 3].map(() => EventReader.connect(site)));
  for (const reader of readers) await reader.next();
  const startMs = performance.now();
  await site[Symbol.asyncDispose]();
  assert.ok(performance.now() - startMs < 1_000);
  assert.deepEqual(await Promise.all(readers.map((reader) => reader.next())), [undefined, undefined, undefined]);
  assert.deepEqual([site.views.listeners.size, site.clock.armed], [0, 0]);
});

Deno.test("serveWeb() disposed of while an answer hangs cuts it off at the limit", sanitized, async () => {
  const site = await openSite();
  const gate = Promise.withResolvers<void>();
  site.views.gate = gate.promise;
  const hanging = assert.rejects(site.get("/api/points?measurement=transactions_avg"));
  while (site.views.reads === 0) await site.get("/healthz");
  const disposed = site[Symbol.asyncDispose]();
  site.clock.advance(1_000);
  await disposed;
  gate.resolve();
  await hanging;
});
