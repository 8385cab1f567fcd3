import assert from "node:assert/strict";
import { encodeCheckpoint, initialCheckpoint } from "../../src/stream/checkpoint.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import { GroupLedger, REFRESH_MS } from "../../src/stream/group_ledger.ts";
import { emptyCounts, imbalance, type LedgerLine, ledgerOf } from "../../src/stream/ledger.ts";
import type { Committed, TopicDescription } from "../../src/stream/source.ts";
import { ManualClock } from "../fakes/manual_clock.ts";

const SHAPE = { slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 };

/** A group of two members over four partitions, of which one is not begun and one was reset by an operator. */
class Group {
  reads = 0;
  isDown = false;
  position = 10;

  describe(): Promise<TopicDescription> {
    this.reads++;
    if (this.isDown) return Promise.reject(new RetryableError("Cannot reach the broker"));
    const partitions = [0, 1, 2, 3].map((partition) => ({ partition, first: 2, end: 100 }));
    return Promise.resolve({ topic: "t", partitions, timestampType: "appendTime", cleanupPolicy: "delete" });
  }

  committed(): Promise<ReadonlyMap<number, Committed>> {
    const { position } = this, ledger = { ...emptyCounts(0), counted: position - 1, late: 1 };
    const metadata = encodeCheckpoint({ ...initialCheckpoint(0, { ...SHAPE, fieldMap: "" }), position, ledger });
    const commit = (partition: number) => [partition, { partition, position, metadata }] as const;
    return Promise.resolve(new Map([commit(0), commit(1), [3, { partition: 3, position: 50, metadata: "" }]]));
  }
}

function lineOf(partition: number, counted: number): LedgerLine {
  return { ...emptyCounts(0), counted, partition, position: counted, end: 100 };
}

Deno.test("GroupLedger.around() has a line for every partition: our own as we know it, the others' as committed", async () => {
  const ledger = await new GroupLedger(new Group(), new ManualClock()).around(ledgerOf([lineOf(0, 77)]), [0]);
  assert.deepStrictEqual(
    ledger.partitions.map(({ partition, first, position, end, counted, late }) => {
      return [partition, first, position, end, counted, late];
    }),
    [[0, 0, 77, 100, 77, 0], [1, 0, 10, 100, 9, 1], [2, 2, 2, 100, 0, 0], [3, 50, 50, 100, 0, 0]],
  );
  assert.deepStrictEqual([ledger.total.position, ledger.total.counted], [139, 86]);
  for (const line of ledger.partitions) assert.strictEqual(imbalance(line, line.position), 0);
});

Deno.test("GroupLedger.around() takes what was committed for a partition that is ours no more", async () => {
  const own = ledgerOf([lineOf(0, 5), lineOf(1, 5)]);
  const { partitions } = await new GroupLedger(new Group(), new ManualClock()).around(own, [1]);
  assert.deepStrictEqual(partitions.slice(0, 2).map(({ position }) => position), [10, 5]);
});

Deno.test("GroupLedger.around() reads commits once a second, one read for all who ask, and keeps the last while it cannot", async () => {
  const group = new Group(), clock = new ManualClock(), ledger = new GroupLedger(group, clock);
  const positionOf1 = async () => (await ledger.around(ledgerOf([]), [])).partitions[1]?.position;
  assert.deepStrictEqual(await Promise.all([positionOf1(), positionOf1()]), [10, 10]);
  group.position = 20;
  clock.advance(REFRESH_MS - 1);
  assert.deepStrictEqual([await positionOf1(), group.reads], [10, 1]);
  clock.advance(1);
  assert.deepStrictEqual([await positionOf1(), group.reads], [20, 2]);
  group.isDown = true;
  clock.advance(REFRESH_MS);
  assert.deepStrictEqual([await positionOf1(), group.reads], [20, 3]);
});
