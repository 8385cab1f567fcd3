/** Warns of events that are counted otherwise than somebody may expect. */
import type { Log } from "../src/log.ts";
import type { PartitionSummary } from "./partition_task.ts";

/** What is beyond the bounds, as the partitions have it; their counts begin anew when a task does. */
export class Excess {
  readonly #log: Log;
  #names = 0;
  #currencies = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Events under names beyond the bounds, since the tasks started. */
  get names(): number {
    return this.#names;
  }

  /** Warns when there is more than at the last flush. */
  note(summaries: readonly PartitionSummary[]): void {
    const total = (count: (overflowed: PartitionSummary["overflowed"]) => number): number =>
      summaries.reduce((sum, { overflowed }) => sum + count(overflowed), 0);
    const names = total(({ categories, regions }) => categories + regions);
    const currencies = total((overflowed) => overflowed.currencies);
    if (names > this.#names) {
      this.#log.warn("Names beyond the bounds were counted under __other__", { events: names - this.#names });
    }
    if (currencies > this.#currencies) {
      this.#log.warn("Amounts of a category are in more than one currency and summed all the same", {
        events: currencies - this.#currencies,
      });
    }
    this.#names = names;
    this.#currencies = currencies;
  }
}
