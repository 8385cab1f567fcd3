import { type Checkpoint, imbalance } from "./checkpoint.ts";
import type { Dice } from "./dice.ts";
import type { Reason } from "./machine.ts";
import { type Mutation, paneOf, type Rules } from "./rules.ts";
import type { Topic } from "./topic.ts";

/** One point: `A|window|category|end` (transactions_avg) or `T|category|start` (transactions_total). */
export interface Point {
  readonly key: string;
  readonly category: number;
  readonly end: number;
  readonly count: number;
  readonly final: boolean;
}

/** One write request. */
export interface Batch {
  readonly writer: number;
  readonly points: readonly Point[];
  readonly letters: readonly Letter[];
}

/** A dead letter, named by partition and offset. */
export interface Letter {
  readonly partition: number;
  readonly offset: number;
  readonly reason: Reason;
}

/** A request on its way to the store, as its sender sees it. */
export interface Ticket {
  readonly sentAt: number;
  state: "waiting" | "acked" | "failed";
}

/** What an answer to a commit can be; after `lost` it may or may not have happened. */
export type CommitAnswer = "acked" | "lost" | "fenced";

/** How unreliable the store and the coordinator are: chances per request. */
export interface Faults {
  readonly ackLost: number;
  readonly reset: number;
  readonly commitLost: number;
}

/** Who holds a partition. */
export interface Holding {
  readonly owner: number;
  /** When it was taken over from an owner that had not left, else undefined. */
  readonly seizedAt: number | undefined;
}

interface Flight {
  readonly landAt: number;
  readonly answerAt: number;
  readonly answer: "acked" | "failed";
  readonly batch: Batch;
  readonly ticket: Ticket;
  landed: boolean;
}

/** What a cluster is made from. */
export interface ClusterOptions {
  readonly topic: Topic;
  readonly rules: Rules;
  readonly dice: Dice;
  readonly faults: Faults;
  readonly mutation: Mutation | undefined;
}

/** The world outside the processes: wall clock, store, dead letters, consumer group. It notes every breach it can see. */
export class Cluster {
  now = 0;
  readonly options: ClusterOptions;
  readonly points = new Map<string, Point>();
  readonly landedAt = new Map<string, number>();
  readonly letters = new Map<string, Reason>();
  readonly checkpoints = new Map<number, Checkpoint>();
  readonly holdings = new Map<number, Holding>();
  readonly raisesCommitted = new Map<string, number>();
  readonly breaches: string[] = [];
  /** Set while a run may legitimately decide differently than before (an expired commit). */
  anew = false;
  /** Set once a provisional point may show fewer records than before: after any crash, stall, gap or changed rules. */
  mayForget = false;
  #flights: Flight[] = [];

  constructor(options: ClusterOptions) {
    this.options = options;
  }

  /** Notes a breach of a law. */
  breach(text: string): void {
    if (this.breaches.length < 20) this.breaches.push(`t=${this.now} ${text}`);
  }

  /** Sends one write; it lands within the store's time-out, answered or not. */
  send(batch: Batch): Ticket {
    const { dice, faults, rules } = this.options;
    const ticket: Ticket = { sentAt: this.now, state: "waiting" };
    const reset = dice.chance(faults.reset);
    const lost = reset || dice.chance(faults.ackLost);
    const landAt = this.now + dice.int(0, rules.storeTimeout - 1);
    const never = lost && dice.chance(0.5);
    this.#flights.push({
      landAt: never ? Infinity : landAt,
      answerAt: reset ? this.now : lost ? this.now + rules.storeTimeout : landAt,
      answer: lost ? "failed" : "acked",
      batch,
      ticket,
      landed: false,
    });
    this.settle();
    return ticket;
  }

  /** Lands and answers what is due now. */
  settle(): void {
    for (const flight of this.#flights) {
      if (!flight.landed && flight.landAt <= this.now) this.#land(flight);
      if (flight.ticket.state === "waiting" && flight.answerAt <= this.now) flight.ticket.state = flight.answer;
    }
    this.#flights = this.#flights.filter((f) => f.ticket.state === "waiting" || (!f.landed && f.landAt !== Infinity));
  }

  /** Commits checkpoints in one request, whole or not at all; only an owner's commit is taken. */
  commit(owner: number, checkpoints: ReadonlyMap<number, Checkpoint>): CommitAnswer {
    const { dice, faults } = this.options;
    for (const partition of checkpoints.keys()) {
      if (this.holdings.get(partition)?.owner !== owner) return "fenced";
    }
    const lost = dice.chance(faults.commitLost);
    if (lost && dice.chance(0.5)) return "lost";
    for (const [partition, checkpoint] of checkpoints) this.#store(partition, checkpoint);
    return lost ? "lost" : "acked";
  }

  /** The frontier past which no point of `category` may be written any more. */
  closedFor(category: number): number {
    const { topic } = this.options;
    const all = [...this.checkpoints].filter(([p]) => !topic.keyed || p === topic.home(category));
    return Math.max(-Infinity, ...all.map(([, checkpoint]) => checkpoint.frontier));
  }

  /** End of the pane that holds the highest min(event time, append time) appended so far (L10). */
  #newestEnd(): number {
    const { topic, rules } = this.options;
    const times = topic.partitions.flatMap((entries, partition) =>
      entries.slice(0, topic.end(partition, this.now)).map(({ event, at }) => Math.min(event, at))
    );
    return paneOf(Math.max(...times), rules) + rules.slide;
  }

  #store(partition: number, checkpoint: Checkpoint): void {
    const previous = this.checkpoints.get(partition);
    if (previous && checkpoint.frontier < previous.frontier) this.breach(`frontier of ${partition} fell in a commit`);
    if (previous && checkpoint.position < previous.position) this.breach(`position of ${partition} fell in a commit`);
    if (imbalance(checkpoint) !== 0) this.breach(`ledger of ${partition} is off by ${imbalance(checkpoint)}`);
    if (checkpoint.raises.length > this.options.rules.maxRaises) this.breach(`too many raises on ${partition}`);
    for (const raise of checkpoint.raises) {
      const key = `${partition}|${raise.offset}`;
      this.raisesCommitted.set(key, Math.max(raise.watermark, this.raisesCommitted.get(key) ?? raise.watermark));
    }
    this.checkpoints.set(partition, checkpoint);
  }

  #land(flight: Flight): void {
    flight.landed = true;
    const owns = [...this.holdings.values()].some(({ owner }) => owner === flight.batch.writer);
    for (const { partition, offset } of owns && !this.anew ? flight.batch.letters : []) {
      const position = this.checkpoints.get(partition)?.position ?? 0;
      if (offset < position) this.breach(`letter ${partition}|${offset} written again, position is ${position}`);
    }
    const newestEnd = this.#newestEnd();
    for (const point of flight.batch.points) {
      if (owns) this.#inspect(point, newestEnd);
      this.points.set(point.key, point);
      this.landedAt.set(point.key, this.now);
    }
    for (const { partition, offset, reason } of flight.batch.letters) {
      const key = `${partition}|${offset}`;
      const known = this.letters.get(key);
      if (known !== undefined && known !== reason) this.breach(`letter ${key} was ${known}, is ${reason}`);
      this.letters.set(key, reason);
    }
  }

  #inspect(point: Point, newestEnd: number): void {
    const old = this.points.get(point.key);
    const mayRewrite = this.options.mutation === "rewriteFinalsInstead";
    if (!mayRewrite && point.end <= this.closedFor(point.category)) this.breach(`closed point written: ${point.key}`);
    if (!point.final && point.end > newestEnd) this.breach(`provisional ${point.key} past the newest pane`);
    if (this.anew) return;
    if (old?.final && !point.final) this.breach(`provisional after final: ${point.key}`);
    if (old?.final && point.final && old.count !== point.count) {
      this.breach(`final ${point.key} was ${old.count}, rewritten as ${point.count}`);
    }
    if (old && !old.final && old.count > point.count && !this.mayForget) {
      this.breach(`point ${point.key} went back from ${old.count} to ${point.count}`);
    }
  }
}
