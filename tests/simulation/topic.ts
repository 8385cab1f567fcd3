/** The log and the group's commits as they outlive every process, with what is true of each record. */
import type { Committed, OffsetRange } from "../../src/stream/source.ts";
import { buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import type { OracleEvent } from "../fakes/naive_oracle.ts";

/** What a record says. */
export interface Draft {
  /** Undefined when it is no transaction. */
  readonly event: OracleEvent | undefined;
  /** −1: it has none. */
  readonly kafkaMs: number;
  readonly value: string | null;
}

/** A record and where it stands. */
export interface TopicRecord extends Draft {
  readonly partition: number;
  readonly offset: number;
  readonly appendedAtMs: number;
}

/** How records are appended. */
export interface AppendOptions {
  readonly isAppendTime: boolean;
  /** Wall time. */
  readonly appendedAtMs: number;
}

/** Whole record batches. */
export interface StoredBatch {
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly bytes: Uint8Array;
}

/** A topic of one group. */
export class Topic {
  /** Every record that ever was, retention or not, in the order of offsets. */
  readonly records: TopicRecord[][];
  readonly commits = new Map<number, Committed>();
  /** Offsets of control records. */
  readonly controls: Set<number>[];
  readonly #batches: StoredBatch[][];
  readonly #ranges: { first: number; end: number }[];
  /** Names the ownership of the partitions; whoever holds an older one is fenced. */
  generation = 0;

  constructor(partitions: number) {
    const each = <T>(make: () => T) => Array.from({ length: partitions }, make);
    this.records = each(() => []);
    this.controls = each(() => new Set());
    this.#batches = each(() => []);
    this.#ranges = each(() => ({ first: 0, end: 0 }));
  }

  /** Partitions, in order. */
  get partitions(): readonly number[] {
    return this.#ranges.map((_, partition) => partition);
  }

  /** Whether retention has taken nothing. */
  get isWhole(): boolean {
    return this.#ranges.every(({ first }) => first === 0);
  }

  /** First offset still there and the end. */
  rangeOf(partition: number): OffsetRange {
    return { ...this.#rangeAt(partition) };
  }

  /** The batches from `offset` on, the first perhaps beginning before it. */
  batchesFrom(partition: number, offset: number): readonly StoredBatch[] {
    return (this.#batches[partition] ?? []).filter(({ nextOffset }) => nextOffset > offset);
  }

  /** The batch that ends where the one holding `offset` begins. */
  batchBefore(partition: number, offset: number): StoredBatch | undefined {
    return (this.#batches[partition] ?? []).findLast(({ nextOffset }) => nextOffset <= offset);
  }

  /** Appends one batch. In append time all records have the stamp of the first. */
  append(partition: number, drafts: readonly Draft[], options: AppendOptions): void {
    const { isAppendTime, appendedAtMs } = options;
    const baseOffset = this.rangeOf(partition).end, timestampMs = drafts[0]?.kafkaMs ?? 0;
    const encoder = new TextEncoder();
    const records = drafts.map(({ value, kafkaMs }) => ({
      key: null,
      value: value === null ? null : encoder.encode(value),
      timestampMs: isAppendTime ? timestampMs : kafkaMs,
    }));
    const timestampType = isAppendTime ? "appendTime" : "createTime";
    this.#push(partition, buildRecordBatch(records, { timestampMs, baseOffset, timestampType }), drafts.length);
    drafts.forEach((draft, index) => {
      const kafkaMs = isAppendTime ? timestampMs : draft.kafkaMs;
      this.records[partition]?.push({ ...draft, kafkaMs, partition, offset: baseOffset + index, appendedAtMs });
    });
  }

  /** Appends the marker of a committed transaction. */
  appendMarker(partition: number, timestampMs: number): void {
    const baseOffset = this.rangeOf(partition).end;
    const key = new Uint8Array([0, 0, 0, 1]), value = new Uint8Array(6);
    const options = { timestampMs, baseOffset, producerId: 7n, transactional: true, control: true };
    this.#push(partition, buildRecordBatch([{ key, value }], options), 1);
    this.controls[partition]?.add(baseOffset);
  }

  /** Adds partitions. */
  grow(count: number): void {
    for (; count > 0; count--) {
      this.records.push([]);
      this.controls.push(new Set());
      this.#batches.push([]);
      this.#ranges.push({ first: 0, end: 0 });
    }
  }

  /** Takes over all that another topic holds; its batches must all be there. */
  copy(from: Topic): void {
    for (const partition of this.partitions) {
      this.#batches[partition] = [...from.batchesFrom(partition, 0)];
      this.#rangeAt(partition).end = from.rangeOf(partition).end;
      this.records[partition] = [...from.records[partition] ?? []];
      this.controls[partition] = new Set(from.controls[partition]);
    }
  }

  /** Deletes whole batches before an offset, as retention does. */
  deleteBefore(partition: number, offset: number): void {
    const kept = this.batchesFrom(partition, offset), range = this.#rangeAt(partition);
    this.#batches[partition] = [...kept];
    range.first = kept[0]?.baseOffset ?? range.end;
  }

  #rangeAt(partition: number): { first: number; end: number } {
    const range = this.#ranges[partition];
    if (range === undefined) throw new RangeError(`Cannot find partition ${partition}: there is none`);
    return range;
  }

  #push(partition: number, bytes: Uint8Array, count: number): void {
    const range = this.#rangeAt(partition), baseOffset = range.end;
    range.end += count;
    this.#batches[partition]?.push({ baseOffset, nextOffset: range.end, bytes });
  }
}
