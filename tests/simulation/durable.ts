/**
 * All that outlives a process – log, commits, points, letters – and the laws that each change of it must keep.
 *
 * What breaks a law is noted, not thrown: the pipeline must not notice that it is watched.
 */
import type { Point } from "../../src/domain/point.ts";
import { type Checkpoint, decodeCheckpoint, MAX_RAISES, type Raise } from "../../src/stream/checkpoint.ts";
import type { DeadLetter } from "../../src/stream/dead_letters.ts";
import { imbalance } from "../../src/stream/ledger.ts";
import type { Committed } from "../../src/stream/source.ts";
import { lastFinalEndMs } from "../../src/window/shape.ts";
import type { Scenario } from "./scenario.ts";
import { Topic } from "./topic.ts";
import { highestWatermarkMs, highMs } from "./truth.ts";

/** A record may be so old before it has been read; fetches that fail take this long. */
const UNREAD_MS = 8_000;
const METADATA_BYTES = 4_096;
/** Breaches told of a run; the first ones say what went wrong. */
const TOLD = 12;

/** What is durable. */
export class Durable {
  readonly scenario: Scenario;
  readonly topic: Topic;
  readonly points = new Map<string, Point>();
  readonly letters = new Map<string, DeadLetter>();
  /** Every raise ever committed. */
  readonly raises = new Map<number, Raise[]>();
  readonly breaches: string[] = [];
  nowMs: number;
  /** Whether a process lives that stood still: what it does at first, it had decided before. */
  hasZombie = false;
  /** Whether several processes share the partitions. */
  isShared = false;
  #onTheirWay: { readonly atMs: number; readonly arrive: () => void }[] = [];

  constructor(scenario: Scenario, nowMs: number) {
    this.scenario = scenario;
    this.topic = new Topic(scenario.partitions);
    this.nowMs = nowMs;
  }

  /** Whether retention has taken anything, read or not. */
  get hasGap(): boolean {
    return !this.topic.isWhole;
  }

  /** Whether every partition is committed up to its end. */
  get isRead(): boolean {
    const { topic } = this;
    return topic.partitions.every((partition) =>
      topic.rangeOf(partition).end === (topic.commits.get(partition)?.position ?? 0)
    );
  }

  /** What its sender will not see arrive: it does so `inMs` from now. */
  send(inMs: number, arrive: () => void): void {
    this.#onTheirWay.push({ atMs: this.nowMs + inMs, arrive });
  }

  /** Lets time pass for what is on its way. */
  advance(ms: number): void {
    this.nowMs += ms;
    const due = this.#onTheirWay.filter(({ atMs }) => atMs <= this.nowMs);
    this.#onTheirWay = this.#onTheirWay.filter(({ atMs }) => atMs > this.nowMs);
    for (const { arrive } of due) arrive();
  }

  /** Notes a breach of a law. */
  breach(text: string): void {
    if (this.breaches.length < TOLD) this.breaches.push(text);
  }

  /** The checkpoint committed for a partition; undefined before the first. */
  checkpointOf(partition: number): Checkpoint | undefined {
    const commit = this.topic.commits.get(partition);
    return commit === undefined ? undefined : decodeCheckpoint(commit.metadata);
  }

  /** Everything that ends by then is closed for good. */
  get closedMs(): number {
    const frontiers = this.topic.partitions.map((partition) => this.checkpointOf(partition)?.frontierMs ?? -Infinity);
    return Math.max(-Infinity, ...frontiers);
  }

  /** Between what a write may be that is sent now. */
  get bounds(): Bounds {
    // Each has a frontier of its own; that nothing final changes is watched all the same.
    if (this.isShared) return { closedMs: -Infinity, sinceMs: -Infinity };
    const since = this.topic.partitions.map((partition) => this.checkpointOf(partition)?.sinceMs ?? -Infinity);
    return { closedMs: this.closedMs, sinceMs: Math.max(-Infinity, ...since.filter((ms) => ms !== Infinity)) };
  }

  /** A write that arrives at the store, with what bounded it when it was sent. */
  write(points: readonly Point[], bounds: Bounds): void {
    const limits = this.#limits();
    for (const point of points) {
      if (point.measurement !== "tally_partition") this.#check(point, { ...limits, ...bounds });
      this.points.set(nameOf(point), point);
    }
  }

  /** Partitions were added: what is final but not committed may change once more, for they may add to it. */
  reopen(): void {
    const { closedMs, scenario: { shape: { slideMs } } } = this;
    for (const [name, point] of this.points) {
      const endMs = point.timeMs + (point.measurement === "transactions_total" ? slideMs : 0);
      if (endMs > closedMs) this.points.set(name, { ...point, fields: { ...point.fields, final: false } });
    }
  }

  /** Letters that arrive. */
  append(letters: readonly DeadLetter[], isOwner: boolean): void {
    for (const letter of letters) {
      const position = this.checkpointOf(letter.partition)?.position ?? 0;
      if (isOwner && letter.offset < position) {
        this.breach(`letter ${letterName(letter)} is written again: position ${position} is committed`);
      }
      const known = this.letters.get(letterName(letter));
      if (known !== undefined && known.reason !== letter.reason) {
        this.breach(`letter ${letterName(letter)} was ${known.reason} and is ${letter.reason}`);
      }
      this.letters.set(letterName(letter), letter);
    }
  }

  /** A commit that arrives. */
  commit(commit: Committed): void {
    const before = this.checkpointOf(commit.partition), now = decodeCheckpoint(commit.metadata);
    this.topic.commits.set(commit.partition, commit);
    if (now === undefined) return this.breach(`commit of ${commit.partition} cannot be read: ${commit.metadata}`);
    const name = `commit of ${commit.partition}@${commit.position}`;
    if (now.position !== commit.position) this.breach(`${name} says position ${now.position}`);
    if (before !== undefined && now.position < before.position) this.breach(`${name} falls from ${before.position}`);
    if (before !== undefined && now.frontierMs < before.frontierMs) this.breach(`${name}: its frontier falls`);
    if (new TextEncoder().encode(commit.metadata).length > METADATA_BYTES) this.breach(`${name} is too long`);
    this.#checkLedger(now, { name, partition: commit.partition });
    const known = this.raises.get(commit.partition) ?? [];
    const fresh = now.raises.filter(({ offset, watermarkMs }) =>
      !known.some((raise) => raise.offset === offset && raise.watermarkMs === watermarkMs)
    );
    this.raises.set(commit.partition, [...known, ...fresh]);
    for (const raise of fresh) if (now.raises.length < MAX_RAISES) this.#checkRaise(commit.partition, raise);
  }

  /** Only an idle partition is raised: what is unread at a raise has come only just now. */
  #checkRaise(partition: number, { offset }: Raise): void {
    const { slowMs, commit, killInCall } = this.scenario.faults;
    if (partition >= this.scenario.partitions) return; // It was added: what was closed by then stays closed.
    if (this.hasZombie || slowMs > 300 || commit + killInCall > 0) return; // The commit itself may have been long on its way.
    const { first } = this.topic.rangeOf(partition);
    const unread = this.topic.records[partition]?.find((record) => record.offset >= Math.max(offset, first));
    const ageMs = this.nowMs - (unread?.appendedAtMs ?? Infinity);
    if (ageMs > UNREAD_MS) {
      this.breach(`raise at ${partition}@${offset}: record ${unread?.offset} has been there for ${ageMs} ms`);
    }
  }

  #checkLedger({ ledger, position }: Checkpoint, { name, partition }: { name: string; partition: number }): void {
    const off = imbalance(ledger, position);
    if (off !== 0) this.breach(`${name}: its ledger is off by ${off}`);
    const lettered =
      (this.topic.records[partition] ?? []).filter(({ offset }) =>
        offset < position && this.letters.has(letterName({ partition, offset }))
      ).length;
    const dead = ledger.late + ledger.future + ledger.invalid;
    // A letter may be durable before its record was committed, and the record be gone when it is read again.
    if (this.hasGap ? lettered < dead : lettered !== dead) {
      this.breach(`${name}: its ledger has ${dead} dead letters, ${lettered} are durable`);
    }
    const controls = [...this.topic.controls[partition] ?? []].filter((offset) => offset < position).length;
    if (!this.hasGap && ledger.skipped !== controls) {
      this.breach(`${name}: its ledger skipped ${ledger.skipped}, there are ${controls} control records`);
    }
  }

  #limits(): Limits {
    const { topic, scenario, raises } = this;
    // A partition that was added counts from when it is taken notice of.
    const known = topic.partitions.filter((partition) =>
      partition < scenario.partitions || topic.commits.has(partition)
    );
    const watermarks = known.map((partition) => highestWatermarkMs(partition, topic, { raises, scenario }));
    return {
      frontierMs: Math.min(...watermarks),
      newestEndMs: lastFinalEndMs(highMs(topic.records.flat(), scenario), scenario.shape.slideMs) +
        scenario.shape.slideMs,
    };
  }

  #check(point: Point, { closedMs, sinceMs, frontierMs, newestEndMs }: Limits & Bounds): void {
    const name = nameOf(point), isFinal = point.fields["final"] === true, known = this.points.get(name);
    const { slideMs, windowMs } = this.scenario.shape, isPane = point.measurement === "transactions_total";
    const startMs = point.timeMs - (isPane ? 0 : windowMs), endMs = point.timeMs + (isPane ? slideMs : 0);
    if (startMs < sinceMs) this.breach(`${name} is written: only what starts at ${sinceMs} or later is covered`);
    if (endMs <= closedMs) this.breach(`${name} is written again: the frontier ${closedMs} is committed`);
    if (isFinal && endMs > frontierMs) {
      this.breach(`${name} is final: no record and no committed raise lets the frontier pass ${frontierMs}`);
    }
    if (!isFinal && endMs > newestEndMs) {
      this.breach(`${name} is provisional past the newest pane's end ${newestEndMs}`);
    }
    if (known?.fields["final"] !== true) return;
    if (!isFinal) this.breach(`${name} was final and is provisional`);
    else if (textOf(known) !== textOf(point)) {
      this.breach(`${name} was final and is final otherwise: ${textOf(known)}, now ${textOf(point)}`);
    }
  }
}

/** What a write must not touch, as it is when it is sent. */
export interface Bounds {
  /** What ends by then is closed. */
  readonly closedMs: number;
  /** What starts before is not covered. */
  readonly sinceMs: number;
}

interface Limits {
  readonly frontierMs: number;
  readonly newestEndMs: number;
}

/** The name of a point. */
export function nameOf({ measurement, tags, timeMs }: Point): string {
  return `${measurement} ${Object.values(tags).join(" ")} ${timeMs}`;
}

/** The name of a letter. */
export function letterName({ partition, offset }: { readonly partition: number; readonly offset: number }): string {
  return `${partition}@${offset}`;
}

/** A point's fields, to the bit. */
export function textOf({ fields }: Point): string {
  return JSON.stringify(Object.entries(fields).toSorted(([a], [b]) => a < b ? -1 : 1));
}
