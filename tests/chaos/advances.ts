/** When each partition's acknowledged position advanced, and what follows from that. Pure. */

/** A stretch of time, in ms. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Instants at which acknowledged positions were seen to advance. */
export class Advances {
  readonly #positions = new Map<number, number>();
  readonly #instants = new Map<number, number[]>();

  /** Notes an acknowledged position; one that is not new says nothing. */
  note(partition: number, position: number, atMs: number): void {
    const known = this.#positions.get(partition);
    if (known !== undefined && position <= known) return;
    this.#positions.set(partition, position);
    const instants = this.#instants.get(partition) ?? [];
    instants.push(atMs);
    this.#instants.set(partition, instants);
  }

  /** Records acknowledged, as far as is known. */
  get total(): number {
    return [...this.#positions.values()].reduce((sum, position) => sum + position, 0);
  }

  /** Partitions that have advanced, the first sight of them not counted. */
  get busy(): readonly number[] {
    return [...this.#instants].filter(([, instants]) => instants.length > 1).map(([partition]) => partition);
  }

  /** Whether every busy partition has advanced since. */
  haveAllSince(atMs: number): boolean {
    return this.busy.length > 0 && this.restingSince(atMs).length === 0;
  }

  /** Busy partitions that have not advanced since. */
  restingSince(atMs: number): readonly number[] {
    return this.busy.filter((partition) => (this.#instants.get(partition)?.at(-1) ?? 0) <= atMs);
  }

  /** The first advance of any partition after an instant. */
  firstAfter(atMs: number): number | undefined {
    const later = [...this.#instants.values()].flatMap((instants) => instants.find((instant) => instant > atMs) ?? []);
    return later.length === 0 ? undefined : Math.min(...later);
  }

  /** Of each busy partition, the longest stretch without an advance that reaches into `within`. */
  stallsWithin(within: Stretch): readonly Stretch[] {
    return this.busy.flatMap((partition) => longestGap(this.#instants.get(partition) ?? [], within) ?? []);
  }
}

function longestGap(instants: readonly number[], { fromMs, toMs }: Stretch): Stretch | undefined {
  let longest: Stretch | undefined;
  for (const [index, start] of instants.entries()) {
    const end = instants[index + 1];
    if (end === undefined || end <= fromMs || start >= toMs) continue;
    if (longest === undefined || end - start > longest.toMs - longest.fromMs) longest = { fromMs: start, toMs: end };
  }
  return longest;
}
