/** The configured lengths of the model, in seconds; small, so that few records reach every case. */
export interface Rules {
  readonly slide: number;
  readonly window: number;
  readonly lateness: number;
  readonly idle: number;
  readonly zeroFill: number;
  readonly maxSkew: number;
  readonly session: number;
  readonly storeTimeout: number;
  readonly maxRaises: number;
}

/** What most runs use. */
export const RULES: Rules = {
  slide: 5,
  window: 20,
  lateness: 10,
  idle: 4,
  zeroFill: 15,
  maxSkew: 7,
  session: 8,
  storeTimeout: 3,
  maxRaises: 64,
};

/** Stands for "no watermark yet": below every time of the model. */
export const NEVER = -1e9;

/** Start of the pane that holds `time`. */
export function paneOf(time: number, rules: Rules): number {
  return Math.floor(time / rules.slide) * rules.slide;
}

/** First pane start at or after `time`. */
export function paneAfter(time: number, rules: Rules): number {
  return Math.ceil(time / rules.slide) * rules.slide;
}

/** Oldest pane that a window or a zero point not yet final at `frontier` can need (L1, L10). */
export function horizonOf(frontier: number, rules: Rules): number {
  return paneOf(frontier, rules) + rules.slide - rules.window - rules.zeroFill;
}

/**
 * Every way in which the model can break one law on purpose; the checks must notice each.
 *
 * The names say what the broken process does.
 */
export const MUTATIONS = [
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
  "sinceWithoutSlide",
  "sinceWithoutSkew",
  "sinceFromEarlyRaise",
  "gapIgnored",
  "zeroFillNotKept",
  "minFrontierOnTakeover",
  "maxFrontierOverKeyed",
  "frontierNeverFalls",
  "watermarkAfterSummary",
  "writeWhileReplaying",
  "noWriteGuard",
  "noHoldOfFinals",
  "rewriteFinalsInstead",
  "retryAtOnce",
  "latenessOnReplay",
  "horizonIgnoredOnLongerWindow",
  "ownHighWhenAllIdle",
  "newestByEvent",
  "alwaysCleanLeave",
  "provisionalAtOnce",
  "fullHoldsFrontier",
  "capByHigh",
  "endsNotTakenOnce",
] as const;

/** One deliberate breach. */
export type Mutation = typeof MUTATIONS[number];
