import type { Faults } from "./cluster.ts";
import { Dice } from "./dice.ts";
import type { RaiseProtocol } from "./process.ts";
import { type Mutation, RULES, type Rules } from "./rules.ts";
import { type Entry, scriptTopic, type Topic } from "./topic.ts";

/** Something that happens to the processes or the topic at one time. */
export type Event =
  | { readonly at: number; readonly kind: "kill"; readonly afterSteps: number; readonly downFor: number }
  | {
    readonly at: number;
    readonly kind: "stall";
    readonly afterSteps: number;
    readonly forTicks: number;
    readonly atStep?: string;
  }
  | { readonly at: number; readonly kind: "move" }
  | { readonly at: number; readonly kind: "retention"; readonly partition: number; readonly share: number }
  | { readonly at: number; readonly kind: "expire"; readonly partition: number | "all" }
  | { readonly at: number; readonly kind: "caughtUp" }
  | { readonly at: number; readonly kind: "reconfigure"; readonly rules: Rules };

/** One run of the model: a topic, processes and what befalls them, all from one seed. */
export interface Scenario {
  readonly seed: number;
  readonly topic: Topic;
  readonly rules: Rules;
  readonly protocol: RaiseProtocol;
  readonly processes: number;
  readonly faults: Faults;
  readonly events: readonly Event[];
  readonly fromAt: number;
  readonly toAt: number;
  /** A dead member's successor takes its partitions without waiting for the session to end. */
  readonly staticMembers: boolean;
  readonly mutation: Mutation | undefined;
}

/** What a caller may fix instead of leaving it to the seed. */
export interface ScenarioOptions {
  readonly mutation?: Mutation | undefined;
  readonly protocol?: RaiseProtocol;
  readonly kinds?: readonly Event["kind"][];
  readonly noEvents?: boolean;
}

const FROM = 1000;
const DATA = 110;
const QUIET = 170;

/** The scenario of a seed. */
export function scenarioOf(seed: number, options: ScenarioOptions = {}): Scenario {
  const dice = new Dice(seed);
  const keyed = dice.chance(0.5);
  const rules = { ...RULES, maxRaises: dice.chance(0.2) ? 3 : RULES.maxRaises };
  const topic = scriptTopic(dice, {
    partitions: 3,
    categories: 5 + (keyed ? 1 : 0),
    keyed,
    speed: dice.pick([1, 1, 1, 3]),
    fromAt: FROM,
    toAt: FROM + DATA,
    empty: 0.08,
    calm: dice.chance(0.2),
    rules,
  });
  const troubled = dice.chance(0.5);
  const script = eventsOf(dice, { topic, rules, keyed });
  const events = script.filter((event) => options.kinds === undefined || options.kinds.includes(event.kind));
  const protocol = dice.chance(0.5) ? "hold" : "applyFirst";
  return {
    seed,
    topic,
    rules,
    protocol: options.protocol ?? (options.mutation ? "hold" : protocol),
    processes: keyed ? dice.int(1, 3) : dice.int(1, 2),
    faults: troubled && !options.noEvents
      ? { ackLost: 0.05, reset: 0.05, commitLost: 0.08 }
      : { ackLost: 0, reset: 0, commitLost: 0 },
    events: options.noEvents ? [] : events,
    fromAt: FROM,
    toAt: FROM + DATA + QUIET,
    staticMembers: dice.chance(0.5),
    mutation: options.mutation,
  };
}

interface Stage {
  readonly topic: Topic;
  readonly rules: Rules;
  readonly keyed: boolean;
}

function eventsOf(dice: Dice, stage: Stage): Event[] {
  const events: Event[] = [];
  const when = () => FROM + dice.int(5, DATA + 30);
  const often = (most: number, make: () => Event) => {
    for (let n = dice.int(0, most); n > 0; n--) events.push(make());
  };
  often(5, () => ({ at: when(), kind: "kill", afterSteps: dice.int(0, 8), downFor: dice.pick([0, 0, 1, 3, 10, 20]) }));
  often(2, () => ({ at: when(), kind: "stall", afterSteps: dice.int(0, 8), forTicks: dice.pick([3, 6, 9, 10]) }));
  often(1, () => ({ at: when(), kind: "stall", afterSteps: 0, forTicks: dice.int(8, 10), atStep: "about to write" }));
  often(1, () => ({ at: when(), kind: "stall", afterSteps: 0, forTicks: dice.int(8, 35), atStep: "released" }));
  if (stage.keyed) often(3, () => ({ at: when(), kind: "move" }));
  if (dice.chance(0.3)) {
    events.push({ at: dice.pick([FROM, when()]), kind: "retention", partition: dice.int(0, 2), share: dice.next() });
  }
  if (dice.chance(0.2)) events.push({ at: when(), kind: "caughtUp" });
  const rare = dice.next();
  if (rare < 0.1 && !events.some(({ kind }) => kind === "retention")) {
    events.push({ at: when(), kind: "expire", partition: stage.keyed ? "all" : dice.int(0, 2) });
  } else if (rare > 0.85) events.push({ at: when(), kind: "reconfigure", rules: changed(dice, stage.rules) });
  return events.sort((a, b) => a.at - b.at);
}

function changed(dice: Dice, rules: Rules): Rules {
  const what = dice.int(0, 3);
  if (what === 0) return { ...rules, window: rules.window + 10 };
  if (what === 1) return { ...rules, zeroFill: rules.zeroFill + 10 };
  if (what === 2) return { ...rules, window: rules.window - 10 };
  return { ...rules, lateness: rules.lateness + dice.pick([-4, 8]) };
}

/** The watermark of a partition before each of its records, had no raise ever been made. */
export function naturalWatermarks(entries: readonly Entry[], rules: Rules): number[] {
  let watermark = -Infinity;
  return entries.map((entry) => {
    const before = watermark;
    const moves = entry.kind === "event" && entry.event <= entry.at + rules.maxSkew;
    if (moves) watermark = Math.max(watermark, Math.min(entry.event, entry.at) - rules.lateness);
    return before;
  });
}

/** The first offset at or after `share` of what is there whose record is an event on time: what L6 supposes after a gap. */
export function gapEnd(
  topic: Topic,
  partition: number,
  place: { readonly share: number; readonly now: number; readonly rules: Rules },
): number {
  const entries = topic.entries(partition), { rules } = place;
  const natural = naturalWatermarks(entries, rules);
  const from = Math.floor(topic.end(partition, place.now) * place.share);
  const found = entries.findIndex(({ offset, kind, event, at }) =>
    offset >= from && kind === "event" && event <= at + rules.maxSkew &&
    Math.floor(event / rules.slide) * rules.slide + rules.slide > (natural[offset] ?? Infinity)
  );
  return found < 0 ? topic.start(partition) : Math.max(found, topic.start(partition));
}
