/**
 * The partitions of a topic that other processes of the group own, as their commits show them: what may be made final
 * here although they may hold events of the same categories.
 *
 * I1. Nothing is made final past the watermark that each of them has committed: what ends by it is complete there.
 * I2. Nothing is made final of a category past the last watermark at which a filter of each did not have it. Whoever of
 *     two owners makes a pane final first would see the category at the other, so neither does.
 * I3. A filter errs, and independently under another salt: a category counts as split only when the chance that all
 *     filters in a row erred is below one in a billion. Until then finals are held, and nothing else.
 */
import { CategoryFilter, type HashedName, hashedName } from "./category_filter.ts";
import { decodeCheckpoint } from "./checkpoint.ts";
import type { Committed } from "./source.ts";

/** A category that two processes hold. */
export interface SplitCategory {
  readonly category: string;
  /** The partition of the other process. */
  readonly partition: number;
}

interface Neighbour {
  readonly metadata: string;
  readonly first: number;
  readonly watermarkMs: number;
  readonly isIdle: boolean;
  /** Undefined while the owner has not said what it holds: it may hold anything. */
  readonly filter: CategoryFilter | undefined;
  /** The filter as it was written. */
  readonly text: string;
  readonly doubts: ReadonlyMap<string, Doubt>;
}

/** A category that a neighbour's filter has. */
interface Doubt {
  /** The watermark of the last filter that had it not. */
  readonly clearMs: number;
  /** The chance that all filters since have erred. */
  readonly chance: number;
}

const BELIEVED_CHANCE = 1e-9;
const NONE: ReadonlyMap<string, Doubt> = new Map();
const UNKNOWN: Neighbour = {
  metadata: "",
  first: -1,
  watermarkMs: -Infinity,
  isIdle: false,
  filter: undefined,
  text: "",
  doubts: NONE,
};

/** What is known of the partitions of others. */
export class Neighbours {
  readonly #partitions: ReadonlyMap<number, Neighbour>;

  private constructor(partitions: ReadonlyMap<number, Neighbour>) {
    this.#partitions = partitions;
  }

  /** Nothing is known of these partitions yet. */
  static of(partitions: readonly number[]): Neighbours {
    return new Neighbours(new Map(partitions.map((partition) => [partition, UNKNOWN])));
  }

  /** The partitions, in order. */
  get partitions(): readonly number[] {
    return [...this.#partitions.keys()];
  }

  /** Up to where it is certain that they add nothing to the categories looked for last; Infinity when there are none. */
  get reachMs(): number {
    return Math.min(Infinity, ...[...this.#partitions.values()].map(reachOf));
  }

  /** A partition that nobody is behind of; undefined when there are none. */
  get lowest(): number | undefined {
    const all = [...this.#partitions];
    return all.find(([, neighbour]) => all.every(([, other]) => reachOf(neighbour) <= reachOf(other)))?.[0];
  }

  /** The lowest watermark of those that are not idle; Infinity when all are. */
  get activeMs(): number {
    const active = [...this.#partitions.values()].filter(({ isIdle }) => !isIdle);
    return Math.min(Infinity, ...active.map(({ watermarkMs }) => watermarkMs));
  }

  /** How far the owner has come that has come farthest, by the lowest of its watermarks; −Infinity when there is none. */
  get farthestMs(): number {
    const owners = Map.groupBy(this.#partitions.values(), ({ first }) => first);
    const lowest = [...owners.values()].map((owned) => Math.min(...owned.map(({ watermarkMs }) => watermarkMs)));
    return Math.max(-Infinity, ...lowest);
  }

  /** A category that is held on both sides. */
  get split(): SplitCategory | undefined {
    for (const [partition, { doubts }] of this.#partitions) {
      for (const [category, { chance }] of doubts) if (chance < BELIEVED_CHANCE) return { category, partition };
    }
    return undefined;
  }

  /** Looks for categories in what is committed now. Cost: for each category and partition up to 16 probes of a filter. */
  look(commits: ReadonlyMap<number, Committed>, categories: readonly string[]): Neighbours {
    const names = categories.map(hashedName);
    return new Neighbours(
      new Map([...this.#partitions].map(([partition, before]) => {
        const metadata = commits.get(partition)?.metadata ?? "";
        const now = metadata === before.metadata ? before : shownIn(metadata);
        return [partition, { ...now, doubts: doubtsOf(before, now, names) }];
      })),
    );
  }
}

function reachOf({ watermarkMs, doubts }: Neighbour): number {
  return Math.min(watermarkMs, ...[...doubts.values()].map(({ clearMs }) => clearMs));
}

function doubtsOf(before: Neighbour, now: Neighbour, names: readonly HashedName[]): ReadonlyMap<string, Doubt> {
  const { filter } = now;
  if (filter === undefined) return NONE;
  return new Map(
    names.filter((name) => filter.has(name)).map((name) => {
      const known = before.doubts.get(name.name);
      const clearMs = before.filter?.has(name) === false ? before.watermarkMs : known?.clearMs ?? -Infinity;
      return [name.name, { clearMs, chance: (known?.chance ?? 1) * (now.text === before.text ? 1 : filter.falseRate) }];
    }),
  );
}

/** What a commit shows; nothing is known of a partition whose owner shows nothing, or in a way that we cannot read. */
function shownIn(metadata: string): Neighbour {
  try {
    const checkpoint = decodeCheckpoint(metadata);
    if (checkpoint?.shown === undefined) return { ...UNKNOWN, metadata };
    const { share, shown: { watermarkMs, isIdle, filter: text } } = checkpoint, first = share?.first ?? -1;
    return { metadata, first, watermarkMs, isIdle, filter: new CategoryFilter(text), text, doubts: NONE };
  } catch (error) {
    if (error instanceof SyntaxError) return { ...UNKNOWN, metadata };
    throw error;
  }
}
