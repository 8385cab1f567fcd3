/** The producing side of the log, and its administration. */
import type { TopicDescription } from "./source.ts";

/** A record to append; null means absent, as in Kafka. */
export interface LogRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Appends records to one topic. */
export interface LogProducer extends AsyncDisposable {
  /**
   * Appends records, each to the partition of its key (Kafka's default partitioner; null keys spread evenly), and
   * resolves once all are durable. Records of one key keep their order when calls are awaited one by one.
   *
   * @throws {RetryableError} when the log cannot answer: any part may have been appended.
   */
  send(records: readonly LogRecord[]): Promise<void>;
}

/** Creates, removes and looks at topics. */
export interface LogAdmin extends AsyncDisposable {
  /** Creates the topic with append time unless it exists; resolves to whether it was created. */
  create(topic: string, options: { readonly partitions: number }): Promise<boolean>;
  /** Removes the topic; resolves to whether it was there. */
  remove(topic: string): Promise<boolean>;
  /** The topic, or undefined when there is none. */
  describe(topic: string): Promise<TopicDescription | undefined>;
}
