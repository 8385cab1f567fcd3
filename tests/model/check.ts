import { imbalance } from "./checkpoint.ts";
import { candidates } from "./points.ts";
import { NEVER, paneOf, type Rules } from "./rules.ts";
import { naturalWatermarks } from "./scenario.ts";
import type { World } from "./world.ts";

/** Every breach of a law that a finished run shows. */
export function breachesOf(world: World): string[] {
  return [
    ...world.cluster.breaches,
    ...finalsWrong(world),
    ...missing(world),
    ...ledgersWrong(world),
    ...lettersWrong(world),
  ];
}

/** (a) Every final point equals the topic minus its dead letters. */
function finalsWrong(world: World): string[] {
  const found: string[] = [];
  const oracle = new Map(world.rulesUsed.flatMap(({ rules }) => expected(world, rules)).map((c) => [c.key, c.count]));
  const since = sinceOf(world);
  for (const point of world.cluster.points.values()) {
    const start = point.end -
      (point.key.startsWith("T") ? world.scenario.rules.slide : Number(point.key.split("|")[1]));
    const landed = world.cluster.landedAt.get(point.key) ?? 0;
    const changedAt = world.rulesUsed.at(-1)?.at ?? -Infinity;
    if (latenessChanged(world) && (start < since || landed <= changedAt)) continue;
    if (world.cluster.anew && start < since + (point.count === 0 ? world.scenario.rules.zeroFill : 0)) continue;
    if (start < since && (world.lost || landed <= world.gapAt)) continue;
    const right = oracle.get(point.key);
    if (point.final && point.count !== right) {
      found.push(`final ${point.key} is ${point.count}, topic says ${right ?? "no point"}`);
    }
  }
  return found;
}

/** Where coverage begins at the end of the run (L6). */
function sinceOf(world: World): number {
  return Math.max(NEVER, ...[...world.cluster.checkpoints.values()].map((checkpoint) => checkpoint.since ?? Infinity));
}

/** Then what was written past the last commit may have been judged otherwise than it is now (L14). */
function latenessChanged(world: World): boolean {
  return world.rulesUsed.some(({ rules }) => rules.lateness !== world.scenario.rules.lateness);
}

/** (e) After the quiet every covered window is there and final. */
function missing(world: World): string[] {
  const found: string[] = [];
  const last = world.rulesUsed.at(-1);
  const checkpoints = [...world.cluster.checkpoints.values()];
  if (last === undefined) return found;
  const since = sinceOf(world);
  for (const candidate of expected(world, last.rules)) {
    const seen = candidate.start - (candidate.count === 0 ? last.rules.zeroFill : 0) >= since;
    if (!seen || candidate.end <= last.after) continue;
    const point = world.cluster.points.get(candidate.key);
    if (!point?.final) found.push(`${candidate.key} is ${point ? "provisional" : "missing"} at the end`);
  }
  const high = Math.max(...checkpoints.map((checkpoint) => checkpoint.high));
  const bound = paneOf(high, last.rules) + last.rules.slide;
  for (const { key, end, final } of world.cluster.points.values()) {
    if (!final && end > bound) found.push(`provisional ${key} past the newest pane`);
  }
  return found;
}

/** (c) Ledgers balance, reach the end, and name as many dead letters as there are. */
function ledgersWrong(world: World): string[] {
  const found: string[] = [], { topic } = world.scenario;
  for (const [partition, checkpoint] of world.cluster.checkpoints) {
    const { ledger, position } = checkpoint;
    if (imbalance(checkpoint) !== 0) found.push(`ledger of ${partition} does not balance`);
    if (position !== topic.end(partition, world.cluster.now)) {
      found.push(`position of ${partition} is ${position}, not its end`);
    }
    const letters = [...world.cluster.letters.keys()].filter((key) => key.startsWith(`${partition}|`)).length;
    const booked = ledger.late + ledger.future + ledger.invalid;
    const rejudged = world.cluster.anew || latenessChanged(world) || world.frontierAtGap.size > 0;
    if (!rejudged && letters !== booked) found.push(`${letters} letters of ${partition}, ledger says ${booked}`);
  }
  return found;
}

/** (b) A record is late by the records before it, or by a committed raise; never for another reason. */
function lettersWrong(world: World): string[] {
  const found: string[] = [], { cluster, scenario } = world;
  const { topic, rules } = scenario;
  if (cluster.anew || world.frontierAtGap.size > 0 || latenessChanged(world)) return found;
  topic.partitions.forEach((entries, partition) => {
    const natural = naturalWatermarks(entries, rules);
    for (const { offset, event, kind, at } of entries) {
      if (kind === "control" || (kind === "event" && event > at + rules.maxSkew)) continue;
      const reason = cluster.letters.get(`${partition}|${offset}`);
      const end = paneOf(event, rules) + rules.slide;
      const naturally = kind === "event" && end <= (natural[offset] ?? Infinity);
      if (naturally && reason !== "late") {
        found.push(`${partition}|${offset} is late by the log, yet ${reason ?? "counted"}`);
      }
      if (reason !== "late" || naturally) continue;
      const raised = raisesBefore(world, partition, offset).some((watermark) => watermark >= end);
      if (!raised) found.push(`${partition}|${offset} is late for no reason`);
    }
  });
  return found;
}

/** Every watermark that a committed raise gave a partition at or before an offset. */
function raisesBefore(world: World, partition: number, offset: number): number[] {
  return [...world.cluster.raisesCommitted].flatMap(([key, watermark]) => {
    const [p, from] = key.split("|").map(Number);
    return p === partition && (from ?? Infinity) <= offset ? [watermark] : [];
  });
}

/** Points by the oracle: every event of the topic that is neither a dead letter nor lost to retention behind a closed pane. */
export function expected(world: World, rules: Rules): ReturnType<typeof candidates> {
  const panes = new Map<number, Map<number, number>>();
  const { topic } = world.scenario, { cluster } = world;
  topic.partitions.forEach((entries, partition) => {
    const natural = naturalWatermarks(entries, rules);
    for (const { offset, event, kind, category, at } of entries) {
      const key = `${partition}|${offset}`, start = paneOf(event, rules);
      const judged = world.judged.get(key);
      const dead = cluster.anew && topic.keyed
        ? judged !== undefined && judged !== "counted"
        : cluster.letters.has(key);
      if (kind !== "event" || dead) continue;
      const closed = Math.max(
        natural[offset] ?? Infinity,
        world.frontierAtGap.get(partition) ?? -Infinity,
        ...raisesBefore(world, partition, offset),
      );
      if (event > at + rules.maxSkew || (judged === undefined && start + rules.slide <= closed)) continue;
      const starts = panes.get(category) ?? new Map<number, number>();
      starts.set(start, (starts.get(start) ?? 0) + 1);
      panes.set(category, starts);
    }
  });
  return [...panes].flatMap(([category, starts]) => candidates({ category, starts, rules }));
}
