/** Membership of a process that shares the partitions with nobody: they are asked back, lost, and given again. */
import type { Member } from "../../src/stream/source.ts";
import type { Durable } from "./durable.ts";
import type { Lifeline } from "./lifeline.ts";
import { TIMES } from "./scenario.ts";
import type { Membership } from "./sim_source.ts";

/** A member that owns everything or nothing. */
export class LoneMember implements Membership {
  readonly #durable: Durable;
  readonly #line: Lifeline;
  #member: Member | undefined;
  /** Counts joins and rebalances: what belongs to an earlier one has no say. */
  #session = 0;
  #generation = 0;
  /** The session in which the partitions are being asked back. */
  #revokedIn = 0;
  /** The session in which somebody else took over. */
  #lostIn = 0;
  #beatAtMs: number;

  constructor(durable: Durable, line: Lifeline) {
    this.#durable = durable;
    this.#line = line;
    this.#beatAtMs = durable.nowMs;
  }

  get isOwner(): boolean {
    return this.#generation === this.#durable.topic.generation && this.#generation > 0;
  }

  owns(generation: number): boolean {
    return generation === this.#durable.topic.generation;
  }

  async join(member: Member): Promise<void> {
    const session = ++this.#session;
    await this.#line.wait(this.#line.dice.int(1, 50));
    this.#member = member;
    this.#assignLater(session);
  }

  leave(): Promise<void> {
    this.#session++;
    this.#member = undefined;
    if (this.isOwner) this.#durable.topic.generation++;
    return Promise.resolve();
  }

  beat(): void {
    if (this.#line.dice.chance(this.#line.faults.heartbeats)) return;
    if (this.#generation === 0 || this.isOwner) this.#beatAtMs = this.#durable.nowMs;
    else if (this.#session !== this.#lostIn && this.#line.dice.chance(0.4)) {
      // Whoever took over keeps the partitions: this one only hears that it has lost them.
      this.#lostIn = this.#session;
      this.#member?.lost("fenced");
    }
  }

  /** The group forms anew: all partitions are asked back, and given again. */
  async rebalance(): Promise<void> {
    const member = this.#member, session = this.#session;
    if (member === undefined || !this.isOwner || this.#revokedIn === session) return;
    this.#revokedIn = session;
    const over = this.#line.wait(TIMES.rebalanceMs);
    await Promise.race([over, member.revoked().then(() => {}, () => {})]);
    if (session !== this.#session) return;
    this.#durable.topic.generation++;
    this.#assignLater(++this.#session);
  }

  /** The session has expired: the partitions are gone before we hear of it, and are given again. */
  expire(): void {
    if (!this.isOwner) return;
    this.#durable.topic.generation++;
    this.#line.after(this.#line.dice.int(1, 2_000), () => this.#lose("session expired"));
  }

  tell(): void {}

  leaseRemainingMs(): number {
    if (!this.isOwner) return 0;
    return TIMES.sessionMs - (this.#durable.nowMs - this.#beatAtMs);
  }

  #lose(reason: string): void {
    this.#member?.lost(reason);
    if (this.#line.isDead || this.isOwner) return;
    this.#assignLater(++this.#session);
  }

  #assignLater(session: number): void {
    const { topic } = this.#durable;
    const generation = topic.generation;
    this.#line.after(this.#line.dice.int(1, 800), () => {
      // Whoever joined since then owns the partitions; we would have to form the group anew.
      if (session !== this.#session || (this.#generation > 0 && generation !== topic.generation)) return;
      this.#generation = ++topic.generation;
      this.#beatAtMs = this.#durable.nowMs;
      const { partitions } = topic;
      this.#member?.assigned({ generation: this.#generation, partitions, partitionCount: partitions.length });
    });
  }
}
