/** Input that is no transaction: named, never dropped. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { Backends } from "../../src/cli/backends.ts";
import { assertBadInputNamed, badLines, lettersOf } from "./bad_input.ts";
import { assertBalanced } from "./comparison.ts";
import { Installation } from "./installation.ts";
import { decide, readTopic } from "./recomputation.ts";

const MEGABYTE = 1_000_000;

Deno.test("tally topic tail --dead names every record that did not count with reason, partition, offset and its bytes", async () => {
  await using tally = await Installation.create();
  await assertBadInputNamed(tally, badLines(systemClock.nowMs()));
});

Deno.test("tally run counts a value of 1,000,000 bytes and dead-letters one byte more", async () => {
  await using tally = await Installation.create();
  const { config } = tally;
  {
    await using backends = new Backends(config, systemClock);
    await backends.ensureTopic();
    const producer = await backends.producer();
    await producer.send([MEGABYTE, MEGABYTE + 1].map((size) => ({ key: null, value: eventOf(size) })));
  }
  assertBalanced(await tally.catchUp());
  const decisions = decide(await readTopic(config), config);
  const letters = await tally.letters();
  assert.deepEqual(letters, lettersOf(decisions, config.topic));
  assert.deepEqual(letters.map(({ detail, value }) => [detail, value?.length]), [["oversize", 1_333_336]]);
});

Deno.test("tally produce sends a valid event of more than a megabyte from a file, and tally run dead-letters it", async () => {
  await using tally = await Installation.create();
  const path = `${tally.directory}/large.jsonl`, event = eventOf(MEGABYTE + 100);
  await Deno.writeFile(path, event);
  await tally.run("produce", "--file", path);
  const { total } = await tally.catchUp();
  assert.deepEqual([total.position, total.invalid], [1, 1]);
  assert.deepEqual((await tally.letters()).map(({ detail, value }) => [detail, value]), [[
    "oversize",
    event.toBase64(),
  ]]);
});

/** A transaction of exactly so many bytes. */
function eventOf(sizeBytes: number): Uint8Array {
  const start = `{"category":"travel","amount":1,"pad":"`;
  return new TextEncoder().encode(`${start}${"x".repeat(sizeBytes - start.length - 2)}"}`);
}
