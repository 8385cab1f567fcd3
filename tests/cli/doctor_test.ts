import assert from "node:assert/strict";
import { sampleFindings, type TopicSample } from "../../src/cli/doctor.ts";

const NOW_MS = 1_000_000;
const SAMPLE: TopicSample = { records: 10, invalid: { count: 0, reason: "" }, strayed: undefined, newestMs: NOW_MS };
const levels = (change: Partial<TopicSample>) =>
  sampleFindings({ ...SAMPLE, ...change }, NOW_MS).map(({ level }) => level);

Deno.test("sampleFindings() of a keyed topic of transactions finds nothing wrong, of an empty one nothing at all", () => {
  assert.deepStrictEqual(levels({}), ["ok"]);
  assert.deepStrictEqual(levels({ records: 0, newestMs: -Infinity }), ["note"]);
});

Deno.test("sampleFindings() calls it a problem when no record at all is a transaction, else a note", () => {
  assert.deepStrictEqual(levels({ invalid: { count: 9, reason: "json" } }), ["note", "ok"]);
  assert.deepStrictEqual(levels({ invalid: { count: 10, reason: "json" } }), ["problem", "ok"]);
});

Deno.test("sampleFindings() names a category that lies elsewhere than its key belongs", () => {
  const [finding] = sampleFindings({ ...SAMPLE, strayed: { category: "a", partition: 3, belongsTo: 7 } }, NOW_MS);
  assert.strictEqual(finding?.level, "note");
  assert.match(finding.text, /"a" is in partition 3, its key belongs to 7; run one process/);
});

Deno.test("sampleFindings() calls a clock wrong from more than two seconds on", () => {
  assert.deepStrictEqual(levels({ newestMs: NOW_MS + 2_000 }), ["ok"]);
  assert.deepStrictEqual(levels({ newestMs: NOW_MS + 2_001 }), ["ok", "problem"]);
});
