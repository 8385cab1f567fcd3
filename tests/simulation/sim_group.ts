/**
 * A group whose members share the partitions, as a coordinator sees it: it forms anew when a member comes, leaves, goes
 * silent or has something to report, and when partitions were added.
 */
import { shareOut, splitOf } from "../../src/kafka/consumer_protocol.ts";
import type { Assignment, CategoryReport, Member } from "../../src/stream/source.ts";
import type { Durable } from "./durable.ts";
import type { Lifeline } from "./lifeline.ts";
import { TIMES } from "./scenario.ts";
import type { Membership } from "./sim_source.ts";

/** How long partitions are there before anybody looks. */
const LOOK_MS = 10_000;

/** The coordinator. */
export class SimGroup {
  readonly #durable: Durable;
  #members: GroupMember[] = [];
  #formsSinceMs: number | undefined;
  #partitionCount = 0;
  #grownAtMs: number | undefined;
  /** How often all partitions went to one member. */
  splits = 0;

  constructor(durable: Durable) {
    this.#durable = durable;
  }

  /** The generation whose commits count. */
  get generation(): number {
    return this.#durable.topic.generation;
  }

  /** Whether members are asked to let go. */
  get isForming(): boolean {
    return this.#formsSinceMs !== undefined;
  }

  /** Whether somebody owns each partition. */
  get isFormed(): boolean {
    return !this.isForming && this.#members.length > 0 && this.#members.every(({ isIn }) => isIn);
  }

  /** Takes a member in. */
  add(member: GroupMember): void {
    if (!this.#members.includes(member)) this.#members.push(member);
    this.form();
  }

  /** A member is gone, by its own will or not. */
  remove(member: GroupMember): void {
    if (!this.#members.includes(member)) return;
    this.#members = this.#members.filter((other) => other !== member);
    this.form();
  }

  /** Has everybody let go and join again. */
  form(): void {
    this.#formsSinceMs ??= this.#durable.nowMs;
  }

  /** Whether a member is known. */
  has(member: GroupMember): boolean {
    return this.#members.includes(member);
  }

  /** Throws out who was silent for too long, and forms the group when everybody has let go or had time to. */
  tick(): void {
    const { nowMs, topic } = this.#durable;
    for (const member of this.#members) if (nowMs - member.beatAtMs > TIMES.sessionMs) this.remove(member);
    this.#look();
    if (this.#formsSinceMs === undefined) return;
    const isOver = nowMs - this.#formsSinceMs > TIMES.rebalanceMs;
    if (!isOver && !this.#members.every(({ isReady }) => isReady)) return;
    this.#members = this.#members.filter(({ isReady }) => isReady);
    this.#formsSinceMs = undefined;
    if (topic.partitions.length !== this.#partitionCount) this.#durable.reopen();
    this.#partitionCount = topic.partitions.length;
    topic.generation++;
    const split = splitOf(this.#members), agreement = { partitionCount: this.#partitionCount, split };
    if (split !== undefined) this.splits++;
    const shares = shareOut(this.#members, agreement);
    for (const member of this.#members) {
      const partitions = shares.find(({ memberId }) => memberId === member.memberId)?.partitions ?? [];
      const { partitionCount } = agreement, generation = topic.generation;
      member.give({ generation, partitions, partitionCount, ...(split === undefined ? {} : { split }) });
    }
  }

  #look(): void {
    const { nowMs, topic } = this.#durable;
    if (topic.partitions.length === this.#partitionCount || !this.isFormed) this.#grownAtMs = undefined;
    else this.#grownAtMs ??= nowMs;
    if (this.#grownAtMs !== undefined && nowMs - this.#grownAtMs >= LOOK_MS) this.form();
  }
}

type Place =
  | { readonly phase: "out" }
  | { readonly phase: "in"; readonly generation: number }
  | { readonly phase: "lettingGo"; readonly generation: number }
  | { readonly phase: "ready"; readonly generation: number }
  | { readonly phase: "given"; readonly assignment: Assignment };

/** One process as a member. */
export class GroupMember implements Membership {
  readonly memberId: string;
  readonly instanceId = null;
  readonly #group: SimGroup;
  readonly #durable: Durable;
  readonly #line: Lifeline;
  #member: Member | undefined;
  #place: Place = { phase: "out" };
  #report: CategoryReport | undefined;
  beatAtMs: number;

  constructor(group: SimGroup, durable: Durable, options: { readonly line: Lifeline; readonly name: string }) {
    this.#group = group;
    this.#durable = durable;
    this.#line = options.line;
    this.memberId = options.name;
    this.beatAtMs = durable.nowMs;
  }

  /** Whether it may be given partitions. */
  get isReady(): boolean {
    return this.#place.phase === "ready";
  }

  /** Whether it knows its partitions. */
  get isIn(): boolean {
    return this.#place.phase === "in";
  }

  /** What it has to say when the group forms. */
  get report(): CategoryReport | undefined {
    return this.#report;
  }

  get isOwner(): boolean {
    return this.owns("generation" in this.#place ? this.#place.generation : -1);
  }

  owns(generation: number): boolean {
    const isOurs = "generation" in this.#place && this.#place.generation === generation && this.#group.has(this);
    return isOurs && this.#place.phase !== "ready" && generation === this.#group.generation;
  }

  async join(member: Member): Promise<void> {
    await this.#line.wait(this.#line.dice.int(1, 50));
    this.#member = member;
    this.#enter();
  }

  leave(): Promise<void> {
    this.#member = undefined;
    this.#place = { phase: "out" };
    this.#group.remove(this);
    return Promise.resolve();
  }

  /** Takes what the group has decided, and says that it lives. */
  beat(): void {
    if (this.#line.dice.chance(this.#line.faults.heartbeats) || this.#member === undefined) return;
    if (!this.#group.has(this)) return this.#lose();
    this.beatAtMs = this.#durable.nowMs;
    if (this.#place.phase === "given") {
      const { assignment } = this.#place;
      this.#place = { phase: "in", generation: assignment.generation };
      this.#report = assignment.split === undefined ? undefined : { kind: "split", text: assignment.split };
      this.#member.assigned(assignment);
    } else if (this.#place.phase === "in" && this.#group.isForming) void this.#letGo(this.#member, this.#place);
  }

  /** The share that was decided on. */
  give(assignment: Assignment): void {
    this.#place = { phase: "given", assignment };
  }

  tell(report: CategoryReport): void {
    if (report.kind === this.#report?.kind || this.#place.phase !== "in") return;
    this.#report = report;
    this.#group.form();
  }

  async rebalance(): Promise<void> {
    if (this.#place.phase === "in") await Promise.resolve(this.#group.form());
  }

  expire(): void {
    this.#group.remove(this);
  }

  leaseRemainingMs(): number {
    return this.isOwner ? TIMES.sessionMs - (this.#durable.nowMs - this.beatAtMs) : 0;
  }

  #enter(): void {
    this.beatAtMs = this.#durable.nowMs;
    this.#place = { phase: "ready", generation: -1 };
    this.#group.add(this);
  }

  #lose(): void {
    this.#place = { phase: "out" };
    this.#member?.lost("fenced");
    this.#enter();
  }

  async #letGo(member: Member, { generation }: { readonly generation: number }): Promise<void> {
    const place = this.#place = { phase: "lettingGo", generation };
    await Promise.race([this.#line.wait(TIMES.rebalanceMs), member.revoked().then(() => {}, () => {})]);
    if (this.#place === place) this.#place = { phase: "ready", generation };
  }
}
