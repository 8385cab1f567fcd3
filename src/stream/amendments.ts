/**
 * The amendments port: which dead letters a repair has counted since.
 *
 * I1. A record is named here only after the points that count it were acknowledged.
 * I2. Naming a record again changes nothing.
 */

/** Where a record stands in its topic. */
export interface RecordName {
  readonly partition: number;
  readonly offset: number;
}

/** Remembers, for one group and topic, which records were put back. */
export interface Amendments extends AsyncDisposable {
  /** Resolves once the records are named and the counts hold them. @throws {RetryableError} when it cannot be done now */
  add(records: readonly RecordName[]): Promise<void>;
  /** Every record named, in no order. */
  read(): AsyncIterable<RecordName>;
  /** How many were put back in each partition, those whose names are too old to be kept included. */
  counts(): Promise<ReadonlyMap<number, number>>;
  /** Takes the turn: only one repair works at a time. @throws {ConfigError} when another one does; {RetryableError} */
  takeTurn(): Promise<RepairTurn>;
  /** Forgets them all: everything is about to be counted anew. */
  clear(): Promise<void>;
}

/** The right to repair, until it is disposed of. */
export interface RepairTurn extends AsyncDisposable {
  /** Aborted when somebody else has it by now. */
  readonly over: AbortSignal;
}

/** Records by partition, for a quick look. */
export class RecordSet {
  readonly #offsets = new Map<number, Set<number>>();
  #size = 0;

  /** All of `records`. */
  static async of(records: AsyncIterable<RecordName>): Promise<RecordSet> {
    const set = new RecordSet();
    for await (const record of records) set.add(record);
    return set;
  }

  /** Takes a record in. */
  add({ partition, offset }: RecordName): void {
    const offsets = this.#offsets.get(partition) ?? new Set();
    this.#size -= offsets.size;
    this.#offsets.set(partition, offsets.add(offset));
    this.#size += offsets.size;
  }

  /** How many records are in. */
  get size(): number {
    return this.#size;
  }

  /** Whether the record is in. */
  has({ partition, offset }: RecordName): boolean {
    return this.#offsets.get(partition)?.has(offset) ?? false;
  }

  /** How many records of each partition are in. */
  counts(): ReadonlyMap<number, number> {
    return new Map([...this.#offsets].map(([partition, { size }]) => [partition, size]));
  }
}
