/** Amendments in memory. */
import type { Amendments, RecordName, RepairTurn } from "../../src/stream/amendments.ts";

/** Keeps names in the order they came. */
export class MemoryAmendments implements Amendments {
  readonly records = new Map<string, RecordName>();
  /** Told of each call of `add`, before anything happens. */
  onAdd: (records: readonly RecordName[]) => void = () => {};

  add(records: readonly RecordName[]): Promise<void> {
    return Promise.try(() => {
      this.onAdd(records);
      for (const record of records) this.records.set(`${record.partition} ${record.offset}`, record);
    });
  }

  async *read(): AsyncIterable<RecordName> {
    yield* await Promise.resolve([...this.records.values()]);
  }

  counts(): Promise<ReadonlyMap<number, number>> {
    const groups = Map.groupBy(this.records.values(), ({ partition }) => partition);
    return Promise.resolve(new Map([...groups].map(([partition, records]) => [partition, records.length])));
  }

  takeTurn(): Promise<RepairTurn> {
    const over = new AbortController().signal;
    return Promise.resolve({ over, [Symbol.asyncDispose]: () => Promise.resolve() });
  }

  clear(): Promise<void> {
    this.records.clear();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
