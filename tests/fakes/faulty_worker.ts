/** A worker thread with a bug in its decoder, and with an actor that ends the thread. */
import { partitionTask } from "../../actors/partition_task.ts";
import { openTask, type PartitionTaskArgs } from "../../actors/task_state.ts";
import { category } from "../../actors/category.ts";
import { actor, serve } from "../../src/actor/mod.ts";
import { TransactionDecoder } from "../../src/domain/decoder.ts";
import type { InvalidReason } from "../../src/domain/invalid_reason.ts";

/** Stands in a value that the decoder cannot survive. */
const BUG = "sets off the bug";

/**
 * A transaction like any other, that crashes whoever decodes it here. Its category is escaped, for only what the fast
 * path leaves over is settled one by one.
 */
export function poisonOf({ occurredAtMs, amount }: { readonly occurredAtMs: number; readonly amount: number }): string {
  const timestamp = new Date(occurredAtMs).toISOString();
  return `{"category":"tr\\u0061vel","region":"CA","merchant":"${BUG}","amount":${amount},"timestamp":"${timestamp}"}`;
}

/** Throws at the values of `poisonOf`. */
class BuggyDecoder extends TransactionDecoder {
  override settle(index: number): InvalidReason | undefined {
    const { bytes, valueStarts, valueEnds } = this.block;
    const value = new TextDecoder().decode(bytes.subarray(valueStarts[index], valueEnds[index]));
    if (value.includes(BUG)) throw new RangeError(`Cannot decode a record: it ${BUG}`);
    return super.settle(index);
  }
}

/** Ends its thread, as a crash of the engine would. */
export const bomb = actor({
  name: "bomb",
  init: () => ({}),
  on: { explode: () => void globalThis.close() },
});

const buggyTask: typeof partitionTask = {
  ...partitionTask,
  init: (args: PartitionTaskArgs) => openTask(args, (map, names) => new BuggyDecoder(map, names)),
};

serve([buggyTask, category, bomb]);
