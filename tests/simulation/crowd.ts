/** Plays a seed with several processes that share the partitions, keyed by category or not, and partitions added. */
import { Dice } from "../model/dice.ts";
import { Durable } from "./durable.ts";
import { Process } from "./process.ts";
import { Producer } from "./producer.ts";
import { CALM, type Scenario, scenarioOf, TIMES } from "./scenario.ts";
import { GroupMember, SimGroup } from "./sim_group.ts";
import type { Outcome } from "./simulation.ts";
import { differences, verdict } from "./verdict.ts";

/** Rounds in a step; each lets every process go on for a moment. */
const ROUNDS = 5;
const MOST_PROCESSES = 3;
const STEPS = 30;
const REST_STEPS = 600;
const NAMES = ["a", "b", "c", "d"] as const;

/** Plays a seed. */
export async function playCrowd(seed: number): Promise<Outcome & { readonly splits: number }> {
  const crowd = new Crowd(crowdScenarioOf(seed));
  await crowd.play();
  const { scenario, durable, events, splits } = crowd;
  const isCompared = durable.breaches.length === 0 && await crowd.compare();
  const records = durable.topic.records.flat().length;
  return { scenario, events, breaches: durable.breaches, records, isCompared, splits };
}

/** Several processes reckon with zombies; what one of them alone may meet is played elsewhere. */
function crowdScenarioOf(seed: number): Scenario {
  const scenario = scenarioOf(seed), dice = new Dice(seed + 0x1357);
  const faults = { ...scenario.faults, retention: 0, lost: scenario.faults.lost / 2 };
  return {
    ...scenario,
    partitions: dice.int(2, 4),
    faults,
    zombieMs: TIMES.sessionMs + TIMES.storeTimeoutMs,
    endsCaughtUp: false,
    jumps: false,
  };
}

class Crowd {
  readonly scenario: Scenario;
  readonly durable: Durable;
  readonly events: string[] = [];
  readonly #dice: Dice;
  readonly #producer: Producer;
  readonly #group: SimGroup;
  readonly #addsAt: number;
  #processes: Process[] = [];
  readonly #frozen = new Map<Process, number>();
  #started = 0;
  #steps = 0;

  constructor(scenario: Scenario, model?: Durable) {
    this.scenario = scenario;
    this.durable = new Durable(scenario, model?.nowMs ?? TIMES.startMs);
    this.durable.isShared = true;
    this.#dice = new Dice(scenario.seed + 0x2468);
    this.#group = new SimGroup(this.durable);
    this.#producer = new Producer(scenario, this.durable.topic);
    this.#addsAt = this.#dice.chance(0.3) ? this.#dice.int(3, STEPS) : Infinity;
    if (model === undefined) return;
    this.durable.topic.grow(model.topic.partitions.length - scenario.partitions);
    this.durable.topic.copy(model.topic);
  }

  /** How often all partitions went to one process. */
  get splits(): number {
    return this.#group.splits;
  }

  /** Everything. */
  async play(): Promise<void> {
    this.#producer.produce(2 * this.scenario.backlog, this.durable.nowMs);
    for (let step = 0; step < STEPS; step++) {
      this.#producer.produce(this.scenario.batchesAStep, this.durable.nowMs);
      this.#disturb(step);
      await this.#pass();
    }
    await this.rest();
  }

  /** Peace: no fault any more, and time enough for everything to become final. */
  async rest(): Promise<void> {
    const { durable } = this;
    this.#log("peace");
    this.durable.hasZombie = false;
    for (const process of this.#frozen.keys()) process.kill();
    this.#processes = this.#processes.filter(({ hasEnded }) => !hasEnded);
    for (const { line } of this.#processes) line.change(CALM);
    // Whoever is stopping has gone by the end of its drain.
    for (let ms = 0; ms < TIMES.drainMs + TIMES.rebalanceMs; ms += TIMES.stepMs) await this.#pass();
    while (this.#processes.length < this.#dice.int(1, 2)) this.#start(CALM);
    for (let step = 0; step < REST_STEPS && !durable.isRead; step++) await this.#pass();
    const { shape: { windowMs, zeroFillMs, latenessMs, slideMs }, maxSkewMs } = this.scenario;
    const quietMs = windowMs + zeroFillMs + latenessMs + slideMs + maxSkewMs + 60_000;
    for (let ms = 0; ms < quietMs; ms += TIMES.stepMs) await this.#pass();
    for (const process of this.#processes) await this.#stopped(process);
    for (const text of verdict(durable)) durable.breach(text);
  }

  /** Where no raise decided: holds the points against those of one process that nothing disturbs, to the bit. */
  async compare(): Promise<boolean> {
    const { scenario, durable } = this;
    const calm = new Crowd({ ...scenario, faults: { ...CALM, refuse: scenario.faults.refuse } }, durable);
    calm.#start(CALM);
    await calm.rest();
    const found = differences(durable, calm.durable);
    for (const text of [...calm.durable.breaches.map((breach) => `undisturbed: ${breach}`), ...found ?? []]) {
      durable.breach(text);
    }
    return found !== undefined;
  }

  #disturb(step: number): void {
    const { faults, partitions } = this.scenario, dice = this.#dice;
    const happens = (chance: number, text: string) => dice.chance(chance) && (this.#log(text), true);
    if (this.#processes.length === 0 || (this.#processes.length < MOST_PROCESSES && dice.chance(0.2))) {
      this.#start(this.scenario.faults);
    }
    const process = this.#processes[dice.int(0, Math.max(0, this.#processes.length - 1))];
    if (process === undefined) return;
    if (step === this.#addsAt) this.durable.topic.grow(dice.int(1, 2)), this.#log("partitions are added");
    if (happens(faults.rebalance, "rebalance")) void process.source.membership.rebalance();
    if (happens(faults.lost, "session expires")) process.source.membership.expire();
    if (happens(faults.crashTask / 2, "a task crashes")) process.crash(dice.int(0, partitions - 1));
    if (happens(0.04, "kill")) this.#kill(process);
    else if (happens(0.03, "freeze")) this.#freeze(process);
    else if (happens(0.03, "stop")) void process.stop().then(() => process.kill());
  }

  #start(faults: Scenario["faults"]): void {
    const seed = this.scenario.seed * 512 + 8 * ++this.#started, group = this.#group;
    const name = `${this.#dice.pick(NAMES)}${this.#started}`;
    this.#log(`process ${name} starts`);
    const membership = (line: Process["line"]) => new GroupMember(group, this.durable, { line, name });
    this.#processes.push(new Process(this.durable, { seed, faults, untilCaughtUp: false, membership }));
  }

  #kill(process: Process): void {
    process.kill();
    this.#processes = this.#processes.filter((other) => other !== process);
  }

  /** It stands still for a while, perhaps for longer than its session, and goes on. */
  #freeze(process: Process): void {
    process.freeze();
    this.durable.hasZombie = true;
    this.#frozen.set(process, this.#dice.int(3, 14));
  }

  async #stopped(process: Process): Promise<void> {
    let isStopped = false;
    process.stop().then(() => isStopped = true, () => isStopped = true);
    for (let step = 0; !isStopped && step < 60 && !process.line.isDead; step++) await this.#pass();
    for (const text of process.leftovers()) this.durable.breach(text);
  }

  async #pass(): Promise<void> {
    for (const [process, steps] of this.#frozen) {
      if (steps > 0) this.#frozen.set(process, steps - 1);
      else this.#frozen.delete(process);
    }
    this.#processes = this.#processes.filter(({ hasEnded }) => !hasEnded);
    for (let round = 0; round < ROUNDS; round++) {
      const order = this.#dice.chance(0.5) ? this.#processes : this.#processes.toReversed();
      for (const process of order) {
        if (!process.hasEnded && !this.#frozen.has(process)) await process.advance(TIMES.stepMs / ROUNDS);
      }
      this.#group.tick();
      this.durable.advance(TIMES.stepMs / ROUNDS);
    }
    this.#steps++;
  }

  #log(text: string): void {
    this.events.push(`${this.#steps} s: ${text}`);
  }
}
