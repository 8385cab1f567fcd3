/** Plays a seed: lives and deaths of processes over one durable world, then peace, then the verdict. */
import { Dice } from "../model/dice.ts";
import { Durable } from "./durable.ts";
import { Process } from "./process.ts";
import { Producer } from "./producer.ts";
import { CALM, type Life, type Scenario, scenarioOf, TIMES } from "./scenario.ts";
import { differences, verdict } from "./verdict.ts";

/** How a run ended. */
export interface Outcome {
  readonly scenario: Scenario;
  /** What happened, in order. */
  readonly events: readonly string[];
  /** Laws that were broken; empty when all is well. */
  readonly breaches: readonly string[];
  /** Records, and whether the run was held against an undisturbed one. */
  readonly records: number;
  readonly isCompared: boolean;
  /** How often all partitions went to one of several processes. */
  readonly splits?: number;
}

/** Steps that a zombie goes on for. */
const ZOMBIE_STEPS = 4;
/** Virtual time that a run may take to come to rest. */
const REST_STEPS = 600;

/** Plays a seed. */
export async function play(seed: number): Promise<Outcome> {
  const run = new Run(scenarioOf(seed));
  await run.play();
  const { scenario, durable, events } = run;
  const isCompared = durable.breaches.length === 0 && durable.topic.isWhole && await compare(run);
  const records = durable.topic.records.flat().length;
  return { scenario, events, breaches: durable.breaches, records, isCompared };
}

/** Where no raise decided about a record: holds the points against those of a run that nothing disturbs, to the bit. */
async function compare({ scenario, durable }: Run): Promise<boolean> {
  const calm = new Run({ ...scenario, lives: [], faults: { ...CALM, refuse: scenario.faults.refuse } }, durable);
  await calm.rest();
  const found = differences(durable, calm.durable);
  for (const text of [...calm.durable.breaches.map((breach) => `undisturbed: ${breach}`), ...found ?? []]) {
    durable.breach(text);
  }
  return found !== undefined;
}

class Run {
  readonly scenario: Scenario;
  readonly durable: Durable;
  readonly events: string[] = [];
  readonly #dice: Dice;
  readonly #producer: Producer;
  #started = 0;
  #steps = 0;

  constructor(scenario: Scenario, model?: Durable) {
    this.scenario = scenario;
    this.durable = new Durable(scenario, model?.nowMs ?? TIMES.startMs);
    if (model !== undefined) this.durable.topic.copy(model.topic);
    this.#dice = new Dice(scenario.seed + 0x77);
    this.#producer = new Producer(scenario, this.durable.topic);
  }

  /** Everything. */
  async play(): Promise<void> {
    const { scenario } = this;
    this.#producer.produce(2 * scenario.backlog, this.durable.nowMs);
    for (const life of scenario.lives) {
      const process = this.#start(false);
      for (let step = 0; step < life.steps && !process.hasEnded; step++) await this.#step(process);
      await this.#end(process, life);
    }
    await this.rest();
  }

  /** Peace: no fault any more, and time enough for everything to become final. */
  async rest(): Promise<void> {
    const { scenario, durable } = this, process = this.#start(scenario.endsCaughtUp, false);
    this.#log("peace");
    if (scenario.endsCaughtUp) await this.#settled(process, process.catchUp(), "caught up");
    else await this.#quiet(process);
    await this.#settled(process, process.stop(), "stopped");
    for (const text of process.leftovers()) durable.breach(text);
    for (const text of verdict(durable)) durable.breach(text);
  }

  async #quiet(process: Process): Promise<void> {
    const { shape: { windowMs, zeroFillMs, latenessMs, slideMs }, maxSkewMs } = this.scenario;
    const quietMs = windowMs + zeroFillMs + latenessMs + slideMs + maxSkewMs + 30_000;
    for (let step = 0; step < REST_STEPS && !this.durable.isRead; step++) await this.#pass([process]);
    for (let ms = 0; ms < quietMs; ms += TIMES.stepMs) await this.#pass([process]);
  }

  async #settled(process: Process, promise: Promise<void>, what: string): Promise<void> {
    let isSettled = false;
    promise.then(() => isSettled = true, (error: unknown) => {
      isSettled = true;
      this.durable.breach(`not ${what}: ${String(error)}`);
    });
    for (let step = 0; !isSettled && step < REST_STEPS && !process.line.isDead; step++) await this.#pass([process]);
    if (!isSettled && !process.line.isDead) this.durable.breach(`not ${what} after ${REST_STEPS} s`);
  }

  #start(untilCaughtUp: boolean, isFaulty = true): Process {
    const seed = this.scenario.seed * 64 + 8 * ++this.#started;
    this.#log(`process ${this.#started} starts${untilCaughtUp ? " until caught up" : ""}`);
    const faults = isFaulty ? this.scenario.faults : CALM;
    return new Process(this.durable, { seed, faults, untilCaughtUp });
  }

  /** One step of the world with something going on. */
  async #step(process: Process): Promise<void> {
    const { durable, scenario: { batchesAStep } } = this;
    this.#producer.produce(batchesAStep, durable.nowMs);
    this.#disturb(process);
    await this.#pass([process]);
    if (process.hasEnded) this.#log("the process died in a call");
  }

  #disturb(process: Process): void {
    const { faults, partitions } = this.scenario, dice = this.#dice;
    const happens = (chance: number, text: string) => dice.chance(chance) && (this.#log(text), true);
    if (happens(faults.rebalance, "rebalance")) void process.source.membership.rebalance();
    if (happens(faults.lost, "session expires")) process.source.membership.expire();
    if (happens(faults.crashTask, "a task crashes")) process.crash(dice.int(0, partitions - 1));
    if (happens(faults.wallClock, "the wall clock jumps")) process.clock.jumpMs += dice.int(-3_600_000, 3_600_000);
    if (happens(faults.retention, "retention")) this.#retain();
  }

  /** Takes away some of what a partition holds. */
  #retain(): void {
    const { topic } = this.durable, partition = this.#dice.int(0, this.scenario.partitions - 1);
    const { first, end } = topic.rangeOf(partition);
    topic.deleteBefore(partition, first + this.#dice.int(0, Math.max(0, end - first)));
  }

  async #end(process: Process, { ending, downFor }: Life): Promise<void> {
    this.#log(process.hasEnded ? "already dead" : ending);
    if (ending === "stop" && !process.hasEnded) await this.#settled(process, process.stop(), "stopped");
    else if (ending === "freeze" && !process.hasEnded) return await this.#freeze(process);
    process.kill();
    for (let step = 0; step < downFor; step++) await this.#step0();
  }

  /** The process stands still for longer than its session, another one takes over, and then it goes on. */
  async #freeze(zombie: Process): Promise<void> {
    zombie.freeze();
    this.durable.hasZombie = true;
    for (let ms = 0; ms <= TIMES.sessionMs; ms += TIMES.stepMs) await this.#step0();
    const successor = this.#start(false);
    for (let step = this.#dice.int(0, 20); step > 0; step--) await this.#step(successor);
    this.#log("the zombie goes on");
    for (let step = 0; step < ZOMBIE_STEPS; step++) await this.#pass([zombie, successor]);
    zombie.kill();
    successor.kill();
    this.durable.hasZombie = false;
  }

  /** A step in which no process runs. */
  async #step0(): Promise<void> {
    this.#producer.produce(this.scenario.batchesAStep, this.durable.nowMs);
    if (this.#dice.chance(this.scenario.faults.retention)) this.#retain();
    await this.#pass([]);
  }

  async #pass(processes: readonly Process[]): Promise<void> {
    for (const process of processes) if (!process.hasEnded) await process.advance(TIMES.stepMs);
    this.durable.advance(TIMES.stepMs);
    this.#steps++;
  }

  #log(text: string): void {
    this.events.push(`${this.#steps} s: ${text}`);
  }
}
