import assert from "node:assert/strict";
import { Excess } from "../../actors/excess.ts";
import type { PartitionSummary } from "../../actors/partition_task.ts";
import { initialCheckpoint } from "../../src/stream/checkpoint.ts";
import { NO_NAMES } from "../../src/stream/rankings.ts";
import { windowShape } from "../../src/window/shape.ts";

const SHAPE = windowShape({ slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 });

function summaryOf(categories: number, regions: number, currencies: number): PartitionSummary {
  const checkpoint = initialCheckpoint(0, { ...SHAPE, fieldMap: "00000000" });
  const overflowed = { categories, regions, currencies };
  return { partition: 0, checkpoint, letters: [], categories: [], regions: [], names: NO_NAMES, overflowed };
}

Deno.test("Excess warns of what is new since the last flush, names and currencies apart, and of nothing twice", () => {
  const warned: unknown[] = [];
  const excess = new Excess({ debug() {}, info() {}, warn: (_, facts) => warned.push(facts), error() {} });
  excess.note([summaryOf(0, 0, 0)]);
  excess.note([summaryOf(1, 0, 0), summaryOf(0, 2, 0)]);
  excess.note([summaryOf(1, 2, 0)]);
  excess.note([summaryOf(1, 2, 5)]);
  excess.note([summaryOf(0, 0, 0)]); // A task has started anew.
  excess.note([summaryOf(1, 0, 1)]);
  assert.deepStrictEqual(warned, [{ events: 3 }, { events: 5 }, { events: 1 }, { events: 1 }]);
  assert.strictEqual(excess.names, 1);
});
