/** The processor among other processes: who may process a log, how it is asked after, what a changed setting does. */
import assert from "node:assert/strict";
import type { Ledger } from "../../src/stream/ledger.ts";
import { assertBalanced } from "./comparison.ts";
import { Installation, lastLedger, reachedPosition } from "./installation.ts";
import { json } from "./program.ts";
import { assertStoreExact } from "./store_law.ts";

const GENERATED = ["produce", "--count", "1000", "--rate", "10", "--speed", "max"];
const COUNTS = ["amended", "counted", "end", "first", "future", "invalid", "late", "partition", "position", "skipped"];

Deno.test("tally run on a log that is being processed exits 2, naming the process, which goes on and drains on SIGTERM", async () => {
  await using tally = await Installation.create();
  await tally.run(...GENERATED);
  const first = tally.start("run");
  const url = await first.url(), port = new URL(url).port;
  await reachedPosition(url, 1_000);
  for (const command of [["run"], ["dev", "--for", "1s"]]) {
    const second = await tally.start(...command).finished();
    assert.equal(second.code, 2, second.stderr);
    assert.match(second.stderr.trimEnd().split("\n").at(-1) ?? "", new RegExp(`process ${first.pid}\\b`));
  }
  await tally.run("health", "--port", port);
  await tally.run("health", "--live", "--port", port);
  const answered = await json<Ledger>(`${url}/api/ledger`);
  first.signal("SIGTERM");
  const { code, stdout } = await first.finished();
  const printed = lastLedger(stdout);
  assert.equal(code, 0);
  assertBalanced(printed);
  assert.deepEqual(printed, answered);
  assert.deepEqual(
    printed.partitions.map((line) => Object.keys(line).toSorted()),
    printed.partitions.map(() => COUNTS),
  );
  for (const probe of [[], ["--live"]]) {
    assert.equal((await tally.start("health", ...probe, "--port", port).finished()).code, 1);
  }
});

Deno.test("tally doctor says that all is well before there is a topic, and after", async () => {
  await using tally = await Installation.create();
  assert.match(await tally.run("doctor"), /no topic transactions yet/);
  await tally.run("topic", "create");
  assert.match(await tally.run("doctor"), /topic transactions has 12 partitions/);
  const description: { readonly partitions: readonly unknown[] } = JSON.parse(await tally.run("topic", "describe"));
  assert.equal(description.partitions.length, 12);
});

Deno.test("tally run refuses a changed slide and a changed FIELD_MAP with exit 2, and goes on with --accept-mapping", async () => {
  await using tally = await Installation.create();
  await tally.run(...GENERATED);
  await tally.catchUp();
  for (
    const [settings, said] of [[{ TALLY_SLIDE: "10s" }, /slide/i], [{ FIELD_MAP: "amount=amt" }, /FIELD_MAP/]] as const
  ) {
    const { code, stderr } = await tally.with(settings).start("run", "--until-caught-up").finished();
    assert.equal(code, 2, stderr);
    assert.match(stderr.trimEnd().split("\n").at(-1) ?? "", said);
  }
  await assertStoreExact(tally);
  const { total } = await tally.with({ FIELD_MAP: "amount=amt" }).catchUp("--accept-mapping");
  assert.deepEqual([total.position, total.counted + total.late], [1_000, 1_000]);
  await assertStoreExact(tally);
});
