import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  decodeAssignment,
  encodeAssignment,
  encodeSubscription,
  type GroupMember,
  reportIn,
  shareOut,
  splitOf,
} from "../../src/kafka/consumer_protocol.ts";
import type { CategoryReport } from "../../src/stream/source.ts";

const member = (memberId: string, instanceId: string | null = null): GroupMember => (
  { memberId, instanceId, report: undefined }
);
const shared = (partitionCount: number) => ({ partitionCount, split: undefined });
const SPLIT: CategoryReport = { kind: "split", text: "a category – „é“ – is in 3 and 7" };
const DISJOINT: CategoryReport = { kind: "disjoint" };

Deno.test("shareOut() gives each partition to one member, in runs that differ by one at most", () => {
  for (let members = 1; members <= 7; members++) {
    for (const count of [0, 1, 5, 12, 13]) {
      const shares = shareOut(Array.from({ length: members }, (_, index) => member(`m${index}`)), shared(count));
      assert.deepEqual(shares.flatMap((share) => share.partitions), Array.from({ length: count }, (_, p) => p));
      const lengths = shares.map((share) => share.partitions.length);
      assert.ok(Math.max(...lengths) - Math.min(...lengths) <= 1, `${members} members: ${lengths}`);
    }
  }
});

Deno.test("shareOut() gives the same shares whatever the order, and to a static member under any member id", () => {
  const shares = shareOut([member("b"), member("a")], shared(4));
  assert.deepEqual(shares, shareOut([member("a"), member("b")], shared(4)));
  const [first] = shareOut([member("x1", "one"), member("a1", "two")], shared(4));
  const [again] = shareOut([member("b2", "two"), member("y2", "one")], shared(4));
  assert.deepEqual([first?.memberId, again?.memberId], ["x1", "y2"]);
  assert.deepEqual(first?.partitions, again?.partitions);
});

Deno.test("shareOut() gives everything to one member upon a split, and nothing to the others", () => {
  const shares = shareOut([member("c"), member("a"), member("b")], { partitionCount: 3, split: "why" });
  const expected = [["a", [0, 1, 2]], ["b", []], ["c", []]];
  assert.deepEqual(shares.map(({ memberId, partitions }) => [memberId, partitions]), expected);
});

Deno.test("splitOf() is what any member says, until the one that owned everything has seen the end of it", () => {
  const saying = (...reports: (CategoryReport | undefined)[]) =>
    splitOf(reports.map((report, index) => ({ ...member(`m${index}`), report })));
  assert.equal(saying(undefined, undefined), undefined);
  assert.equal(saying(undefined, SPLIT, SPLIT), SPLIT.text);
  assert.equal(saying(SPLIT, DISJOINT, SPLIT), undefined);
});

Deno.test("decodeAssignment() reads back what encodeAssignment() wrote, for its topic alone", () => {
  for (const split of [undefined, SPLIT.text]) {
    const bytes = encodeAssignment("transactions", [3, 1, 2], { partitionCount: 12, split });
    const expected = { partitions: [1, 2, 3], partitionCount: 12, split };
    assert.deepEqual(decodeAssignment(bytes, "transactions"), expected);
    assert.deepEqual(decodeAssignment(bytes, "other"), { ...expected, partitions: [] });
  }
  const nothing = { partitions: [], partitionCount: undefined, split: undefined };
  assert.deepEqual(decodeAssignment(Buffer.alloc(0), "transactions"), nothing);
});

Deno.test("encodeSubscription() is Kafka's ConsumerProtocolSubscription, version 0", () => {
  assert.deepEqual([...encodeSubscription("ab", undefined)], [0, 0, 0, 0, 0, 1, 0, 2, 97, 98, 255, 255, 255, 255]);
});

Deno.test("reportIn() reads back what encodeSubscription() was given", () => {
  for (const report of [undefined, SPLIT, DISJOINT]) {
    assert.deepEqual(reportIn(encodeSubscription("transactions", report)), report);
  }
});
