/** A log that keeps what it is sent. */
import type { LogProducer, LogRecord } from "../../src/stream/log_producer.ts";

/** Acknowledges each batch when `answer` does, at once by default. */
export class RecordingProducer implements LogProducer {
  readonly batches: (readonly LogRecord[])[] = [];
  disposed = false;
  readonly #answer: (batch: readonly LogRecord[]) => Promise<void>;

  /** `answer` is called with each batch; its promise is the acknowledgement. */
  constructor(answer: (batch: readonly LogRecord[]) => Promise<void> = () => Promise.resolve()) {
    this.#answer = answer;
  }

  /** All records, in the order sent. */
  get records(): LogRecord[] {
    return this.batches.flat();
  }

  async send(records: readonly LogRecord[]): Promise<void> {
    this.batches.push(records);
    await this.#answer(records);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
    return Promise.resolve();
  }
}
