/**
 * What it takes to share a topic with other processes: what they allow to be made final, what they are shown, and what
 * the group is told when the topic is not keyed by category.
 *
 * I1. Whoever owns all partitions asks nobody and shows nothing.
 * I2. A flush reads the group's commits once at most.
 * I3. The partitions are shared again only when no category has been in two of them for `CALM_MS`.
 */
import { murmur3Text } from "../src/domain/hash.ts";
import type { Log } from "../src/log.ts";
import { encodeFilter, hashedName } from "../src/stream/category_filter.ts";
import type { Share, Shown } from "../src/stream/checkpoint.ts";
import type { OthersReached } from "../src/stream/frontier.ts";
import { Neighbours } from "../src/stream/neighbours.ts";
import type { Source } from "../src/stream/source.ts";
import type { OwnedPartitions } from "./desk.ts";
import type { Mark } from "./partition_task.ts";

/** What sharing works with. */
export interface SharingOptions {
  readonly source: Source;
  readonly log: Log;
}

/** A partition's place when it is shown. */
export interface Showing {
  readonly mark: Mark;
  readonly watermarkMs: number;
  readonly isIdle: boolean;
}

/** How long no category may have been in two partitions before they are shared again. */
const CALM_MS = 300_000;
/** Flushes after which filters change their salt although nothing has happened. */
const SALT_FLUSHES = 16;

/** One process's side of a shared topic. */
export class Sharing {
  readonly #options: SharingOptions;
  #partitions: readonly number[] = [];
  #neighbours = Neighbours.of([]);
  #split: string | undefined;
  #disjointSinceMs: number | undefined;
  #flushes = 0;

  constructor(options: SharingOptions) {
    this.#options = options;
  }

  /** Takes a new generation's partitions. */
  begin({ checkpoints, partitionCount, split }: OwnedPartitions): void {
    const added = checkpoints.filter(({ isAdded }) => isAdded).map(({ partition }) => partition);
    if (added.length > 0) this.#options.log.warn("Partitions were added to the topic", { partitions: added });
    this.#partitions = checkpoints.map(({ partition }) => partition);
    const others = Array.from({ length: partitionCount }, (_, partition) => partition);
    this.#neighbours = Neighbours.of(
      this.#partitions.length === 0 ? [] : others.filter((partition) => !this.#partitions.includes(partition)),
    );
    this.#split = split;
    this.#disjointSinceMs = undefined;
  }

  /** How many partitions the topic has, ours and others'. */
  get partitionCount(): number {
    return this.#partitions.length + this.#neighbours.partitions.length;
  }

  /** Why all partitions are in one process or soon will be, in words. */
  get split(): string | undefined {
    return this.#split;
  }

  /** Whether a flush needs the names of categories. */
  get asksNames(): boolean {
    return this.#isShared || this.#split !== undefined;
  }

  /** Up to where the others allow anything to be made final. */
  get reachMs(): number {
    return this.#neighbours.reachMs;
  }

  /** Whose partition allows least; undefined when nobody else has one. */
  get lowest(): number | undefined {
    return this.#neighbours.lowest;
  }

  /** How far the others have come. */
  get others(): OthersReached {
    return this.#neighbours;
  }

  /** Looks at what the others show, and tells the group what follows from it. @throws {RetryableError} */
  async look(marks: readonly Mark[], nowMs: number): Promise<void> {
    this.#flushes++;
    if (this.#isShared) {
      const commits = await this.#options.source.committed(this.#neighbours.partitions);
      this.#neighbours = this.#neighbours.look(commits, [...new Set(marks.flatMap(({ categories }) => categories))]);
      this.#tellOfSplit(marks);
    } else if (this.#split !== undefined) this.#tellWhenCalm(marks, nowMs);
  }

  /** What is committed of all partitions owned when they are closed together up to a time. */
  shareOf(closedMs: number): Share {
    return { first: this.#partitions[0] ?? 0, end: (this.#partitions.at(-1) ?? -1) + 1, closedMs };
  }

  /** What is committed of a partition for the others to see; undefined when there are none. */
  shownOf({ mark, watermarkMs, isIdle }: Showing): Shown | undefined {
    if (!this.#isShared) return undefined;
    const salt = murmur3Text(`${mark.next} ${watermarkMs} ${Math.floor(this.#flushes / SALT_FLUSHES)}`);
    return { watermarkMs, isIdle, filter: encodeFilter(mark.categories.map(hashedName), salt) };
  }

  get #isShared(): boolean {
    return this.#neighbours.partitions.length > 0;
  }

  #tellOfSplit(marks: readonly Mark[]): void {
    const { split } = this.#neighbours;
    if (split === undefined) return;
    const own = marks.find(({ categories }) => categories.includes(split.category))?.partition;
    const text = `the topic is not keyed by category: ${JSON.stringify(split.category)} is in partitions ${own} and ` +
      `${split.partition}, which two processes own; run one process, or key the topic by category. One process has ` +
      "taken all partitions, the others stand by until no category is in two of them, as it will be in a while when " +
      "partitions were added";
    if (this.#split === undefined) this.#options.log.warn("A category is in partitions of two processes", { text });
    this.#split = text;
    this.#options.source.report({ kind: "split", text });
  }

  #tellWhenCalm(marks: readonly Mark[], nowMs: number): void {
    const names = marks.flatMap(({ categories }) => categories);
    if (new Set(names).size < names.length) this.#disjointSinceMs = undefined;
    else this.#disjointSinceMs ??= nowMs;
    if (this.#disjointSinceMs === undefined || nowMs - this.#disjointSinceMs < CALM_MS) return;
    this.#options.log.info("No category is in two partitions any more: they are shared again");
    this.#options.source.report({ kind: "disjoint" });
    this.#disjointSinceMs = undefined;
  }
}
