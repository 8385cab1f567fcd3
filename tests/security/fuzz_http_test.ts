/**
 * The HTTP server and the configuration under hostile input: an answer or a refusal, never a crash, and no word of it back.
 *
 * TALLY_SEED replays a run; every failure prints seed and run number.
 */
import assert from "node:assert/strict";
import { readConfig } from "../../src/config.ts";
import { SETTINGS } from "../../src/settings.ts";
import { ConfigError } from "../../src/stream/failures.ts";
import { Dice } from "../domain/event_maker.ts";
import { openSite } from "../web/site.ts";
import { Wire } from "../web/wire.ts";
import { Mutator } from "./mutator.ts";

const SEED = Number(Deno.env.get("TALLY_SEED") ?? 20_261_122);
const REQUESTS = 3_000;
const RAW_REQUESTS = 1_500;
const CONFIGURATIONS = 30_000;
/** Stands in every request and in no answer. */
const MARK = "zqzqmark";

const PATHS = ["/", "/events", "/api/points", "/api/series", "/api/regions", "/api/ledger", "/api/actors", "/healthz"];
const NAMES = ["measurement", "from", "to", "category", "region", "token", "__proto__", MARK, ""];
const VALUES = [
  "transactions_avg",
  "transactions_total",
  "0",
  "-1",
  "1e3",
  "1700000000000",
  "2026-01-01T00:00:00Z",
  "9".repeat(40),
  "%00",
  "%ff%fe",
  "%",
  "%E0%A4%A",
  "<script>alert(1)</script>",
  "'; DROP TABLE points; --",
  "a%0d%0aSet-Cookie:%20x=1",
  "../../etc/passwd",
  "😀",
  "é",
  "x".repeat(1_000),
  "{}",
  "[]",
  MARK,
];
const METHODS = ["GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];

const sanitized = { sanitizeOps: true, sanitizeResources: true };

function target(dice: Dice): string {
  const one = <T>(of: readonly T[], other: T) => of[dice.below(of.length)] ?? other;
  const path = dice.chance(0.8) ? one(PATHS, "/") : `/${MARK}/${one(VALUES, "")}`;
  const pairs = Array.from({ length: dice.below(5) }, () => `${one(NAMES, "")}=${one(VALUES, "")}`);
  return `${path}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`;
}

Deno.test("serveWeb() answers or refuses whatever is asked, and repeats nothing of it", sanitized, async () => {
  console.log(`seed ${SEED}`);
  const dice = new Dice(SEED), statuses = new Map<number, number>();
  await using site = await openSite({ token: `right${MARK}`.slice(0, 5) });
  for (let run = 0; run < REQUESTS; run++) {
    const method = METHODS[dice.below(METHODS.length)] ?? "GET", path = target(dice);
    if (path.startsWith("/events") && method === "GET") continue;
    const authorization = dice.chance(0.8) ? "Bearer right" : `Bearer ${MARK}`;
    const headers = { authorization, "x-forwarded-proto": MARK, "if-none-match": MARK, cookie: `tally_x=${MARK}` };
    const { status, headers: said, text } = await site.get(path, { method, headers });
    const message = `seed ${SEED}, run ${run}: ${method} ${path} → ${status} ${text.slice(0, 200)}`;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    assert.ok(status < 500, message);
    assert.ok(![text, ...[...said].flat()].some((part) => part.includes(MARK)), message);
    assert.match(said.get("content-security-policy") ?? "", /^default-src 'self'; /, message);
  }
  console.log(Object.fromEntries(statuses));
  assert.deepEqual(site.failures, []);
  for (const status of [200, 400, 401, 404, 405]) assert.ok(statuses.has(status), `no ${status}`);
});

Deno.test("serveWeb() survives bytes that are hardly HTTP, and goes on serving", sanitized, async () => {
  const dice = new Dice(SEED), mutator = new Mutator(dice), encoder = new TextEncoder();
  await using site = await openSite();
  for (let run = 0; run < RAW_REQUESTS; run++) {
    const clean = encoder.encode(
      `GET ${
        encodeURI(target(dice).slice(0, 300))
      } HTTP/1.1\r\nHost: ${MARK}\r\nConnection: close\r\nX-Any: ${MARK}\r\n\r\n`,
    );
    const bytes = dice.chance(0.9) ? mutator.mutated(clean, clean) : mutator.random();
    using wire = await Wire.connect(site.server.port);
    // One that is refused early closes while we still write: nobody may mind.
    await wire.send(String.fromCharCode(...bytes)).catch(() => {});
  }
  assert.equal((await site.get("/healthz")).status, 200);
  assert.deepEqual(site.failures, []);
});

Deno.test("readConfig() takes a configuration or says what is wrong with it, whatever stands in the environment", () => {
  const dice = new Dice(SEED), secret = "hunter2hunter2", settings = Object.values(SETTINGS);
  const scraps = [
    "0",
    "1",
    "-1",
    "65535",
    "65536",
    "60s",
    "5s",
    "0ms",
    "1e3s",
    "9".repeat(30) + "h",
    "true",
    "",
    " ",
    "\0",
  ];
  const odd = [
    "a:1,b:2",
    "http://x:8086",
    `http://u:${secret}@x`,
    "host:0",
    "UTC",
    "Mars/Olympus",
    "amount=amt",
    "a=b=c",
  ];
  const more = ["__proto__=x", "😀", "x".repeat(10_000), "../..", "[::1]:9092", "PLAIN", "debug", "{}", "\n"];
  const values = [...scraps, ...odd, ...more];
  let good = 0;
  for (let run = 0; run < CONFIGURATIONS; run++) {
    const few = settings.filter(() => dice.chance(0.1));
    const given = new Map(few.map((setting) => {
      return [setting.env, setting.isSecret ? secret : values[dice.below(values.length)] ?? ""] as const;
    }));
    try {
      readConfig({ env: (name) => given.get(name) });
      good++;
    } catch (error) {
      const message = `seed ${SEED}, run ${run}: ${JSON.stringify([...given])} → ${error}`;
      assert.ok(error instanceof ConfigError, message);
      assert.doesNotMatch(error.message, new RegExp(secret), message);
      assert.ok(error.message.split("\n").every((line) => /^[A-Z_, ]+: /.test(line)), message);
    }
  }
  assert.ok(good > CONFIGURATIONS / 100 && good < CONFIGURATIONS, `${good} of ${CONFIGURATIONS} are good`);
});
