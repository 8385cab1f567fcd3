/**
 * The witness: what the page shows beside the news, seen at the ports as it passes.
 *
 * I1. A port with a witness does what it did; the witness only looks, and nothing waits for it.
 * I2. Everything it remembers is bounded (`WITNESS_LIMITS`).
 */
import type { Clock } from "../src/clock.ts";
import type { FieldMap } from "../src/domain/field_map.ts";
import { Acknowledgements, type AcknowledgementSummary } from "../src/stream/acknowledgements.ts";
import type { DeadLetters } from "../src/stream/dead_letters.ts";
import { excerptOf, type LetterExcerpt } from "../src/stream/letter_excerpt.ts";
import { RegionHistory, type RegionQuery, type RegionTotals } from "../src/stream/region_history.ts";
import type { Source } from "../src/stream/source.ts";
import type { Store } from "../src/stream/store.ts";
import { type Sample, TransactionSample } from "../src/stream/transaction_sample.ts";

/** What a witness remembers at most. */
export const WITNESS_LIMITS = {
  letters: 50,
  writes: 120,
  /** Six hours, and two minutes beyond what may still change. */
  regions: { keepMs: 6 * 3_600_000, settledMs: 120_000, capacity: 400_000 },
  /** Points of an earlier run that are read at start. */
  filled: 100_000,
} as const;

/** What a witness needs to know. */
export interface WitnessOptions {
  readonly clock: Clock;
  readonly fieldMap: FieldMap;
  readonly latenessMs: number;
}

/** Looks on at the ports. */
export class Witness {
  readonly #acknowledgements: Acknowledgements;
  readonly #sample: TransactionSample;
  readonly #regions: RegionHistory;
  #letters: readonly LetterExcerpt[] = [];

  constructor({ clock, fieldMap, latenessMs }: WitnessOptions) {
    const { keepMs, settledMs, capacity } = WITNESS_LIMITS.regions;
    this.#acknowledgements = new Acknowledgements(clock, WITNESS_LIMITS.writes);
    this.#sample = new TransactionSample({ clock, fieldMap });
    this.#regions = new RegionHistory({ keepMs, settleMs: latenessMs + settledMs, capacity });
  }

  /** How the store answers. */
  get acknowledgements(): AcknowledgementSummary {
    return this.#acknowledgements.summary;
  }

  /** The newest dead letters since the program started, newest first. */
  get letters(): readonly LetterExcerpt[] {
    return this.#letters;
  }

  /** Totals by region. */
  regions(query: RegionQuery): RegionTotals {
    return this.#regions.totals(query);
  }

  /** Transactions sampled since the last call. */
  samples(): readonly Sample[] {
    return this.#sample.take();
  }

  /** Reads what an earlier run has written of regions. @throws {RetryableError | ConfigError} as the store does */
  async remember(store: Store): Promise<void> {
    await this.#regions.fill(store.read({ measurement: "transactions_total", limit: WITNESS_LIMITS.filled }));
  }

  /** A store whose writes are looked at. */
  store(store: Store): Store {
    return {
      write: async (points) => {
        const result = await this.#acknowledgements.measure(points.length, () => store.write(points));
        this.#regions.put(points);
        return result;
      },
      amend: (points) => store.amend(points),
      read: (query) => store.read(query),
      tagValues: (query) => store.tagValues(query),
      remove: (removal) => store.remove(removal),
      ping: () => store.ping(),
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  }

  /** Dead letters that are looked at once they are durable. */
  deadLetters(deadLetters: DeadLetters): DeadLetters {
    return {
      append: async (letters) => {
        await deadLetters.append(letters);
        this.#letters = [...letters.slice(-WITNESS_LIMITS.letters).map(excerptOf).toReversed(), ...this.#letters]
          .slice(0, WITNESS_LIMITS.letters);
      },
      read: (options) => deadLetters.read(options),
      [Symbol.asyncDispose]: () => deadLetters[Symbol.asyncDispose](),
    };
  }

  /** A source of whose fetches a few records are looked at. */
  source(source: Source): Source {
    return {
      join: (member) => source.join(member),
      leave: () => source.leave(),
      laneOf: (partition) => source.laneOf(partition),
      fetch: async (wants, options) => {
        const answers = await source.fetch(wants, options);
        this.#sample.offer(answers);
        return answers;
      },
      recycle: (buffer) => source.recycle(buffer),
      offsets: (partitions) => source.offsets(partitions),
      offsetsAt: (partitions, timeMs) => source.offsetsAt(partitions, timeMs),
      committed: (partitions) => source.committed(partitions),
      commit: (generation, commits) => source.commit(generation, commits),
      report: (report) => source.report(report),
      leaseRemainingMs: () => source.leaseRemainingMs(),
      describe: () => source.describe(),
      [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
    };
  }
}
