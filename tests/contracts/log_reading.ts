/** How the contracts read a log: records as plain objects, and a member that remembers what it was told. */
import assert from "node:assert/strict";
import { readBatchHeader } from "../../src/stream/record_batch.ts";
import { RecordCursor } from "../../src/stream/record_cursor.ts";
import type { Assignment, FetchedBytes, Member, Source } from "../../src/stream/source.ts";

/** A record with its texts decoded. */
export interface ReadRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Record<string, string>;
}

/** A range of one partition, half-open. */
export interface Range {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** The bytes of a text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** All records of the batches that a fetch found, control records left out. */
export function recordsOf(found: FetchedBytes): ReadRecord[] {
  const view = new DataView(found.buffer, 0, found.byteLength);
  const cursor = new RecordCursor();
  const records: ReadRecord[] = [];
  for (let at = 0; at < found.byteLength;) {
    const header = readBatchHeader(view, at);
    cursor.open(view, header);
    while (!header.isControl && cursor.next()) {
      const { offset, timestampMs } = cursor;
      records.push({
        offset,
        timestampMs,
        key: text(cursor.key()),
        value: text(cursor.value()),
        headers: cursor.headers(),
      });
    }
    at = header.nextAt;
  }
  return records;
}

/** Fetches until the range is complete; as many fetches without anything new as `to - from` end it as a failure. */
export async function readAll(source: Source, { partition, from, to }: Range): Promise<ReadRecord[]> {
  const records: ReadRecord[] = [];
  let offset = from;
  for (let fetches = 0; offset < to; fetches++) {
    assert.ok(fetches <= to - from + 10, `only offset ${offset} of ${to} was reached after ${fetches} fetches`);
    const [found] = await source.fetch([{ partition, offset, maxBytes: 1e6 }], { maxWaitMs: 5_000 });
    assert.equal(found?.kind, "bytes");
    const fresh = recordsOf(found).filter((record) => record.offset >= offset && record.offset < to);
    records.push(...fresh);
    offset = (fresh.at(-1)?.offset ?? offset - 1) + 1;
    source.recycle(found.buffer);
  }
  return records;
}

/** A member that remembers its assignment and lets go at once. */
export class RememberingMember implements Member {
  #current: Assignment | undefined;
  readonly #waiting = new Map<number, PromiseWithResolvers<Assignment>>();

  assigned(assignment: Assignment): void {
    this.#current = assignment;
    this.#waiting.get(assignment.partitions.length)?.resolve(assignment);
    this.#waiting.delete(assignment.partitions.length);
  }

  revoked(): Promise<void> {
    this.#current = undefined;
    return Promise.resolve();
  }

  lost(_reason: string): void {
    this.#current = undefined;
  }

  /** Resolves with the assignment once it has this many partitions. */
  assignedTo(count: number): Promise<Assignment> {
    if (this.#current?.partitions.length === count) return Promise.resolve(this.#current);
    const waiting = this.#waiting.get(count) ?? Promise.withResolvers<Assignment>();
    this.#waiting.set(count, waiting);
    return waiting.promise;
  }
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : new TextDecoder().decode(bytes);
}
