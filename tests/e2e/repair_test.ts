/** Repairs, embedded. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { Installation } from "./installation.ts";
import { assertRepairs } from "./repair_law.ts";

Deno.test("tally replay-dead and backfill keep the store exact beside a running processor, and the ledger says what was put back", async () => {
  await using tally = await Installation.create({ TALLY_FLUSH: "200ms", TALLY_IDLE: "500ms" });
  await assertRepairs(tally, systemClock.nowMs());
  await tally.run("reset", "--yes");
  const forgotten = await tally.with({ FIELD_MAP: "amount=amt" }).catchUp();
  assert.deepEqual([forgotten.total.amended, forgotten.total.late > 0], [0, true]);
});

Deno.test("tally backfill exits with 2 and says why when nothing is final, the range is empty or not final yet", async () => {
  await using tally = await Installation.create();
  await tally.run("topic", "create");
  const refusal = async (...args: readonly string[]) => {
    const { code, stderr } = await tally.start(...args).finished();
    assert.equal(code, 2, stderr);
    return stderr;
  };
  const range = ["--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T01:00:00Z"] as const;
  assert.match(await refusal("backfill", ...range), /nothing final yet/);
  assert.match(await refusal("backfill", "--from", range[3], "--to", range[1]), /--from must be before --to/);
  await tally.run("produce", "--count", "1000", "--rate", "10", "--speed", "max", "--start", "2025-01-01T00:00:00Z");
  await tally.catchUp();
  assert.match(await refusal("backfill", ...range), /final up to 2025-01-01T00:0/);
  assert.match(await refusal("replay-dead", "--reason", "nonsense"), /late, invalid, future/);
});
