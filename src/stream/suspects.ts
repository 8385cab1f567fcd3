/**
 * Which record crashed its task.
 *
 * I1. A crash puts the records that were being counted under suspicion: they are read one by one the next time.
 * I2. A record under suspicion that crashes its task when it is read alone has crashed it twice: it is poison, and is not
 *     read again. That clears the others of the suspicion: each has two crashes of its own to make.
 * I3. Poison is remembered for as long as a replay can meet it.
 */

/** Offsets, both ends inclusive. */
export interface OffsetSpan {
  readonly from: number;
  readonly to: number;
}

/** How a partition is to be read after crashes. */
export interface Caution {
  /** Records to read one by one. */
  readonly careful: OffsetSpan | undefined;
  /** Records not to read. */
  readonly poison: readonly number[];
}

/** A task crashed while it counted records; what crashed it is the cause. */
export class RecordCrash extends Error {
  override readonly name = "RecordCrash";

  constructor({ from, to }: OffsetSpan, cause: unknown) {
    super(`Cannot count records ${from}-${to}`, { cause });
  }

  /** The records of a crash that has become plain data; undefined when it was another. */
  static spanOf(failure: { readonly name: string; readonly message: string }): OffsetSpan | undefined {
    const [, from, to] = failure.name === "RecordCrash"
      ? /^Cannot count records (\d+)-(\d+)$/.exec(failure.message) ?? []
      : [];
    return from === undefined || to === undefined ? undefined : { from: Number(from), to: Number(to) };
  }
}

/** Remembers crashes by partition. Memory: an offset for each poison record that can be replayed. */
export class Suspects {
  readonly #careful = new Map<number, OffsetSpan>();
  readonly #poison = new Map<number, Set<number>>();

  /** A task crashed while it counted these records. */
  crashed(partition: number, span: OffsetSpan): void {
    const careful = this.#careful.get(partition);
    const wasAlone = span.from === span.to && careful !== undefined && span.from >= careful.from &&
      span.to <= careful.to;
    if (!wasAlone) return void this.#careful.set(partition, span);
    this.#careful.delete(partition);
    const poison = this.#poison.get(partition) ?? new Set();
    this.#poison.set(partition, poison.add(span.from));
  }

  /** How to read a partition from an offset on; forgets what lies before. */
  cautionFor(partition: number, offset: number): Caution {
    const poison = this.#poison.get(partition) ?? new Set();
    for (const poisoned of poison) if (poisoned < offset) poison.delete(poisoned);
    if (poison.size === 0) this.#poison.delete(partition);
    return { careful: this.#careful.get(partition), poison: [...poison] };
  }
}
