import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { decodeAssignment, encodeAssignment, encodeSubscription, shareOut } from "../../src/kafka/consumer_protocol.ts";

const member = (memberId: string, instanceId: string | null = null) => ({ memberId, instanceId });

Deno.test("shareOut() gives each partition to one member, in runs that differ by one at most", () => {
  for (let members = 1; members <= 7; members++) {
    for (const count of [0, 1, 5, 12, 13]) {
      const shares = shareOut(Array.from({ length: members }, (_, index) => member(`m${index}`)), count);
      assert.deepEqual(shares.flatMap((share) => share.partitions), Array.from({ length: count }, (_, p) => p));
      const lengths = shares.map((share) => share.partitions.length);
      assert.ok(Math.max(...lengths) - Math.min(...lengths) <= 1, `${members} members: ${lengths}`);
    }
  }
});

Deno.test("shareOut() gives the same shares whatever the order, and to a static member under any member id", () => {
  const shares = shareOut([member("b"), member("a")], 4);
  assert.deepEqual(shares, shareOut([member("a"), member("b")], 4));
  const [first] = shareOut([member("x1", "one"), member("a1", "two")], 4);
  const [again] = shareOut([member("b2", "two"), member("y2", "one")], 4);
  assert.deepEqual([first?.memberId, again?.memberId], ["x1", "y2"]);
  assert.deepEqual(first?.partitions, again?.partitions);
});

Deno.test("decodeAssignment() reads back what encodeAssignment() wrote, for its topic alone", () => {
  const bytes = encodeAssignment("transactions", [3, 1, 2]);
  assert.deepEqual(decodeAssignment(bytes, "transactions"), [1, 2, 3]);
  assert.deepEqual(decodeAssignment(bytes, "other"), []);
  assert.deepEqual(decodeAssignment(Buffer.alloc(0), "transactions"), []);
});

Deno.test("encodeSubscription() is Kafka's ConsumerProtocolSubscription, version 0", () => {
  assert.deepEqual([...encodeSubscription("ab")], [0, 0, 0, 0, 0, 1, 0, 2, 97, 98, 255, 255, 255, 255]);
});
