/**
 * Which batches of a fetch count: a reader of committed records passes over aborted transactions and control records.
 *
 * Source: `CompletedFetch.nextFetchedRecord` of Kafka's Java consumer.
 */
import type { BatchHeader } from "./record_batch.ts";
import { RecordCursor } from "./record_cursor.ts";
import type { AbortedTransaction } from "./source.ts";

/** What the records of a batch are. */
export type BatchKind = "data" | "aborted" | "control";

const ABORT = 0;

/** Says for each batch of one fetch of one partition, in order, whether it counts. */
export class CommittedFilter {
  readonly #pending: AbortedTransaction[];
  readonly #aborted = new Set<bigint>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#pending = aborted.toSorted((a, b) => b.firstOffset - a.firstOffset);
  }

  /**
   * The kind of the next batch. Every batch of the fetch must be asked about.
   *
   * @throws {SyntaxError} when a control record is malformed.
   */
  kindOf(view: DataView, header: BatchHeader): BatchKind {
    this.#beginUpTo(header.lastOffset);
    if (header.isControl) {
      if (isAbortMarker(view, header)) this.#aborted.delete(header.producerId);
      return "control";
    }
    return header.isTransactional && this.#aborted.has(header.producerId) ? "aborted" : "data";
  }

  #beginUpTo(lastOffset: number): void {
    for (let next = this.#pending.at(-1); next && next.firstOffset <= lastOffset; next = this.#pending.at(-1)) {
      this.#aborted.add(next.producerId);
      this.#pending.pop();
    }
  }
}

/** Whether the batch's control record ends a transaction by aborting it; its key is a version and a type, 16 bits each. */
function isAbortMarker(view: DataView, header: BatchHeader): boolean {
  const cursor = new RecordCursor();
  cursor.open(view, header);
  if (!cursor.next()) return false;
  if (cursor.keyEnd - cursor.keyStart < 4) {
    throw new SyntaxError(`Cannot read control record: its key has ${cursor.keyEnd - cursor.keyStart} bytes`);
  }
  return cursor.view.getInt16(cursor.keyStart + 2) === ABORT;
}
