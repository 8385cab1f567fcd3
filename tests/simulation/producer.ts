/** Fills the topic as the scenario says: late, early, broken and far-off events, keyed or not, stamped by one clock or another. */
import type { OracleEvent } from "../fakes/naive_oracle.ts";
import { Dice } from "../model/dice.ts";
import { type Scenario, TIMES } from "./scenario.ts";
import type { Draft, Topic } from "./topic.ts";

const CATEGORIES = ["grocery_pos", "travel", "gas_transport"] as const;
const YEAR_MS = 365 * 86_400_000;

/** Appends to a topic. */
export class Producer {
  readonly #scenario: Scenario;
  readonly #topic: Topic;
  readonly #dice: Dice;
  /** The clock of a file that is replayed. */
  #fileMs = TIMES.startMs - YEAR_MS;
  #leapMs = 0;

  constructor(scenario: Scenario, topic: Topic) {
    this.#scenario = scenario;
    this.#topic = topic;
    this.#dice = new Dice(scenario.seed + 0x51);
  }

  /** Appends up to `batches` batches at `nowMs` of the wall clock. */
  produce(batches: number, nowMs: number): void {
    for (let batch = this.#dice.int(0, batches); batch > 0; batch--) this.#batch(nowMs);
  }

  #batch(nowMs: number): void {
    const { jumps, empty, isAppendTime } = this.#scenario, dice = this.#dice;
    if (jumps && dice.chance(0.04)) this.#leapMs += dice.pick([1, 1, -1, 3]) * YEAR_MS;
    const targets = this.#topic.partitions.filter((partition) => !empty.has(partition));
    const partition = targets[dice.int(0, targets.length - 1)] ?? 0;
    if (dice.chance(0.04)) return this.#topic.appendMarker(partition, nowMs);
    const drafts = Array.from({ length: dice.int(1, 6) }, () => this.#draft(partition, nowMs));
    this.#topic.append(partition, drafts, { isAppendTime, appendedAtMs: nowMs });
  }

  #draft(partition: number, nowMs: number): Draft {
    const dice = this.#dice, { isLive, isAppendTime } = this.#scenario;
    this.#fileMs += dice.int(0, 1_500);
    const clockMs = isLive ? nowMs - dice.int(0, 900) : this.#fileMs;
    const kafkaMs = isAppendTime ? (isLive ? nowMs : this.#fileMs) : this.#leapMs + clockMs;
    if (dice.chance(0.03)) return { event: undefined, kafkaMs, value: dice.pick(["{", null, "{}", "x".repeat(1_500)]) };
    const event = this.#event(partition, this.#leapMs + clockMs - this.#delayMs());
    const hasNoStamp = !isAppendTime && dice.chance(0.01);
    return { event, kafkaMs: hasNoStamp ? -1 : kafkaMs, value: textOf(event) };
  }

  /** How far behind its clock an event is: mostly on time, at times late, at times ahead. */
  #delayMs(): number {
    const dice = this.#dice, { shape, maxSkewMs, faults } = this.#scenario, roll = dice.next();
    if (roll < 0.75) return dice.int(0, shape.latenessMs);
    if (roll < 0.85) return 0;
    // What was lost cannot be known from a straggler that comes first after it, so there are none with retention.
    if (roll < 0.95) {
      return dice.int(0, faults.retention > 0 ? shape.latenessMs : 4 * (shape.latenessMs + shape.slideMs));
    }
    return -dice.int(0, 2 * maxSkewMs + 1);
  }

  #event(partition: number, occurredAtMs: number): OracleEvent {
    const dice = this.#dice;
    const category = this.#scenario.isKeyed ? this.#keyed(partition) : dice.pick(CATEGORIES);
    return {
      category,
      region: dice.pick(["CA", "NY"]),
      occurredAtMs,
      amount: dice.int(0, 1_000_000) / 100,
      isFraud: dice.chance(0.1),
      customer: `c${dice.int(0, 30)}`,
    };
  }
  /** A category whose key belongs to a partition, by the partitions there are now. */
  #keyed(partition: number): string {
    const { partitions } = this.#scenario;
    const id = partition + this.#topic.partitions.length * this.#dice.int(0, 1);
    return `keyed_${id % partitions}_${Math.floor(id / partitions)}`;
  }
}

function textOf({ category, region, occurredAtMs, amount, isFraud, customer }: OracleEvent): string {
  const timestamp = new Date(occurredAtMs).toISOString();
  return JSON.stringify({ category, region, timestamp, amount, is_fraud: isFraud, customer_id: customer });
}
