/**
 * Counts the events of a repair, by partition and category as the pipeline does.
 *
 * I1. Events of a partition are counted in the order of the log and partitions are merged in theirs, so equal events give
 *     the bits that the pipeline wrote.
 */
import { CategoryWindow, type EndRange } from "../window/category_window.ts";
import { Columns } from "../window/columns.ts";
import { paneIndexOf, type WindowShape } from "../window/shape.ts";
import type { RecordSet } from "./amendments.ts";
import type { EventReader } from "./event_reader.ts";
import type { PartitionParts } from "./merge.ts";
import { namesOf } from "./rankings.ts";
import type { RecordCursor } from "./record_cursor.ts";
import { holds, type Span } from "./span.ts";

/** What is counted. */
export interface RepairTallyOptions {
  readonly shape: WindowShape;
  readonly reader: EventReader;
  /** Event time that counts. */
  readonly events: readonly Span[];
  /** Records that do not count. */
  readonly excluded: RecordSet;
}

/** Panes of all partitions. */
export class RepairTally {
  readonly #options: RepairTallyOptions;
  readonly #partitions = new Map<number, Map<number, CategoryWindow>>();
  readonly #columns = new Map<number, Columns>();

  constructor(options: RepairTallyOptions) {
    this.#options = options;
  }

  /** Panes of one category in one partition that hold events; those of records not settled yet are not among them. */
  get paneCount(): number {
    let count = 0;
    for (const windows of this.#partitions.values()) {
      for (const window of windows.values()) count += window.paneCount;
    }
    return count;
  }

  /** Takes a record in if it counts. */
  take(partition: number, record: RecordCursor): void {
    const { reader, events, excluded, shape } = this.#options;
    const row = reader.read(record);
    if (row === undefined || !holds(events, row.occurredAtMs)) return;
    if (excluded.has({ partition, offset: record.offset })) return;
    const columns = this.#columns.get(row.categoryId) ?? new Columns();
    this.#columns.set(row.categoryId, columns);
    columns.push(paneIndexOf(row.occurredAtMs, shape.slideMs), row);
  }

  /** Counts what was taken in from a partition since the last call. */
  settle(partition: number): void {
    const windows = this.#partitions.get(partition) ?? new Map<number, CategoryWindow>();
    this.#partitions.set(partition, windows);
    for (const [categoryId, columns] of this.#columns) {
      if (columns.length === 0) continue;
      const window = windows.get(categoryId) ?? new CategoryWindow(this.#options.shape);
      windows.set(categoryId, window);
      window.tally(columns);
      columns.clear();
    }
  }

  /** Windows and panes that end in the range. */
  parts(range: EndRange): readonly PartitionParts[] {
    const { reader } = this.#options, regions = reader.regions();
    return [...this.#partitions].map(([partition, windows]) => {
      const categories = [...windows].map(([id, window]) => ({
        category: reader.categoryOf(id),
        ...window.take(range),
      }));
      return { partition, regions, categories, names: namesOf(categories.flatMap((parts) => parts.windows), reader) };
    });
  }
}
