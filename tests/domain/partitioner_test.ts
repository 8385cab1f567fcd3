import assert from "node:assert/strict";
import kafkajs from "kafkajs";
import { murmur2, partitionOf } from "../../src/domain/partitioner.ts";
import { SeededRandom } from "../../src/produce/seeded_random.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The partition that kafkajs, whose default partitioner is the Java client's, gives to `key`. */
function partitionByKafkajs(key: Uint8Array, partitions: number): number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));
  const message = { key: Buffer.from(key), value: null };
  return kafkajs.Partitioners.DefaultPartitioner()({ topic: "t", partitionMetadata, message });
}

Deno.test("murmur2() equals the vectors of Kafka's own UtilsTest", () => {
  const vectors: readonly (readonly [string, number])[] = [
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
  ];
  assert.deepStrictEqual(vectors.map(([text]) => [text, murmur2(bytes(text))]), vectors);
});

Deno.test("partitionOf() equals kafkajs's default partitioner for random keys of every length, at any buffer offset", () => {
  const random = new SeededRandom(20_260_101, 0);
  for (let round = 0; round < 2_000; round++) {
    const buffer = Uint8Array.from({ length: 3 + round % 67 }, () => random.below(256));
    const key = buffer.subarray(random.below(4));
    const partitions = 1 + random.below(64);
    assert.strictEqual(
      partitionOf(key, partitions),
      partitionByKafkajs(key, partitions),
      `seed 20260101 round ${round}`,
    );
  }
});

Deno.test("partitionOf() leaves 4 of 12 partitions empty for the 14 categories of the public card-fraud set", () => {
  const categories = [
    "grocery_pos gas_transport misc_net shopping_net home kids_pets entertainment",
    "food_dining personal_care health_fitness travel grocery_net misc_pos shopping_pos",
  ].join(" ").split(" ");
  assert.strictEqual(new Set(categories.map((category) => partitionOf(bytes(category), 12))).size, 8);
});

Deno.test("partitionOf() takes one partition and refuses none, fractions and NaN", () => {
  assert.strictEqual(partitionOf(bytes("home"), 1), 0);
  for (const bad of [0, -1, 1.5, NaN, Infinity]) assert.throws(() => partitionOf(bytes("home"), bad), RangeError);
});
