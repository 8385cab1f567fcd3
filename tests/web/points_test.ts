import assert from "node:assert/strict";
import { flatten, type Point } from "../../src/domain/point.ts";
import { MAX_READS } from "../../src/web/points_answer.ts";
import { parsePointsQuery } from "../../src/web/points_query.ts";
import { averagePoint } from "../fakes/fake_views.ts";
import { openSite } from "./site.ts";

const sanitized = { sanitizeOps: true, sanitizeResources: true };
const HOSTILE = ["<script>alert(1)</script>", "☕️ кофе", 'a"b\\c', "&category=x", "x".repeat(128)];
const at = (text: string) => Date.parse(text);
const totalPoint = (region: string, timeMs: number): Point => ({
  measurement: "transactions_total",
  tags: { category: "travel", region },
  timeMs,
  fields: { transaction_count: 1, final: true },
});

Deno.test("/api/points gives the points of export in order, from inclusive, to exclusive", sanitized, async () => {
  await using site = await openSite();
  site.views.stored = [1_000, 2_000, 3_000, 4_000].map((timeMs) => averagePoint("travel", timeMs));
  const times = async (range: string) => {
    const { text } = await site.get(`/api/points?measurement=transactions_avg${range}`);
    return JSON.parse(text).map((point: { time: string }) => at(point.time));
  };
  assert.deepEqual(await times(""), [1_000, 2_000, 3_000, 4_000]);
  assert.deepEqual(await times("&from=2000&to=4000"), [2_000, 3_000]);
  assert.deepEqual(await times("&from=2001"), [3_000, 4_000]);
  assert.deepEqual(await times("&to=2001"), [1_000, 2_000]);
  assert.deepEqual(await times("&from=1970-01-01T00:00:02Z&to=1970-01-01T01:00:03.5%2B01:00"), [2_000, 3_000]);
  assert.deepEqual(await times("&from=2000&to=2000"), []);
  const whole = JSON.parse((await site.get("/api/points?measurement=transactions_avg&to=2000")).text);
  assert.deepEqual(whole, [flatten(averagePoint("travel", 1_000))]);
});

Deno.test("/api/points filters by category and region, whatever characters they have", sanitized, async () => {
  await using site = await openSite();
  site.views.stored = [
    ...HOSTILE.map((category) => averagePoint(category, 1_000)),
    totalPoint("CA", 1_000),
    totalPoint("NY", 1_000),
  ];
  for (const category of HOSTILE) {
    const { text } = await site.get(
      `/api/points?measurement=transactions_avg&category=${encodeURIComponent(category)}`,
    );
    assert.deepEqual(JSON.parse(text), [flatten(averagePoint(category, 1_000))]);
  }
  const { text } = await site.get("/api/points?measurement=transactions_total&category=travel&region=NY");
  assert.deepEqual(JSON.parse(text), [flatten(totalPoint("NY", 1_000))]);
});

Deno.test("/api/points says what is allowed when a parameter is wrong, and repeats none", sanitized, async () => {
  await using site = await openSite();
  const average = "measurement=transactions_avg";
  const bad = [
    "",
    "measurement=",
    "measurement=nonsense<script>",
    "measurement=toString",
    "measurement=__proto__",
    `${average}&limit=5`,
    `${average}&Category=x`,
    `${average}&from=1&from=2`,
    `${average}&from=`,
    `${average}&from=yesterday`,
    `${average}&from=-1`,
    `${average}&from=1.5`,
    `${average}&from=1e3`,
    `${average}&from=9999999999999999`,
    `${average}&to=2026-01-01`,
    `${average}&to=2026-01-01T00:00:00`,
    `${average}&to=2026-02-30T00:00:00Z`,
    `${average}&to=2026-13-01T00:00:00Z`,
    `${average}&to=2026-01-01T00:00:00+01:00`,
    `${average}&to=1969-12-31T23:59:59Z`,
    `${average}&to=2262-01-01T00:00:00Z`,
    `${average}&from=2&to=1`,
    `${average}&region=CA`,
    `${average}&category=`,
    `${average}&category=${"x".repeat(129)}`,
    "measurement=tally_partition&category=x",
  ];
  for (const query of bad) {
    const { status, text } = await site.get(`/api/points?${query}`);
    assert.equal(status, 400, query);
    assert.match(text, /^\{"error":"Cannot read points: [^\n<]*"\}\n$/, query);
  }
  assert.equal(site.views.reads, 0);
});

Deno.test("parsePointsQuery() takes the edges of time", () => {
  const read = (from: string) =>
    parsePointsQuery(new URLSearchParams({ measurement: "transactions_avg", from })).fromMs;
  assert.deepEqual(["0", "1970-01-01T00:00Z", "2261-12-31T23:59:59.999Z", "2024-02-29T12:00:00-05:00"].map(read), [
    0,
    0,
    Date.UTC(2262, 0, 1) - 1,
    Date.UTC(2024, 1, 29, 17),
  ]);
});

Deno.test("/api/points answers a range at the limit whole and refuses one point more", sanitized, async () => {
  for (const maxPoints of [1, 4_096, 5_000]) {
    await using site = await openSite({ maxPoints });
    site.views.stored = Array.from({ length: maxPoints }, (_, index) => averagePoint("travel", index));
    const whole = await site.get("/api/points?measurement=transactions_avg");
    assert.equal(JSON.parse(whole.text).length, maxPoints);
    site.views.stored.push(averagePoint("travel", maxPoints));
    const { status, text } = await site.get("/api/points?measurement=transactions_avg");
    assert.deepEqual([status, JSON.parse(text).error.includes(`more than ${maxPoints}`)], [400, true]);
    const part = await site.get(`/api/points?measurement=transactions_avg&from=1`);
    assert.equal(JSON.parse(part.text).length, maxPoints);
  }
});

Deno.test("/api/points is gzipped for who takes it, and the same", sanitized, async () => {
  await using site = await openSite();
  site.views.stored = Array.from({ length: 500 }, (_, index) => averagePoint("travel", index));
  const read = (encoding: string) =>
    site.get("/api/points?measurement=transactions_avg", { headers: { "accept-encoding": encoding } });
  assert.equal((await read("gzip")).text, (await read("identity")).text);
});

Deno.test("/api/points reads a bounded number of answers at once, and gives the places back", sanitized, async () => {
  await using site = await openSite();
  const gate = Promise.withResolvers<void>();
  site.views.gate = gate.promise;
  const path = "/api/points?measurement=transactions_avg";
  const waiting = Array.from({ length: MAX_READS }, () => site.get(path));
  while (site.views.reads < MAX_READS) await site.get("/healthz");
  const refused = await site.get(path);
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
  gate.resolve();
  assert.deepEqual((await Promise.all(waiting)).map(({ status }) => status), Array(MAX_READS).fill(200));
  for (let round = 0; round <= MAX_READS; round++) assert.equal((await site.get(path)).status, 200);
});

Deno.test("/api/points gives its place back when the read fails or the client leaves", sanitized, async () => {
  await using site = await openSite();
  site.views.failure = new TypeError("Cannot read");
  for (let round = 0; round <= MAX_READS; round++) {
    assert.equal((await site.get("/api/points?measurement=transactions_avg")).status, 500);
  }
  site.views.failure = undefined;
  site.views.stored = Array.from({ length: 20_000 }, (_, index) => averagePoint("travel", index));
  const path = "/api/points?measurement=transactions_avg";
  for (let round = 0; round < MAX_READS; round++) {
    const response = await fetch(`${site.server.url}${path}`);
    assert.equal(response.status, 200);
    await response.body?.cancel();
  }
  for (let round = 0; round <= MAX_READS; round++) {
    // The server notices a moment later that a client has left.
    let { status } = await site.get(path, { method: "HEAD" });
    for (let attempt = 0; attempt < 1_000 && status === 503; attempt++) {
      ({ status } = await site.get(path, { method: "HEAD" }));
    }
    assert.equal(status, 200);
  }
});
