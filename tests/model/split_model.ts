/**
 * A model of L13: several processes share the partitions of a topic that may not be keyed by category, die between any
 * two steps, take partitions over, and partitions are added.
 *
 * It knows no clock, no idleness and no raises: those are the other model's. Every partition ends with a record far in
 * the future, so that in the end everything can become final.
 */
import { Dice } from "./dice.ts";

/** What may be broken on purpose. */
export const SPLIT_MUTATIONS = [
  /** The filter alone decides: what other members have not read yet is not waited for. */
  "filterOnly",
  /** Nobody looks at filters. */
  "noFilter",
  /** A category is looked up when its final is due, but not that of a window which it reaches only with a zero pane. */
  "filterOfOpenPanes",
  /** After a takeover everything is closed up to the highest frontier. */
  "highestFrontier",
  /** After a takeover a partition is closed up to its own frontier. */
  "ownFrontier",
  /** After a takeover a partition is closed up to the frontier of each that was owned together with it. */
  "frontierIsJoint",
  /** A partition that was added is read as if nothing had been closed. */
  "newFromStart",
  /** It is not committed before what depends on it. */
  "newNotClaimed",
] as const;

/** One deliberate breach. */
export type SplitMutation = typeof SPLIT_MUTATIONS[number];

const SLIDE = 5;
const WINDOW = 15;
const NEVER = -1e9;
const FAR = 1e6;
/** What ends later is not made final by any record. */
const LAST = FAR - 2 * SLIDE;
/** A filter that was taken for every name falsely this often in a row is believed. */
const BELIEVED = 1e-3;
const FALSE_RATE = 0.2;

interface Entry {
  readonly time: number;
  readonly category: number;
}

interface Checkpoint {
  /** The watermark before the first record. */
  readonly began: number;
  readonly offset: number;
  readonly watermark: number;
  readonly position: number;
  readonly frontier: number;
  /** The partitions that its owner held, and up to where it had made all of them final together. */
  readonly first: number;
  readonly end: number;
  readonly jointly: number;
  /** The watermark at `position`, and the categories of the panes kept then. */
  readonly reached: number;
  readonly kept: ReadonlySet<number>;
  readonly salt: number;
}

interface PaneStart {
  readonly offset: number;
  readonly watermark: number;
  readonly counts: Map<number, number>;
}

const paneOf = (time: number) => Math.floor(time / SLIDE) * SLIDE;
const horizonOf = (frontier: number) => paneOf(frontier) + SLIDE - WINDOW;

/** One partition in one process. */
class Machine {
  readonly start: Checkpoint;
  readonly endAtAssignment: number;
  position: number;
  watermark: number;
  readonly panes = new Map<number, PaneStart>();

  constructor(start: Checkpoint, end: number) {
    this.start = start;
    this.endAtAssignment = end;
    this.position = start.offset;
    this.watermark = start.watermark;
  }

  take({ time, category }: Entry): void {
    const pane = paneOf(time);
    if (pane + SLIDE > this.watermark && pane >= horizonOf(this.start.frontier)) {
      const known = this.panes.get(pane) ??
        { offset: this.position, watermark: this.watermark, counts: new Map<number, number>() };
      known.counts.set(category, (known.counts.get(category) ?? 0) + 1);
      this.panes.set(pane, known);
    }
    this.position++;
    this.watermark = Math.max(this.watermark, time - 2 * SLIDE);
  }

  get kept(): Set<number> {
    return new Set([...this.panes.values()].flatMap(({ counts }) => [...counts.keys()]));
  }

  prune(frontier: number): void {
    for (const pane of this.panes.keys()) if (pane < horizonOf(frontier)) this.panes.delete(pane);
  }
}

/** A run: records, commits and points, and the processes that come and go. */
export class SplitWorld {
  readonly breaches: string[] = [];
  splits = 0;
  readonly #mutation: SplitMutation | undefined;
  readonly #dice: Dice;
  readonly #entries: Entry[][];
  readonly #visible: number[];
  readonly #addedAt: number;
  readonly #all: number;
  /** One process at a time; only then are commits taken one by one, as two requests of a very large group may be. */
  readonly isLone: boolean;
  readonly #commits = new Map<number, Checkpoint>();
  readonly #points = new Map<string, { readonly count: number; readonly final: boolean }>();
  /** The watermark that an added partition began with, once that is committed. */
  readonly #began = new Map<number, number>();
  #processes: SplitProcess[] = [];
  #count: number;
  #sole = false;
  #calmFor = 0;
  #salt = 0;

  constructor(seed: number, mutation?: SplitMutation) {
    this.#mutation = mutation;
    const dice = this.#dice = new Dice(seed);
    this.#count = dice.int(2, 4);
    this.#all = this.#count + (dice.chance(0.4) ? dice.int(1, 2) : 0);
    this.#addedAt = dice.int(20, 60);
    this.isLone = dice.chance(0.25);
    this.#entries = this.#script(dice.chance(0.4));
    this.#visible = this.#entries.map(() => 0);
    this.#processes = Array.from({ length: this.isLone ? 1 : dice.int(1, 3) }, () => new SplitProcess(this));
    this.#assign();
  }

  /** Plays to the end and returns what is wrong. */
  run(): readonly string[] {
    for (let tick = 0; tick < 600; tick++) this.#tick(tick);
    for (let tick = 0; tick < 4_000 && !this.#isDone; tick++) this.#step();
    if (!this.#isDone) this.#breach("it does not come to an end");
    return [...this.breaches, ...this.#wrong()];
  }

  get mutation(): SplitMutation | undefined {
    return this.#mutation;
  }

  entryAt(partition: number, offset: number): Entry | undefined {
    return offset < (this.#visible[partition] ?? 0) ? this.#entries[partition]?.[offset] : undefined;
  }

  endOf(partition: number): number {
    return this.#visible[partition] ?? 0;
  }

  /** The partitions that were shared out. */
  get count(): number {
    return this.#count;
  }

  commitOf(partition: number): Checkpoint | undefined {
    return this.#commits.get(partition);
  }

  commit(partition: number, checkpoint: Omit<Checkpoint, "salt">): void {
    const before = this.#commits.get(partition);
    if (before !== undefined && before.frontier > checkpoint.frontier) this.#breach(`frontier of ${partition} falls`);
    this.#commits.set(partition, { ...checkpoint, salt: this.#salt++ });
    if (!this.#began.has(partition)) this.#began.set(partition, checkpoint.began);
  }

  write(key: string, point: { readonly count: number; readonly final: boolean }): void {
    const known = this.#points.get(key);
    if (known?.final && !point.final) this.#breach(`${key} was final and is provisional`);
    if (known?.final && point.final && known.count !== point.count) {
      this.#breach(`${key} was ${known.count} for good and is ${point.count}`);
    }
    this.#points.set(key, point);
  }

  /** A member believes that a category is split. */
  alarm(): void {
    if (this.#sole) return;
    this.splits++;
    this.#sole = true;
    this.#assign();
  }

  /** The member that owns everything sees no category in two partitions. */
  calm(isCalm: boolean): void {
    this.#calmFor = isCalm ? this.#calmFor + 1 : 0;
    if (this.#calmFor < 5) return;
    this.#calmFor = 0;
    this.#sole = false;
    this.#assign();
  }

  get isSole(): boolean {
    return this.#sole;
  }

  #script(isKeyed: boolean): Entry[][] {
    const dice = this.#dice, categories = 6;
    return Array.from({ length: this.#all }, (_, partition) => {
      const isNew = partition >= this.#count;
      const entries: Entry[] = [];
      for (let n = isNew ? dice.int(0, 30) : dice.int(0, 60), time = isNew ? 10 : 0; n > 0; n--) {
        time += dice.pick([0, 0, 1, 2, 6]);
        const own = partition + this.#all * dice.int(0, 1), any = dice.int(0, categories);
        entries.push({ time: time - dice.pick([0, 0, 3, 9, 14]), category: isKeyed ? own : any });
      }
      return [...entries, { time: FAR, category: 100 + partition }];
    });
  }

  #tick(tick: number): void {
    const dice = this.#dice;
    for (let partition = 0; partition < this.#all; partition++) {
      if (partition >= this.#count && tick < this.#addedAt) continue;
      const more = dice.chance(0.3) ? dice.int(1, 4) : 0;
      this.#visible[partition] = Math.min(this.#entries[partition]?.length ?? 0, this.endOf(partition) + more);
    }
    if (tick > this.#addedAt && this.#count < this.#all && dice.chance(0.1)) {
      this.#count = this.#all;
      this.#reopen();
      this.#assign();
    }
    if (dice.chance(0.02)) this.#die();
    if (dice.chance(0.02) && !this.isLone && this.#processes.length < 3) this.#join();
    this.#step();
  }

  #die(): void {
    this.#processes.splice(this.#dice.int(0, this.#processes.length - 1), 1);
    if (this.#processes.length === 0) return this.#join();
    this.#assign();
  }

  #join(): void {
    this.#processes.push(new SplitProcess(this));
    this.#assign();
  }

  /** What was written but not committed when partitions are added may change once more: they may add to it. */
  #reopen(): void {
    const closed = Math.max(NEVER, ...[...this.#commits.values()].map(({ frontier }) => frontier));
    for (const [key, { count }] of this.#points) {
      if (Number(key.split("|")[1]) > closed) this.#points.set(key, { count, final: false });
    }
  }

  #step(): void {
    for (const process of [...this.#processes]) {
      const steps = this.#dice.int(0, 3);
      for (let n = 0; n < steps; n++) process.step(this.#dice);
    }
    for (let partition = 0; partition < this.#all; partition++) {
      if (partition >= this.#count) continue;
      this.#visible[partition] = Math.min(this.#entries[partition]?.length ?? 0, this.endOf(partition) + 1);
    }
  }

  /** Shares the partitions out in runs; whatever was under way is cut off. */
  #assign(): void {
    const owners = this.#sole ? this.#processes.slice(0, 1) : this.#processes;
    for (const process of this.#processes) process.assign(0, 0);
    owners.forEach((process, index) => {
      const bound = (at: number) => Math.floor((at * this.#count) / owners.length);
      process.assign(bound(index), bound(index + 1));
    });
  }

  get #isDone(): boolean {
    return this.#entries.every((entries, partition) => {
      const commit = this.#commits.get(partition);
      return commit !== undefined && commit.position === entries.length && commit.frontier >= LAST;
    });
  }

  /** What differs from the topic without its late records. */
  #wrong(): string[] {
    const right = new Map<string, number>();
    for (const { time, category } of this.#counted()) {
      for (const end of endsOf(paneOf(time))) {
        if (end <= LAST) right.set(`${category}|${end}`, (right.get(`${category}|${end}`) ?? 0) + 1);
      }
    }
    const found = new Map([...this.#points].filter(([key]) => Number(key.split("|")[1]) <= LAST));
    return [...new Set([...right.keys(), ...found.keys()])].flatMap((key) => {
      const point = found.get(key);
      if (point?.final && point.count === right.get(key)) return [];
      const text = point === undefined ? "absent" : `${point.count}${point.final ? "" : " and provisional"}`;
      return [`${key} is ${text}, topic says ${right.get(key) ?? "no point"}`];
    });
  }

  /** The records that are not late. */
  #counted(): Entry[] {
    return this.#entries.flatMap((entries, partition) => {
      let watermark = this.#began.get(partition) ?? NEVER;
      return entries.filter(({ time }) => {
        const before = watermark;
        watermark = Math.max(watermark, time - 2 * SLIDE);
        return paneOf(time) + SLIDE > before;
      });
    });
  }

  #breach(text: string): void {
    if (this.breaches.length < 10) this.breaches.push(text);
  }
}

/** What is known of a partition of another member. */
interface Seen {
  readonly commit: Checkpoint;
  /** Categories of ours that the filter may have, up to when it had not, and the chance that it never had. */
  readonly doubts: Map<number, { readonly clearTo: number; readonly chance: number }>;
}

const hasName = ({ kept, salt }: Checkpoint, category: number) =>
  kept.has(category) || new Dice(salt * 101 + category).chance(FALSE_RATE);

/** A process with a run of partitions. */
class SplitProcess {
  readonly #world: SplitWorld;
  #first = 0;
  #end = 0;
  #machines = new Map<number, Machine>();
  #closed = new Map<number, number>();
  #seen = new Map<number, Seen>();
  #unclaimed = new Set<number>();
  #flush: Generator<void, void> | undefined;

  constructor(world: SplitWorld) {
    this.#world = world;
  }

  /** Begins anew with these partitions, from what is committed. */
  assign(first: number, end: number): void {
    const { mutation, count } = this.#world;
    this.#first = first;
    this.#end = end;
    this.#flush = undefined;
    this.#seen = new Map();
    this.#unclaimed = new Set();
    const commits = Array.from({ length: count }, (_, p) => this.#world.commitOf(p)).filter((c) => c !== undefined);
    const highest = Math.max(NEVER, ...commits.map(({ frontier }) => frontier));
    this.#machines = new Map();
    this.#closed = new Map();
    for (let partition = first; partition < end; partition++) {
      const committed = this.#world.commitOf(partition);
      const joint = commits.filter((commit) => commit.first <= partition && partition < commit.end)
        .map(({ frontier, jointly }) => mutation === "frontierIsJoint" ? frontier : jointly);
      const isNew = committed === undefined && joint.every((time) => time === NEVER) && mutation !== "newFromStart";
      const start = committed ?? fresh(isNew ? highest : NEVER);
      if (isNew && mutation !== "newNotClaimed") this.#unclaimed.add(partition);
      this.#machines.set(partition, new Machine(start, this.#world.endOf(partition)));
      const own = Math.max(start.frontier, mutation === "ownFrontier" ? NEVER : Math.max(NEVER, ...joint));
      this.#closed.set(partition, mutation === "highestFrontier" ? highest : own);
    }
  }

  /** Reads a little, or goes on with the flush. */
  step(dice: Dice): void {
    if (this.#machines.size === 0) return;
    if (dice.chance(0.5)) {
      const partition = dice.int(this.#first, this.#end - 1), machine = this.#machines.get(partition);
      for (let n = dice.int(1, 5); n > 0 && machine !== undefined; n--) {
        const entry = this.#world.entryAt(partition, machine.position);
        if (entry !== undefined) machine.take(entry);
      }
      return;
    }
    this.#flush ??= this.#run();
    if (this.#flush.next().done) this.#flush = undefined;
  }

  *#run(): Generator<void, void> {
    const machines = [...this.#machines];
    if (machines.some(([, machine]) => machine.position < machine.start.position)) return;
    const caughtUp = machines.every(([, machine]) => machine.position >= machine.endAtAssignment);
    const reached = Math.min(...machines.map(([, { watermark }]) => watermark));
    const names = new Map(machines.map(([partition, machine]) => [partition, this.#namesOf(machine)]));
    yield;
    const frontier = Math.min(reached, this.#look(new Set([...names.values()].flatMap((set) => [...set]))));
    yield;
    const points = this.#points(frontier, caughtUp ? reached : Infinity);
    const commits = machines.map(([partition]) => [partition, this.#checkpoint(partition, frontier)] as const);
    const isSplit = names.size > 1 && overlap([...names.values()]);
    for (const partition of this.#unclaimed) {
      const start = this.#machines.get(partition)?.start;
      if (start !== undefined) {
        this.#world.commit(partition, { ...start, first: this.#first, end: this.#end, jointly: NEVER });
      }
      yield;
    }
    this.#unclaimed.clear();
    for (const [key, point] of points) {
      this.#world.write(key, point);
      if (key.length % 2 === 0) yield;
    }
    for (const [partition, checkpoint] of commits) {
      this.#world.commit(partition, checkpoint);
      this.#closed.set(partition, checkpoint.frontier);
      this.#machines.get(partition)?.prune(checkpoint.frontier);
      if (this.#world.isLone) yield;
    }
    if (this.#world.isSole) this.#world.calm(!isSplit);
  }

  #namesOf(machine: Machine): Set<number> {
    if (this.#world.mutation !== "filterOfOpenPanes") return machine.kept;
    const open = [...machine.panes].filter(([pane]) => pane + SLIDE > machine.watermark);
    return new Set(open.flatMap(([, { counts }]) => [...counts.keys()]));
  }

  #checkpoint(partition: number, frontier: number): Omit<Checkpoint, "salt"> {
    const machine = this.#machines.get(partition);
    if (machine === undefined) throw new RangeError(`Cannot commit partition ${partition}: it is not ours`);
    const closed = Math.max(frontier, this.#closed.get(partition) ?? NEVER);
    let start = { offset: machine.position, watermark: machine.watermark };
    for (const [pane, at] of machine.panes) if (pane >= horizonOf(closed) && at.offset < start.offset) start = at;
    return {
      began: machine.start.began,
      offset: start.offset,
      watermark: start.watermark,
      position: machine.position,
      frontier: closed,
      first: this.#first,
      end: this.#end,
      jointly: Math.max(frontier, Math.min(...this.#closed.values())),
      reached: machine.watermark,
      kept: this.#namesOf(machine),
    };
  }

  /** Final what ends in (closed, frontier], provisional the newest window of each pane that ends after `from`. */
  #points(frontier: number, from: number): Map<string, { count: number; final: boolean }> {
    const points = new Map<string, { count: number; final: boolean }>();
    for (const [partition, { panes }] of this.#machines) {
      const closed = this.#closed.get(partition) ?? NEVER;
      for (const [pane, { counts }] of panes) {
        const isDue = (end: number) => end > closed && (end <= frontier || (end > from && end === pane + SLIDE));
        for (const end of endsOf(pane).filter(isDue)) addTo(points, counts, { end, final: end <= frontier });
      }
    }
    return points;
  }

  /** Up to where no partition of another member can add anything to a category of ours. */
  #look(categories: ReadonlySet<number>): number {
    const { mutation, count } = this.#world;
    let cap = Infinity;
    for (let partition = 0; partition < count; partition++) {
      if (partition >= this.#first && partition < this.#end) continue;
      const commit = this.#world.commitOf(partition);
      if (commit === undefined) return mutation === "filterOnly" ? cap : NEVER;
      const seen = learn(this.#seen.get(partition), commit, categories);
      this.#seen.set(partition, seen);
      const doubts = mutation === "noFilter" ? [] : [...seen.doubts.values()];
      if (mutation !== "filterOnly") cap = Math.min(cap, commit.reached);
      cap = Math.min(cap, ...doubts.map(({ clearTo }) => clearTo));
      if (doubts.some(({ chance }) => chance < BELIEVED)) this.#world.alarm();
    }
    return cap;
  }
}

function fresh(watermark: number): Checkpoint {
  const kept = new Set<number>();
  return {
    began: watermark,
    offset: 0,
    watermark,
    position: 0,
    frontier: NEVER,
    first: 0,
    end: 0,
    jointly: NEVER,
    reached: NEVER,
    kept,
    salt: -1,
  };
}

function learn(before: Seen | undefined, commit: Checkpoint, categories: ReadonlySet<number>): Seen {
  const doubts = new Map<number, { clearTo: number; chance: number }>();
  const isNews = before?.commit.salt !== commit.salt;
  for (const category of categories) {
    if (!hasName(commit, category)) continue;
    const known = before?.doubts.get(category);
    const wasClear = before !== undefined && !hasName(before.commit, category);
    const clearTo = wasClear ? before.commit.reached : known?.clearTo ?? NEVER;
    doubts.set(category, { clearTo, chance: (known?.chance ?? 1) * (isNews ? FALSE_RATE : 1) });
  }
  return { commit, doubts };
}

/** Ends of the windows that a pane belongs to. */
function endsOf(pane: number): number[] {
  return Array.from({ length: WINDOW / SLIDE }, (_, index) => pane + (index + 1) * SLIDE);
}

function addTo(
  points: Map<string, { count: number; final: boolean }>,
  counts: ReadonlyMap<number, number>,
  { end, final }: { readonly end: number; readonly final: boolean },
): void {
  for (const [category, count] of counts) {
    const key = `${category}|${end}`;
    points.set(key, { count: (points.get(key)?.count ?? 0) + count, final });
  }
}

function overlap(sets: readonly ReadonlySet<number>[]): boolean {
  const size = sets.reduce((sum, set) => sum + set.size, 0);
  return new Set(sets.flatMap((set) => [...set])).size < size;
}
