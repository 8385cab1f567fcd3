/** The dead-letter port: records that were not counted, each with its reason, named by where they stand in the log. */

/** Why a record was not counted; the details of `invalid` are in `detail`. */
export type DeadReason = "late" | "future" | "invalid";

/** One record that was not counted. Its name is (topic, partition, offset): writing it again changes nothing. */
export interface DeadLetter {
  readonly reason: DeadReason;
  /** For `invalid`: what is wrong, in a word of the decoder. Empty otherwise. */
  readonly detail: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** The record's Kafka timestamp in ms; undefined when it has none. */
  readonly timeMs: number | undefined;
  /** The record's value as it was; null for a null value. */
  readonly value: Uint8Array | null;
}

/** Keeps dead letters. */
export interface DeadLetters extends AsyncDisposable {
  /** Resolves once every letter is durable. @throws {RetryableError} when it cannot be done now. */
  append(letters: readonly DeadLetter[]): Promise<void>;
  /** Letters in the order they were appended, repeats of a name dropped. */
  read(options?: { readonly follow?: AbortSignal }): AsyncIterable<DeadLetter>;
}
