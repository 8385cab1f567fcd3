import type { Point } from "./cluster.ts";
import type { Summary } from "./machine.ts";
import { type Mutation, NEVER, paneOf, type Rules } from "./rules.ts";

/** What decides which points a flush writes. */
export interface PointsOptions {
  readonly summaries: readonly Summary[];
  readonly frontier: number;
  /** Nothing ending later is written: a reopened partition is still replaying. */
  readonly limit: number;
  /** Frontier at or before which the windows of a category are closed. */
  readonly closedFor: (category: number) => number;
  /** No provisional point of a category ends at or before this: a predecessor may have written it as final. */
  readonly floorFor: (category: number) => number;
  readonly rules: Rules;
  readonly mutation: Mutation | undefined;
}

/** The points of one flush: every window and pane that is open, covered and not past the newest pane (L2, L3, L6, L10). */
export function pointsOf(options: PointsOptions): Point[] {
  const { summaries, rules, mutation } = options;
  const since = Math.max(...summaries.map((summary) => summary.since ?? Infinity));
  const high = Math.max(...summaries.map((summary) => summary.high));
  const panes = mergePanes(summaries);
  const latest = Math.max(...[...panes.values()].flatMap((starts) => [...starts.keys()]));
  const newest = (mutation === "newestByEvent" ? latest : paneOf(high, rules)) + rules.slide;
  const points: Point[] = [];
  for (const [category, starts] of panes) {
    const closed = options.closedFor(category) - (mutation === "provisionalAfterFinal" ? rules.slide : 0);
    const floor = mutation === "provisionalAfterFinal" ? NEVER : options.floorFor(category);
    const offer = (candidate: Candidate) => {
      const { end } = candidate;
      const early = mutation === "closeOneSlideEarly" ? rules.slide : 0;
      const final = end <= options.frontier + early &&
        !(mutation === "provisionalAfterFinal" && end <= closed + rules.slide);
      if (end <= closed || end > options.limit || (!final && (end > newest || end <= floor))) return;
      if (candidate.start < since && mutation !== "writeUncovered") return;
      points.push({ key: candidate.key, category, end, count: candidate.count, final });
    };
    for (const candidate of candidates({ category, starts, rules })) offer(candidate);
  }
  return points;
}

interface Candidate {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

interface CategoryPanes {
  readonly category: number;
  readonly starts: ReadonlyMap<number, number>;
  readonly rules: Rules;
}

/** Every pane and every window that has a point by L10, zero points included; shared with the oracle. */
export function candidates(options: CategoryPanes): Candidate[] {
  const { category, starts, rules } = options;
  const found: Candidate[] = [];
  const ends = new Set<number>();
  for (const [start, count] of starts) {
    found.push({ key: `T|${category}|${start}`, start, end: start + rules.slide, count });
    for (let end = start + rules.slide; end <= start + rules.window + rules.zeroFill; end += rules.slide) ends.add(end);
  }
  for (const end of ends) {
    let count = 0;
    for (let start = end - rules.window; start < end; start += rules.slide) count += starts.get(start) ?? 0;
    found.push({ key: `A|${rules.window}|${category}|${end}`, start: end - rules.window, end, count });
  }
  return found;
}

function mergePanes(summaries: readonly Summary[]): Map<number, Map<number, number>> {
  const merged = new Map<number, Map<number, number>>();
  for (const pane of summaries.flatMap((summary) => summary.panes)) {
    const starts = merged.get(pane.category) ?? new Map<number, number>();
    starts.set(pane.start, (starts.get(pane.start) ?? 0) + pane.count);
    merged.set(pane.category, starts);
  }
  return merged;
}
