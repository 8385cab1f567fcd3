import assert from "node:assert/strict";
import { breachesOf } from "./check.ts";
import { breaches, differsFromUndisturbed } from "./laws.ts";
import { type Mutation, RULES } from "./rules.ts";
import type { Event, Scenario } from "./scenario.ts";
import { type Entry, Topic } from "./topic.ts";
import { World } from "./world.ts";

const SEEDS = 400;

/** Breaches that random seeds find; each with how many seeds are tried at most. */
const FOUND_BY_SEEDS: readonly Mutation[] = [
  "commitBeforeWrite",
  "futureMovesWatermark",
  "closeOneSlideEarly",
  "forgetLedgerOnReplay",
  "lettersOnReplay",
  "pausedIsIdle",
  "stallIsIdle",
  "rewriteClosed",
  "raiseBeforeCommit",
  "raiseLost",
  "noHold",
  "provisionalAfterFinal",
  "writeUncovered",
  "gapIgnored",
  "zeroFillNotKept",
  "maxFrontierOverKeyed",
  "frontierNeverFalls",
  "watermarkAfterSummary",
  "writeWhileReplaying",
  "noWriteGuard",
  "retryAtOnce",
  "latenessOnReplay",
  "horizonIgnoredOnLongerWindow",
  "ownHighWhenAllIdle",
  "provisionalAtOnce",
  "minFrontierOnTakeover",
  "newestByEvent",
  "fullHoldsFrontier",
  "capByHigh",
  "endsNotTakenOnce",
];

Deno.test(`breaches() finds none in ${SEEDS} seeds of kills, stalls, moves, gaps, lost commits, caught-up runs and changed rules`, () => {
  const failed: string[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const found = breaches(seed);
    if (found.length > 0) failed.push(`seed ${seed}: ${found[0]}`);
  }
  assert.deepStrictEqual(failed, []);
});

for (const protocol of ["hold", "applyFirst"] as const) {
  Deno.test(`breaches() finds none when raises are made by ${protocol}`, () => {
    const failed = range(0, 60).filter((seed) => breaches(seed, { protocol, kinds: ["kill"] }).length > 0);
    assert.deepStrictEqual(failed, []);
  });
}

Deno.test("differsFromUndisturbed() finds nothing where no raise decided", () => {
  const failed = range(0, 60).flatMap((seed) =>
    differsFromUndisturbed(seed, "applyFirst").map((line) => `seed ${seed}: ${line}`)
  );
  assert.deepStrictEqual(failed, []);
});

for (const mutation of FOUND_BY_SEEDS) {
  Deno.test(`breaches() notices the law broken by ${mutation}`, () => {
    const seed = range(0, SEEDS).find((seed) => breaches(seed, { mutation }).length > 0);
    assert.notStrictEqual(seed, undefined, `no seed of ${SEEDS} notices ${mutation}`);
  });
}

for (const mutation of ["sinceWithoutSlide", "sinceWithoutSkew"] as const) {
  Deno.test(`since leaves room for an event that was on time and ahead of its record's clock; ${mutation} does not`, () => {
    const entries = [[1114, 1121], [1115, 1100], [1122, 1122]] as const;
    const scene = { fromAt: 1116, partitions: [entries], starts: [1] };
    assert.deepStrictEqual(playScene(scene), []);
    assert.match(playScene({ ...scene, mutation }).join(), /final T\|0\|1120 is 1, topic says 2/);
  });
}

Deno.test("since is not set by a raise while another partition is still behind", () => {
  const lost = range(1000, 1041).map((at) => [at, at] as const);
  const backlog = range(0, 400).map((n) => [1000 + Math.floor(n / 10), 1000 + Math.floor(n / 10)] as const);
  const scene = { fromAt: 1041, partitions: [lost, backlog], starts: [lost.length, 0] };
  assert.deepStrictEqual(playScene(scene), []);
  assert.match(playScene({ ...scene, mutation: "sinceFromEarlyRaise" }).join(), /final T\|0\|\d+ is \d+, topic says/);
});

Deno.test("finals are held after a seizure, so a zombie's late write is overwritten, also when the successor dies too", () => {
  const busy = range(500, 545).map((half) => [2 * half, 2 * half] as const);
  const stall: Event = { at: 1040, kind: "stall", afterSteps: 0, forTicks: 10, atStep: "about to write" };
  const kills = [0, 1].map((afterSteps): Event => ({ at: 1054, kind: "kill", afterSteps, downFor: 0 }));
  const scene = { fromAt: 1000, partitions: [busy], starts: [0], processes: 2 };
  const seeds = range(0, 60);
  const play = (events: readonly Event[], mutation?: Mutation) =>
    seeds.flatMap((seed) => playScene({ ...scene, seed, events, ...(mutation && { mutation }) }));
  assert.deepStrictEqual(play([stall, ...kills]), []);
  assert.deepStrictEqual(play([stall], "rewriteFinalsInstead").filter((line) => line.includes("at the end")), []);
  assert.match(play([stall], "noHoldOfFinals").join(), /is provisional at the end/);
  assert.match(play([stall, ...kills], "rewriteFinalsInstead").join(), /is provisional at the end/);
});

Deno.test("a leave is clean only when its own predecessor's finals are behind it; seed 1011 shows alwaysCleanLeave", () => {
  const options = { protocol: "hold", kinds: ["kill", "move"] } as const;
  assert.deepStrictEqual(breaches(1011, options), []);
  assert.match(breaches(1011, { ...options, mutation: "alwaysCleanLeave" }).join(), /provisional after final/);
});

interface Scene {
  readonly fromAt: number;
  /** Per partition, `[append time, event time]` of each record; all of category 0. */
  readonly partitions: readonly (readonly (readonly [number, number])[])[];
  readonly starts: readonly number[];
  readonly mutation?: Mutation;
  readonly seed?: number;
  readonly processes?: number;
  readonly events?: readonly Event[];
}

function playScene(scene: Scene): string[] {
  const entries = scene.partitions.map((records) =>
    records.map(([at, event], offset): Entry => ({ offset, at, event, category: 0, kind: "event" }))
  );
  const topic = new Topic(entries, false);
  scene.starts.forEach((start, partition) => topic.starts[partition] = start);
  const scenario: Scenario = {
    seed: scene.seed ?? 1,
    topic,
    rules: RULES,
    protocol: "applyFirst",
    processes: scene.processes ?? 1,
    faults: { ackLost: 0, reset: 0, commitLost: 0 },
    events: scene.events ?? [],
    fromAt: scene.fromAt,
    toAt: scene.fromAt + 150,
    staticMembers: scene.processes === undefined,
    mutation: scene.mutation,
  };
  const world = new World(scenario);
  world.run();
  return breachesOf(world);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
