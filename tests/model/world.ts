import { Cluster } from "./cluster.ts";
import { Dice } from "./dice.ts";
import { Flush } from "./flush.ts";
import type { Verdict } from "./machine.ts";
import { Process } from "./process.ts";
import type { Rules } from "./rules.ts";
import { type Event, gapEnd, type Scenario } from "./scenario.ts";

interface Member {
  readonly process: Process;
  stalledUntil: number;
  /** A stall that waits for its step. */
  stall: { readonly atStep: string; readonly forTicks: number } | undefined;
  /** Once out of the group: when it notices. */
  noticesAt: number | undefined;
  inGroup: boolean;
}

/** Plays a scenario: time, processes, group, faults. */
export class World {
  readonly scenario: Scenario;
  readonly cluster: Cluster;
  /** Last judgement that was no replay, per partition and offset. */
  readonly judged = new Map<string, Verdict["as"]>();
  /** Committed frontier of a partition when retention ate into it. */
  readonly frontierAtGap = new Map<number, number>();
  /** True once retention has taken records that had been read but not committed: what was written of them stays (L6). */
  lost = false;
  /** When retention last took something. */
  gapAt = -Infinity;
  readonly rulesUsed: { readonly rules: Rules; readonly after: number; readonly at: number }[] = [];
  readonly #dice: Dice;
  readonly #members: Member[] = [];
  readonly #spawns: number[] = [];
  #pending: Event[];
  #rules: Rules;
  #nextId = 1;
  #catchUpNext = false;

  constructor(scenario: Scenario) {
    const { topic, rules, faults, mutation } = scenario;
    this.scenario = scenario;
    this.#dice = new Dice(scenario.seed ^ 0x5bd1e995);
    this.cluster = new Cluster({ topic, rules, faults, mutation, dice: this.#dice });
    this.#pending = [...scenario.events];
    this.#rules = rules;
    this.rulesUsed.push({ rules, after: -Infinity, at: -Infinity });
  }

  /** Runs from first to last second. */
  run(): void {
    const { fromAt, toAt, processes } = this.scenario;
    for (let n = 0; n < processes; n++) this.#spawns.push(fromAt);
    for (let now = fromAt; now <= toAt; now++) this.#tick(now);
  }

  #tick(now: number): void {
    const { cluster } = this;
    cluster.now = now;
    cluster.settle();
    const due = this.#pending.filter((event) => event.at <= now);
    this.#pending = this.#pending.filter((event) => event.at > now);
    for (const event of due) this.#befall(event);
    this.#heartbeats();
    for (const at of this.#spawns.splice(0)) at <= now ? this.#spawn() : this.#spawns.push(at);
    this.#rebalance();
    const cuts = due.filter((event) => event.kind === "kill" || event.kind === "stall");
    for (let step = 0; step < 10; step++) {
      for (const cut of cuts) if (cut.afterSteps === step) this.#cut(cut);
      for (const member of [...this.#members]) this.#microStep(member);
    }
    for (const member of [...this.#members]) this.#endOfTick(member);
  }

  #befall(event: Event): void {
    const { cluster } = this, { topic, rules } = cluster.options;
    if (event.kind === "retention") {
      const to = gapEnd(topic, event.partition, { share: event.share, now: cluster.now, rules });
      topic.starts[event.partition] = to;
      cluster.mayForget = true;
      this.gapAt = cluster.now;
      this.#lose(event.partition);
      this.frontierAtGap.set(event.partition, cluster.checkpoints.get(event.partition)?.frontier ?? -Infinity);
    } else if (event.kind === "expire") {
      cluster.anew = true;
      for (const member of [...this.#members]) this.#kill(member, 0);
      for (const partition of [...cluster.checkpoints.keys()]) {
        if (event.partition === "all" || event.partition === partition) cluster.checkpoints.delete(partition);
      }
    } else if (event.kind === "move") this.#move();
    else if (event.kind === "caughtUp" && this.scenario.processes === 1) {
      this.#catchUpNext = true;
      for (const member of [...this.#members]) this.#kill(member, 0);
    } else if (event.kind === "reconfigure") this.#reconfigure(event.rules);
  }

  #reconfigure(rules: Rules): void {
    this.cluster.mayForget = true;
    this.#rules = rules;
    const after = Math.max(-Infinity, ...[...this.cluster.checkpoints.values()].map(({ frontier }) => frontier));
    this.rulesUsed.push({ rules, after, at: this.cluster.now });
    for (const member of [...this.#members]) this.#kill(member, 0);
  }

  #move(): void {
    const [from, to] = this.#dice.chance(0.5) ? [0, 1] : [1, 0];
    const giver = this.#members[from], taker = this.#members[to];
    if (!giver?.inGroup || !taker?.inGroup) return;
    const partition = [...giver.process.readers.keys()].find((p) =>
      this.cluster.holdings.get(p)?.owner === giver.process.options.id
    );
    if (partition !== undefined) giver.process.releasing.add(partition);
  }

  #cut(event: Event & { readonly kind: "kill" | "stall" }): void {
    this.cluster.mayForget = true;
    const running = this.#members.filter(({ stalledUntil }) => stalledUntil <= this.cluster.now);
    const victim = running[this.#dice.int(0, Math.max(0, running.length - 1))];
    if (victim === undefined) return;
    if (event.kind === "kill") this.#kill(victim, event.downFor);
    else if (event.atStep !== undefined) victim.stall = { atStep: event.atStep, forTicks: event.forTicks };
    else victim.stalledUntil = this.cluster.now + event.forTicks;
  }

  #kill(member: Member, downFor: number): void {
    this.cluster.mayForget = true;
    this.#observe(member);
    this.#members.splice(this.#members.indexOf(member), 1);
    this.#spawns.push(this.cluster.now + downFor);
    const { id } = member.process.options;
    if (!this.scenario.staticMembers) return;
    for (const [partition, holding] of this.cluster.holdings) if (holding.owner === id) this.#orphan(partition);
  }

  #spawn(): void {
    const { protocol, mutation } = this.scenario;
    const untilCaughtUp = this.#catchUpNext;
    const process = new Process({
      id: this.#nextId++,
      cluster: this.cluster,
      rules: this.#rules,
      protocol,
      mutation,
      untilCaughtUp,
      flush: (process) => new Flush(process).run(),
    });
    this.#members.push({ process, stalledUntil: 0, stall: undefined, noticesAt: undefined, inGroup: true });
  }

  #heartbeats(): void {
    const { now, options, holdings } = this.cluster;
    for (const member of this.#members) {
      if (member.stalledUntil > now || !member.inGroup) continue;
      const over = now - member.process.heartbeatAt >= options.rules.session;
      if (over && member.process.readers.size > 0) member.inGroup = false;
      else member.process.heartbeatAt = now;
    }
    for (const [partition, { owner }] of holdings) {
      const member = this.#members.find(({ process }) => process.options.id === owner);
      if (member && !member.process.readers.has(partition)) this.#orphan(partition);
      if (owner < 0 || (member && now - member.process.heartbeatAt < options.rules.session)) continue;
      if (member === undefined && !this.#sessionOver(owner)) continue;
      if (member) member.inGroup = false;
      this.#orphan(partition);
    }
  }

  readonly #lastSeen = new Map<number, number>();
  #sessionOver(owner: number): boolean {
    return this.cluster.now - (this.#lastSeen.get(owner) ?? 0) >= this.cluster.options.rules.session;
  }

  #orphan(partition: number): void {
    this.cluster.holdings.set(partition, { owner: -1, seizedAt: this.cluster.now });
  }

  /** Hands partitions without an owner to members: all to one on an unkeyed topic, spread on a keyed one. */
  #rebalance(): void {
    const { topic } = this.cluster.options, { holdings } = this.cluster;
    const able = this.#members.filter(({ inGroup, stalledUntil, process }) =>
      inGroup && !process.finished && stalledUntil <= this.cluster.now
    );
    if (able.length === 0) return;
    topic.partitions.forEach((_, partition) => {
      const holding = holdings.get(partition);
      if (holding !== undefined && holding.owner >= 0) return;
      const keyed = able[partition % able.length] ?? able[0];
      const taker = topic.keyed ? keyed : able[0];
      this.#give(partition, taker, holding?.seizedAt);
    });
  }

  #give(partition: number, taker: Member | undefined, seizedAt: number | undefined): void {
    if (taker === undefined) return;
    this.cluster.holdings.set(partition, { owner: taker.process.options.id, seizedAt });
    this.#lose(partition);
    taker.process.assign(partition, seizedAt);
  }

  /** Offsets between the committed position and the start of the log were judged by nobody whose judgement counts. */
  #lose(partition: number): void {
    const { topic } = this.cluster.options;
    const machines = this.#members.flatMap(({ process }) => process.readers.get(partition)?.machine ?? []);
    const from = Math.max(
      0,
      this.cluster.checkpoints.get(partition)?.position ?? 0,
      ...machines.map(({ position }) => position),
    );
    for (const { offset } of topic.entries(partition).slice(from, topic.start(partition))) {
      if (this.judged.delete(`${partition}|${offset}`)) this.lost = true;
    }
  }

  #microStep(member: Member): void {
    if (member.stalledUntil > this.cluster.now) return;
    const { process } = member;
    if (this.#dice.chance(0.5)) {
      if (process.step() === member.stall?.atStep) {
        member.stalledUntil = this.cluster.now + (member.stall?.forTicks ?? 0);
        member.stall = undefined;
      }
    } else process.read(this.#dice.int(0, this.scenario.topic.partitions.length - 1), this.#dice.int(1, 5));
    for (const { partition, clean } of process.released.splice(0)) {
      const seizedAt = clean ? undefined : this.cluster.now;
      const other = this.#members.find((m) => m !== member && m.inGroup && m.stalledUntil <= this.cluster.now);
      if (other) this.#give(partition, other, seizedAt);
      else this.cluster.holdings.set(partition, { owner: -1, seizedAt });
    }
  }

  #endOfTick(member: Member): void {
    const { now } = this.cluster, { process } = member;
    if (member.stalledUntil > now) return;
    for (const partition of process.readers.keys()) process.read(partition, 6);
    this.#observe(member);
    if (member.inGroup) this.#lastSeen.set(process.options.id, now);
    if (process.finished) this.#leave(member);
    if (member.inGroup) return;
    member.noticesAt ??= now + 3;
    if (now < member.noticesAt) return;
    process.abandon();
    process.heartbeatAt = now;
    member.inGroup = true;
    member.noticesAt = undefined;
  }

  /** A run that has caught up leaves cleanly; an ordinary one follows. */
  #leave(member: Member): void {
    this.#catchUpNext = false;
    this.#members.splice(this.#members.indexOf(member), 1);
    this.#spawns.push(this.cluster.now + this.#dice.pick([1, 10]));
    for (const partition of member.process.readers.keys()) {
      const seizedAt = member.process.leavesCleanly(partition) ? undefined : this.cluster.now;
      this.cluster.holdings.set(partition, { owner: -1, seizedAt });
    }
  }

  /** Compares replayed judgements with the first ones (L2). */
  #observe(member: Member): void {
    const { id } = member.process.options;
    for (const [partition, { machine }] of member.process.readers) {
      const owns = this.cluster.holdings.get(partition)?.owner === id;
      for (const { offset, as, replayed } of machine.verdicts.splice(0)) {
        const key = `${partition}|${offset}`;
        if (!owns) continue;
        const before = this.judged.get(key);
        if (!replayed) this.judged.set(key, as);
        else if (before !== as && !this.frontierAtGap.has(partition)) {
          this.cluster.breach(`replay judged ${key} ${as}, was ${before}`);
        }
      }
    }
  }
}
