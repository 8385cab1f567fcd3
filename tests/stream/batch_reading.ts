/** Record batches as plain objects, for tests to compare. */
import { type BatchHeader, readBatchHeader } from "../../src/stream/record_batch.ts";
import { RecordCursor } from "../../src/stream/record_cursor.ts";

/** A record with copies of its bytes. */
export interface PlainRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A view of all of `bytes`. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The header of the batch at the start. */
export function headerOf(bytes: Uint8Array): BatchHeader {
  return readBatchHeader(viewOf(bytes), 0);
}

/** All records of all batches in `bytes`. */
export function plainRecords(bytes: Uint8Array): PlainRecord[] {
  const view = viewOf(bytes);
  const cursor = new RecordCursor();
  const records: PlainRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = readBatchHeader(view, at);
    cursor.open(view, header);
    while (cursor.next()) records.push(plainRecord(cursor));
    at = header.nextAt;
  }
  return records;
}

function plainRecord(cursor: RecordCursor): PlainRecord {
  const { offset, timestampMs } = cursor;
  const copy = (bytes: Uint8Array | null) => bytes === null ? null : Uint8Array.from(bytes);
  return { offset, timestampMs, key: copy(cursor.key()), value: copy(cursor.value()), headers: cursor.headers() };
}
