/** Every committed record of a fetch, one callback each. */
import { CommittedFilter } from "./committed_filter.ts";
import type { FetchedBatches } from "./intake_options.ts";
import { type BatchHeader, readBatchHeader } from "./record_batch.ts";
import { RecordCursor } from "./record_cursor.ts";

/**
 * Shows `look` the committed records in order; what is left of a batch that cannot be read is passed over, as `Intake`
 * does.
 *
 * @returns the offset after the last batch; undefined when there was none
 * @throws {SyntaxError} when the bytes are not whole batches.
 */
export function walkRecords(fetched: FetchedBatches, look: (record: RecordCursor) => void): number | undefined {
  const view = new DataView(fetched.buffer, 0, fetched.byteLength);
  const filter = new CommittedFilter(fetched.aborted), cursor = new RecordCursor();
  let next: number | undefined;
  for (let at = 0; at < fetched.byteLength;) {
    const header = readBatchHeader(view, at);
    walkBatch({ view, filter, cursor }, header, look);
    next = header.lastOffset + 1;
    at = header.nextAt;
  }
  return next;
}

interface Walk {
  readonly view: DataView;
  readonly filter: CommittedFilter;
  readonly cursor: RecordCursor;
}

function walkBatch({ view, filter, cursor }: Walk, header: BatchHeader, look: (record: RecordCursor) => void): void {
  const step = (move: () => boolean): boolean => {
    try {
      return move();
    } catch (error) {
      if (error instanceof SyntaxError) return false;
      throw error;
    }
  };
  const isData = step(() => {
    if (filter.kindOf(view, header) !== "data") return false;
    cursor.open(view, header);
    return true;
  });
  while (isData && step(() => cursor.next())) look(cursor);
}
