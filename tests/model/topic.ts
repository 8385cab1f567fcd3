import type { Dice } from "./dice.ts";
import type { Rules } from "./rules.ts";

/** One offset of a scripted partition; `control` stands for every offset that is no event. */
export interface Entry {
  readonly offset: number;
  /** Append time, seconds. */
  readonly at: number;
  /** Event time, seconds. */
  readonly event: number;
  readonly category: number;
  readonly kind: "event" | "invalid" | "control";
}

/** How a topic is scripted. */
export interface TopicOptions {
  readonly partitions: number;
  readonly categories: number;
  readonly keyed: boolean;
  /** Event seconds per wall second. */
  readonly speed: number;
  readonly fromAt: number;
  readonly toAt: number;
  /** Chance that a partition never gets a record. */
  readonly empty: number;
  /** Most events are on time, some as late as they may be. */
  readonly calm: boolean;
  readonly rules: Rules;
}

/** A scripted topic: what each partition holds, when it was appended, and how far retention has eaten it. */
export class Topic {
  readonly partitions: readonly (readonly Entry[])[];
  readonly keyed: boolean;
  readonly starts: number[];

  constructor(partitions: readonly (readonly Entry[])[], keyed: boolean) {
    this.partitions = partitions;
    this.keyed = keyed;
    this.starts = partitions.map(() => 0);
  }

  /** Entries of one partition. */
  entries(partition: number): readonly Entry[] {
    return this.partitions[partition] ?? [];
  }

  /** First offset still there. */
  start(partition: number): number {
    return this.starts[partition] ?? 0;
  }

  /** Offset after the last one appended by `now`. */
  end(partition: number, now: number): number {
    const entries = this.entries(partition);
    let low = 0, high = entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((entries[middle]?.at ?? Infinity) <= now) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The partition of a category on a keyed topic. */
  home(category: number): number {
    return category % this.partitions.length;
  }
}

/** Scripts a topic: bursts, silences, disorder within and beyond lateness, events ahead of the clock, future and invalid ones. */
export function scriptTopic(dice: Dice, options: TopicOptions): Topic {
  const partitions = Array.from({ length: options.partitions }, (_, partition) => {
    const entries: Entry[] = [];
    if (dice.chance(options.empty)) return entries;
    let silentTo = options.fromAt + (dice.chance(0.3) ? dice.int(5, 60) : 0);
    for (let at = options.fromAt; at < options.toAt; at++) {
      if (at >= silentTo && dice.chance(0.05)) silentTo = at + dice.int(4, 40);
      const burst = at < silentTo ? 0 : dice.pick([0, 1, 1, 2, 3]);
      for (let n = 0; n < burst; n++) {
        entries.push(scriptEntry(dice, options, { partition, at, offset: entries.length }));
      }
    }
    return entries;
  });
  return new Topic(partitions, options.keyed);
}

interface Place {
  readonly partition: number;
  readonly at: number;
  readonly offset: number;
}

function scriptEntry(dice: Dice, options: TopicOptions, place: Place): Entry {
  const { rules, speed } = options;
  const past = (options.toAt - options.fromAt) * (speed - 1);
  const onTime = options.fromAt - past + (place.at - options.fromAt) * speed;
  const behind = options.calm
    ? dice.pick([0, 0, 0, 0, 0, 0, 13, 14])
    : dice.pick([0, 0, 0, 1, 2, 4, 7, 9, 11, 14, 18, 30]);
  const ahead = dice.chance(0.08) ? dice.int(1, rules.maxSkew) : 0;
  const future = dice.chance(0.03) ? place.at + rules.maxSkew + dice.int(1, 200) : undefined;
  const share = Math.ceil(options.categories / options.partitions);
  const category = options.keyed
    ? place.partition + options.partitions * dice.int(0, share - 1)
    : dice.int(0, options.categories - 1);
  return {
    offset: place.offset,
    at: place.at,
    event: future ?? onTime - behind + ahead,
    category,
    kind: dice.pick([
      "event",
      "event",
      "event",
      "event",
      "event",
      "event",
      "event",
      "event",
      "event",
      "invalid",
      "control",
    ]),
  };
}
