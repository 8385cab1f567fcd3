import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import type { Point } from "../../src/domain/point.ts";
import { toLine } from "../../src/domain/line_protocol.ts";
import { InfluxStore } from "../../src/influx/influx_store.ts";
import type { WriteResult } from "../../src/stream/store.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import { avgPoint } from "../contracts/store_contract.ts";
import { type Answer, refusal, ScriptedInflux, written } from "./scripted_influx.ts";

const pointsOf = (count: number, bad: ReadonlySet<number> = new Set()): readonly Point[] =>
  Array.from(
    { length: count },
    (_, n) => avgPoint(n, { tags: { category: bad.has(n) ? "bad" : "good", window: "60s" } }),
  );

const isBad = (line: string): boolean => line.includes("category=bad");

/** Takes a write without bad lines, and refuses any other with `status`. */
const refusesBad =
  (status: number, message = (_lines: readonly string[]) => "unable to parse"): Answer => ({ lines }) =>
    lines.some(isBad) ? refusal(status, message(lines)) : written();

interface Outcome {
  readonly result: WriteResult;
  readonly requests: number;
  /** Lines that some acknowledged request held. */
  readonly acknowledged: ReadonlySet<string>;
}

async function outcomeOf(points: readonly Point[], answer: Answer): Promise<Outcome> {
  const acknowledged = new Set<string>();
  await using server = new ScriptedInflux(async (received) => {
    const response = await answer(received);
    if (response.ok) received.lines.forEach((line) => acknowledged.add(line));
    return response;
  });
  await using store = new InfluxStore(server.config, { clock: systemClock });
  const result = await store.write(points);
  return { result, requests: server.received.length, acknowledged };
}

Deno.test("InfluxStore.write() sends at most 5,000 lines a request, one request after the other", async () => {
  const cases: readonly (readonly [number, readonly number[]])[] = [
    [0, []],
    [1, [1]],
    [5_000, [5_000]],
    [5_001, [5_000, 1]],
    [12_001, [5_000, 5_000, 2_001]],
  ];
  for (const [count, sizes] of cases) {
    await using server = new ScriptedInflux(written);
    await using store = new InfluxStore(server.config, { clock: systemClock });
    const points = pointsOf(count);
    assert.deepStrictEqual(await store.write(points), { refused: [] });
    assert.deepStrictEqual(server.writeSizes, sizes);
    assert.deepStrictEqual(server.received.flatMap(({ lines }) => lines), points.map(toLine));
    assert.ok(server.mostAtOnce <= 1);
  }
});

Deno.test("InfluxStore.write() resolves only after the answer to its last request", async () => {
  const last = Promise.withResolvers<Response>(), arrived = Promise.withResolvers<void>();
  await using server = new ScriptedInflux(({ lines }) => {
    if (lines.length === 5_000) return written();
    arrived.resolve();
    return last.promise;
  });
  await using store = new InfluxStore(server.config, { clock: systemClock });
  const state = { settled: false };
  const write = store.write(pointsOf(5_001)).then((result) => {
    state.settled = true;
    return result;
  });
  await arrived.promise;
  await new Promise((resolve) => setImmediate(resolve));
  assert.strictEqual(state.settled, false);
  last.resolve(written());
  assert.deepStrictEqual(await write, { refused: [] });
});

Deno.test("InfluxStore.write() says who it is, where to and in which precision", async () => {
  await using server = new ScriptedInflux(written);
  await using store = new InfluxStore({ ...server.config, bucket: "a b/c", org: "ö" }, { clock: systemClock });
  await store.write(pointsOf(1));
  assert.deepStrictEqual(server.received.map(({ path }) => path), [
    "/api/v2/write?org=%C3%B6&bucket=a%20b%2Fc&precision=ms",
  ]);
  assert.strictEqual(server.received[0]?.headers.get("authorization"), "Token s3cret");
  assert.strictEqual(server.received[0]?.headers.get("content-encoding"), null);
});

Deno.test("InfluxStore.write() compresses for another host, small writes excepted", async () => {
  await using server = new ScriptedInflux(written);
  const url = server.config.url.replace("127.0.0.1", "0.0.0.0");
  await using store = new InfluxStore({ ...server.config, url }, { clock: systemClock });
  const few = pointsOf(1), many = pointsOf(100);
  await store.write(few);
  await store.write(many);
  assert.deepStrictEqual(server.received.map(({ headers }) => headers.get("content-encoding")), [null, "gzip"]);
  assert.deepStrictEqual(server.received.map(({ lines }) => lines), [few.map(toLine), many.map(toLine)]);
  assert.strictEqual(server.received[1]?.headers.get("authorization"), "Token s3cret");
});

Deno.test("InfluxStore.write() names exactly the lines that InfluxDB rejects and has every other acknowledged", async () => {
  const cases: readonly (readonly [string, number, readonly number[]])[] = [
    ["the only line", 1, [0]],
    ["the first line", 5_000, [0]],
    ["the last line", 5_000, [4_999]],
    ["one in the middle", 5_000, [2_500]],
    ["first and last", 5_000, [0, 4_999]],
    ["several, over two batches", 7_001, [1, 2, 3_000, 4_999, 5_000, 7_000]],
  ];
  for (const [name, count, bad] of cases) {
    const points = pointsOf(count, new Set(bad));
    const { result, requests, acknowledged } = await outcomeOf(points, refusesBad(400));
    const reason = "400 unable to parse";
    assert.deepStrictEqual(result.refused, bad.map((n) => ({ point: points[n], reason })), name);
    assert.deepStrictEqual(points.filter((point) => !acknowledged.has(toLine(point))), bad.map((n) => points[n]));
    const batches = Math.ceil(count / 5_000), bound = 2 * batches + 2 * bad.length * Math.ceil(Math.log2(5_000));
    assert.ok(requests <= bound, `${name}: ${requests} requests, at most ${bound}`);
  }
});

Deno.test("InfluxStore.write() searches for the lines at fault after 400, 413 and 422 alike", async () => {
  const points = pointsOf(8, new Set([2, 5]));
  for (const status of [400, 413, 422]) {
    const { result } = await outcomeOf(points, refusesBad(status));
    assert.deepStrictEqual(result.refused.map(({ point }) => point), [points[2], points[5]]);
    assert.deepStrictEqual(result.refused.map(({ reason }) => reason), Array(2).fill(`${status} unable to parse`));
  }
});

Deno.test("InfluxStore.write() takes at most 2n requests when all of n lines are rejected, and one check", async () => {
  const points = pointsOf(64, new Set(Array.from({ length: 64 }, (_, n) => n)));
  const { result, requests } = await outcomeOf(points, refusesBad(400));
  assert.deepStrictEqual(result.refused.map(({ point }) => point), points);
  assert.strictEqual(requests, 127 + 1);
});

Deno.test("InfluxStore.write() believes InfluxDB when it says, as 1.8 or 2.7, that it dropped every line", async () => {
  const points = pointsOf(5_000, new Set(Array.from({ length: 5_000 }, (_, n) => n)));
  for (const place of ["", ` for database: ${"0".repeat(16)} for retention policy: autogen`]) {
    const message = (lines: readonly string[]) => `partial write: ${"x".repeat(400)} dropped=${lines.length}${place}`;
    const { result, requests } = await outcomeOf(points, refusesBad(422, message));
    assert.strictEqual(result.refused.length, 5_000);
    assert.strictEqual(requests, 2);
  }
});

Deno.test("InfluxStore.write() does not believe a count that stands inside a name", async () => {
  const points = pointsOf(8, new Set([7]));
  const { result } = await outcomeOf(points, refusesBad(400, () => "unable to parse 'a dropped=8 ': no"));
  assert.deepStrictEqual(result.refused.map(({ point }) => point), [points[7]]);
});

Deno.test("InfluxStore.write() searches on when InfluxDB dropped all lines but one", async () => {
  const points = pointsOf(8, new Set([0, 1, 2, 3, 4, 5, 6]));
  const answer = refusesBad(422, (lines) => `partial write: some reason dropped=${lines.filter(isBad).length}`);
  const { result } = await outcomeOf(points, answer);
  assert.deepStrictEqual(result.refused.map(({ point }) => point), points.slice(0, 7));
});

Deno.test("InfluxStore.write() writes the later of two points of one name last, also while it searches", async () => {
  const first = avgPoint(1), second = avgPoint(1, { fields: { transaction_count: 2 } });
  const [bad] = pointsOf(1, new Set([0]));
  const sent: string[] = [];
  await outcomeOf([first, second].flatMap((point) => bad === undefined ? [] : [point, bad]), (received) => {
    if (!received.lines.some(isBad)) sent.push(...received.lines);
    return refusesBad(400)(received);
  });
  assert.deepStrictEqual(sent.filter((line) => line !== "#"), [toLine(first), toLine(second)]);
});

Deno.test("InfluxStore.write() does not blame lines when InfluxDB rejects even a write without any", async () => {
  await using server = new ScriptedInflux(() => refusal(400, "invalid precision"));
  await using store = new InfluxStore(server.config, { clock: systemClock });
  await assert.rejects(store.write(pointsOf(4)), { name: "RetryableError", message: /rejects even an empty write/ });
  assert.deepStrictEqual(server.writeSizes, [4, 1]);
});

Deno.test("InfluxStore.write() stops searching when InfluxDB can answer no more", async () => {
  await using server = new ScriptedInflux(({ lines }) =>
    lines.length > 2 ? refusal(400, "no") : lines.length === 2 ? refusal(503, "busy") : written()
  );
  await using store = new InfluxStore(server.config, { clock: systemClock });
  await assert.rejects(store.write(pointsOf(4)), RetryableError);
  assert.deepStrictEqual(server.writeSizes, [4, 1, 2]);
});

Deno.test("InfluxStore.write() keeps a reason short, with its end", async () => {
  const message = (lines: readonly string[]) => `unable to parse '${"x".repeat(100_000)}' dropped=${lines.length}`;
  const { result } = await outcomeOf(pointsOf(1, new Set([0])), refusesBad(400, message));
  assert.strictEqual(result.refused[0]?.reason.length, 300);
  assert.match(result.refused[0]?.reason ?? "", /^400 unable to parse 'x.*\.\.\.x.*dropped=1$/);
});

Deno.test("InfluxStore.write() gives the words of InfluxDB 1.8, of a proxy, and of no body at all", async () => {
  const answers: readonly (readonly [Response, string])[] = [
    [Response.json({ error: "partial write: no dropped=1" }, { status: 400 }), "400 partial write: no dropped=1"],
    [new Response("too\n large", { status: 413 }), "413 too large"],
    [new Response(null, { status: 413 }), "413"],
    [new Response(null, { status: 400, headers: { "x-influxdb-error": "said here" } }), "400 said here"],
  ];
  for (const [response, reason] of answers) {
    const { result } = await outcomeOf(
      pointsOf(1, new Set([0])),
      ({ lines }) => lines.some(isBad) ? response : written(),
    );
    assert.deepStrictEqual(result.refused.map((refused) => refused.reason), [reason]);
  }
});

Deno.test("new InfluxStore() refuses limits that are no numbers of things", async () => {
  await using server = new ScriptedInflux(written);
  for (const bad of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => new InfluxStore(server.config, { clock: systemClock, batchLines: bad }), RangeError);
    assert.throws(() => new InfluxStore(server.config, { clock: systemClock, pageRows: bad }), RangeError);
  }
});
