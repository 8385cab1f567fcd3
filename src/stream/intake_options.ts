/** What an intake works with, and what it is given to read. */
import type { TransactionDecoder } from "../domain/decoder.ts";
import type { PartitionState } from "./partition_state.ts";
import type { AbortedTransaction } from "./source.ts";

/** Record batches of one fetch, as they cross into the worker. */
export interface FetchedBatches {
  readonly buffer: ArrayBuffer;
  readonly byteLength: number;
  readonly aborted: readonly AbortedTransaction[];
}

/** Bounds of an intake. */
export interface IntakeLimits {
  /** Panes in memory; the rest of a batch waits. */
  readonly panes: number;
  /** Bytes of dead letters not yet handed over; the rest of a batch waits. */
  readonly letterBytes: number;
  /** A larger value is invalid (`oversize`). */
  readonly valueBytes: number;
}

/** What an intake works with. */
export interface IntakeOptions {
  readonly topic: string;
  readonly partition: number;
  readonly slideMs: number;
  readonly decoder: TransactionDecoder;
  readonly state: PartitionState;
  readonly limits: IntakeLimits;
  /** The first offset not to read. @default none */
  readonly stopAt?: number | undefined;
  /** Whether a batch whose checksum is wrong counts as damaged. @default {false} */
  readonly checksCrcs?: boolean;
  /** Offsets that crashed their task twice: they are dead-lettered unread. */
  readonly poison: ReadonlySet<number>;
}
