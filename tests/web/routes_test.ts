import assert from "node:assert/strict";
import { RetryableError } from "../../src/stream/failures.ts";
import { ASSETS } from "../../src/web/assets.ts";
import { MAX_HEADER_CHARS, MAX_TARGET_CHARS } from "../../src/web/reply.ts";
import { serveWeb } from "../../src/web/server.ts";
import { FakeViews, ledgerAt } from "../fakes/fake_views.ts";
import { ManualClock } from "./manual_clock.ts";
import { openSite } from "./site.ts";

const sanitized = { sanitizeOps: true, sanitizeResources: true };
const PATHS = [
  ...Object.keys(ASSETS),
  "/api/ledger",
  "/api/actors",
  "/api/pipeline",
  "/api/dead-letters",
  "/healthz",
  "/livez",
  "/metrics",
];
const SECURITY = ["content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy"];

Deno.test("routes: every path answers 200 with a type, a security policy and nosniff", sanitized, async () => {
  await using site = await openSite();
  for (const path of [...PATHS, "/api/points?measurement=transactions_avg"]) {
    const { status, headers, text } = await site.get(path);
    assert.equal(status, 200, path);
    assert.notEqual(text, "", path);
    assert.match(headers.get("content-type") ?? "", /charset=utf-8|svg/, path);
    assert.match(headers.get("content-security-policy") ?? "", /^default-src 'self'; /, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
  }
});

Deno.test("routes: HEAD has the status and the headers of GET and no body", sanitized, async () => {
  await using site = await openSite();
  for (const path of [...PATHS, "/api/points?measurement=transactions_avg", "/missing", "/api/points"]) {
    const get = await site.get(path), head = await site.get(path, { method: "HEAD" });
    assert.deepEqual([head.status, head.text], [get.status, ""], path);
    for (const name of ["content-type", ...SECURITY]) assert.equal(head.headers.get(name), get.headers.get(name), path);
  }
});

Deno.test("routes: HEAD of /events takes no client's place", sanitized, async () => {
  await using site = await openSite({ maxEventClients: 1 });
  for (let round = 0; round < 3; round++) {
    const { status, headers } = await site.get("/events", { method: "HEAD" });
    assert.deepEqual([status, headers.get("content-type")], [200, "text/event-stream; charset=utf-8"]);
  }
});

Deno.test("routes: HEAD of /api/points gives its read back", sanitized, async () => {
  await using site = await openSite();
  for (let round = 0; round < 20; round++) {
    const { status } = await site.get("/api/points?measurement=transactions_avg", { method: "HEAD" });
    assert.equal(status, 200);
  }
});

Deno.test("routes: the views' answers come out as they are", sanitized, async () => {
  await using site = await openSite();
  site.views.currentLedger = ledgerAt(7, 9);
  assert.deepEqual(JSON.parse((await site.get("/api/ledger")).text), ledgerAt(7, 9));
  assert.equal(JSON.parse((await site.get("/api/actors")).text).name, "tally");
  const metrics = await site.get("/metrics");
  assert.match(metrics.text, /^tally_events_total 1$/m);
  assert.equal(metrics.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
});

Deno.test("routes: /healthz is 503 with the problems when something is wrong", sanitized, async () => {
  await using site = await openSite();
  assert.deepEqual([(await site.get("/healthz")).status], [200]);
  site.views.currentHealth = { ok: false, problems: ["Partition 3 has not advanced for 30 s"] };
  const { status, text } = await site.get("/healthz");
  assert.deepEqual([status, JSON.parse(text).problems], [503, ["Partition 3 has not advanced for 30 s"]]);
});

Deno.test(
  "routes: /livez is 503 when actors have no turns, and not because something is behind",
  sanitized,
  async () => {
    await using site = await openSite({ token: "secret" });
    site.views.currentHealth = { ok: false, problems: ["Partition 3 has not advanced for 30 s"] };
    assert.deepEqual([(await site.get("/livez")).status, (await site.get("/healthz")).status], [200, 503]);
    site.views.alive = false;
    assert.deepEqual([(await site.get("/livez")).status, (await site.get("/livez")).text], [503, '{"ok":false}\n']);
  },
);

Deno.test("routes: an unknown path is a 404 in JSON that does not repeat it", sanitized, async () => {
  await using site = await openSite();
  for (const path of ["/<script>", "/app.js/", "/../server.ts", "/%2e%2e/server.ts", "/vendor/", "//", "/API/ledger"]) {
    const { status, headers, text } = await site.get(path);
    assert.deepEqual([status, headers.get("content-type")], [404, "application/json; charset=utf-8"], path);
    assert.doesNotMatch(text, /script|server\.ts/i);
    assert.match(JSON.parse(text).error, /^Cannot find this path: /);
  }
});

Deno.test("routes: a method that a path does not take is a 405 that names those it takes", sanitized, async () => {
  await using site = await openSite();
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    for (const path of ["/", "/events", "/api/points", "/healthz", "/missing"]) {
      const { status, headers } = await site.get(path, { method });
      assert.deepEqual([status, headers.get("allow")], [405, "GET, HEAD"], `${method} ${path}`);
    }
  }
  assert.equal((await site.get("/login", { method: "DELETE" })).headers.get("allow"), "GET, HEAD, POST");
});

Deno.test(
  "routes: an address or headers over the limit are refused, those at the limit are not",
  sanitized,
  async () => {
    await using site = await openSite();
    const path = "/healthz?";
    const room = MAX_TARGET_CHARS - path.length;
    assert.equal((await site.get(path + "x".repeat(room))).status, 200);
    assert.equal((await site.get(path + "x".repeat(room + 1))).status, 414);
    const sizes = await Promise.all(
      [MAX_HEADER_CHARS - 1_000, MAX_HEADER_CHARS].map(async (size) =>
        (await site.get("/healthz", { headers: { "x-big": "x".repeat(size) } })).status
      ),
    );
    assert.deepEqual(sizes, [200, 431]);
  },
);

Deno.test("routes: a GET with a body is refused", sanitized, async () => {
  await using site = await openSite();
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: site.server.port });
  const request = "GET /api/ledger HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc";
  await connection.write(new TextEncoder().encode(request));
  const answer = new Uint8Array(64);
  await connection.read(answer);
  assert.match(new TextDecoder().decode(answer), /^HTTP\/1\.1 413 /);
});

Deno.test(
  "routes: a file is gzipped for who takes it, and not sent again while it is the same",
  sanitized,
  async () => {
    await using site = await openSite();
    const plain = await site.get("/app.js", { headers: { "accept-encoding": "identity" } });
    const zipped = await site.get("/app.js", { headers: { "accept-encoding": "br, gzip" } });
    const refused = await site.get("/app.js", { headers: { "accept-encoding": "gzip;q=0" } });
    assert.equal(zipped.text, plain.text);
    assert.deepEqual([plain.headers.get("content-encoding"), refused.headers.get("content-encoding")], [null, null]);
    const again = await site.get("/app.js", { headers: { "if-none-match": plain.headers.get("etag") ?? "" } });
    assert.deepEqual([again.status, again.text], [304, ""]);
  },
);

Deno.test(
  "routes: a store that cannot answer is a 503 with a time to wait, any other failure a 500 that tells nothing",
  sanitized,
  async () => {
    await using site = await openSite();
    const busy = new RetryableError("Cannot reach influx.internal", { retryAfterMs: 2_500 });
    const broken = new TypeError("Cannot read secret of undefined");
    for (const path of ["/api/ledger", "/api/actors", "/metrics", "/api/points?measurement=tally_partition"]) {
      site.views.failure = busy;
      const wait = await site.get(path);
      assert.deepEqual([wait.status, wait.headers.get("retry-after")], [503, "3"], path);
      site.views.failure = broken;
      const failed = await site.get(path);
      assert.equal(failed.status, 500, path);
      assert.doesNotMatch(wait.text + failed.text, /influx|secret/);
      assert.equal(failed.headers.get("x-content-type-options"), "nosniff");
    }
    assert.deepEqual(site.failures.slice(0, 2), [busy, broken]);
  },
);

Deno.test("serveWeb() on a port that is taken throws and leaves no subscription behind", sanitized, async () => {
  await using site = await openSite();
  const views = new FakeViews(), { port } = site.server;
  const options = { host: "127.0.0.1", port, clock: new ManualClock(), views, appName: "Tally", version: "1" };
  await assert.rejects(serveWeb(options), Deno.errors.AddrInUse);
  assert.equal(views.listeners.size, 0);
});

Deno.test("serveWeb() refuses limits that make no sense, and an empty token", sanitized, async () => {
  const good = {
    host: "127.0.0.1",
    port: 0,
    clock: new ManualClock(),
    views: new FakeViews(),
    appName: "T",
    version: "1",
  };
  for (
    const bad of [{ maxEventClients: 0 }, { maxEventClients: NaN }, { maxPoints: 0 }, { maxPoints: -1 }, { token: "" }]
  ) {
    await assert.rejects(serveWeb({ ...good, ...bad }), RangeError, JSON.stringify(bad));
  }
  assert.equal(good.views.listeners.size, 0);
});
