/** What one seed stands for: a topic, a pipeline's settings, and which faults happen how often. */
import { type WindowShape, windowShape } from "../../src/window/shape.ts";
import { Dice } from "../model/dice.ts";

/** Chance of each fault at each occasion; 0 when the seed has none of it. */
export interface Faults {
  /** A port's call takes up to this many ms. */
  readonly slowMs: number;
  readonly fetch: number;
  readonly store: number;
  /** A store that refuses some points for good. */
  readonly refuse: number;
  readonly commit: number;
  readonly letters: number;
  /** Questions for offsets, commits and names. */
  readonly questions: number;
  /** The process dies inside a port's call, before or after its effect. */
  readonly killInCall: number;
  readonly rebalance: number;
  readonly lost: number;
  readonly crashTask: number;
  readonly crashFlusher: number;
  readonly crashSource: number;
  readonly heartbeats: number;
  readonly wallClock: number;
  readonly retention: number;
}

/** No fault at all. */
export const CALM: Faults = {
  slowMs: 0,
  fetch: 0,
  store: 0,
  refuse: 0,
  commit: 0,
  letters: 0,
  questions: 0,
  killInCall: 0,
  rebalance: 0,
  lost: 0,
  crashTask: 0,
  crashFlusher: 0,
  crashSource: 0,
  heartbeats: 0,
  wallClock: 0,
  retention: 0,
};

/** How a process ends before the next one starts. */
export type Ending = "kill" | "stop" | "freeze";

/** One process: for how many steps it runs, and how it ends. */
export interface Life {
  readonly steps: number;
  readonly ending: Ending;
  /** Steps until the next process starts. */
  readonly downFor: number;
}

/** A whole run. */
export interface Scenario {
  readonly seed: number;
  readonly partitions: number;
  /** Partitions that never get a record. */
  readonly empty: ReadonlySet<number>;
  readonly isKeyed: boolean;
  readonly isAppendTime: boolean;
  /** Records are stamped by the wall clock; otherwise by a clock of their own, as a file is that is replayed. */
  readonly isLive: boolean;
  /** Events jump by years. */
  readonly jumps: boolean;
  readonly shape: WindowShape;
  readonly maxSkewMs: number;
  readonly limits: { readonly panes: number; readonly letterBytes: number; readonly valueBytes: number };
  readonly creditBytes: number;
  readonly lanes: number;
  /** How long after its owner's end a write may still arrive; 0 where nobody else can take over, as in the embedded log. */
  readonly zombieMs: number;
  /** Batches there before the first process starts, and the most that come in a step. */
  readonly backlog: number;
  readonly batchesAStep: number;
  readonly lives: readonly Life[];
  /** The last process ends when it has caught up; otherwise it is left alone until the clock has closed everything. */
  readonly endsCaughtUp: boolean;
  readonly faults: Faults;
}

/** Times that no scenario changes. */
export const TIMES = {
  stepMs: 1_000,
  startMs: 1_800_000_000_000,
  flushMs: 1_000,
  idleMs: 3_000,
  maxWaitMs: 800,
  drainMs: 10_000,
  rebalanceMs: 9_000,
  storeTimeoutMs: 3_000,
  sessionMs: 10_000,
} as const;

/** The scenario of a seed. */
export function scenarioOf(seed: number): Scenario {
  const dice = new Dice(seed);
  const slideMs = 5_000;
  const shape = windowShape({
    slideMs,
    windowMs: slideMs * dice.int(1, 4),
    latenessMs: dice.pick([0, 3_000, 7_000, 10_000]),
    zeroFillMs: slideMs * dice.int(0, 2),
  });
  const maxSkewMs = dice.pick([0, 4_000, 12_000]);
  const faults = faultsOf(dice);
  const panesNeeded = (shape.windowMs + shape.zeroFillMs + shape.latenessMs + maxSkewMs) / slideMs + 3;
  const partitions = dice.int(1, 4);
  const zombieMs = dice.chance(0.5) ? TIMES.sessionMs + TIMES.storeTimeoutMs : 0;
  const isLive = dice.chance(0.6);
  return {
    seed,
    partitions,
    empty: new Set(range(partitions).filter((partition) => partition > 0 && dice.chance(0.25))),
    isKeyed: dice.chance(0.5),
    isAppendTime: dice.chance(0.5),
    isLive,
    jumps: faults.retention === 0 && dice.chance(0.15),
    shape,
    maxSkewMs,
    limits: {
      panes: Math.ceil(panesNeeded) + dice.pick([1, 4, 1_000]),
      letterBytes: dice.pick([1, 2_000, 1 << 20]),
      valueBytes: 1_000,
    },
    creditBytes: dice.pick([1, 4_000, 1 << 20]),
    lanes: dice.int(1, 2),
    zombieMs,
    backlog: dice.pick([0, 3, 20]),
    batchesAStep: dice.int(1, 3),
    lives: Array.from({ length: dice.int(1, 4) }, () => ({
      steps: dice.int(1, 14),
      ending: dice.pick(["kill", "kill", "stop", zombieMs > 0 ? "freeze" : "kill"]),
      downFor: dice.pick([0, 0, 1, 4]),
    })),
    endsCaughtUp: dice.chance(0.4),
    faults,
  };
}

function faultsOf(dice: Dice): Faults {
  if (dice.chance(0.1)) return CALM;
  const often = (chance: number, share: number) => dice.chance(share) ? chance : 0;
  return {
    slowMs: dice.pick([0, 20, 300, 1_500]),
    fetch: often(0.1, 0.4),
    store: often(0.25, 0.5),
    refuse: often(0.03, 0.1),
    commit: often(0.2, 0.5),
    letters: often(0.3, 0.4),
    questions: often(0.3, 0.3),
    killInCall: often(0.01, 0.5),
    rebalance: often(0.12, 0.4),
    lost: often(0.06, 0.3),
    crashTask: often(0.1, 0.35),
    crashFlusher: often(0.03, 0.2),
    crashSource: often(0.01, 0.2),
    heartbeats: often(0.2, 0.2),
    wallClock: often(0.1, 0.3),
    retention: often(0.15, 0.2),
  };
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
