/**
 * How well incidents in categories are found: precision, recall and delay by kind and strength, and alarms without cause.
 *
 *     deno task bench:incidents [--rate TRANSACTIONS_A_MINUTE] [--seed N]
 *
 * Each kind is put into simulated categories, one incident of an hour a day at a random minute, after eight days without;
 * then 30 days without any incident are watched. Nothing is set but the defaults. The rate is that of an average category.
 * It does not measure the way from an event to its facts: a minute is judged when it is over.
 */
import { parseArgs } from "node:util";
import { CATEGORY_PROFILES, type CategoryProfile } from "../../src/produce/category_profile.ts";
import { SeededRandom } from "../../src/produce/seeded_random.ts";
import { CategoryAnomalies } from "../../src/window/category_anomalies.ts";
import { disturbance, type IncidentKind, KINDS, STRENGTHS } from "./incident_kind.ts";
import { CategorySimulation, UNDISTURBED } from "./simulation.ts";

const DAY_MINUTES = 1_440;
const FIRST_MINUTE = 20_000 * DAY_MINUTES;
const QUIET_DAYS = 8;
const INCIDENT_DAYS = 12;
const INCIDENT_MINUTES = 60;
/** An alarm so soon after an incident is still its own: the longest span holds it that long. */
const GRACE_MINUTES = 15;
const FALSE_ALARM_DAYS = 30;
/** A region that is new to a category has shown up before, once in two weeks. */
const STRAY_RATE = 0.00005;

interface Options {
  readonly ratePerMinute: number;
  readonly seed: number;
}

interface Injected {
  readonly strength: number;
  readonly startMinute: number;
  delayMinutes: number | undefined;
}

interface KindResult {
  readonly kind: IncidentKind;
  readonly injected: readonly Injected[];
  readonly alarms: number;
  readonly trueAlarms: number;
}

/** The incidents of a category: one a day, strengths in turn. */
function planned(kind: IncidentKind, random: SeededRandom, turn: number): Injected[] {
  const strengths = STRENGTHS[kind];
  return Array.from({ length: INCIDENT_DAYS }, (_, day) => ({
    strength: strengths[(day + turn) % strengths.length] ?? 0,
    startMinute: (QUIET_DAYS + day) * DAY_MINUTES + random.below(DAY_MINUTES - INCIDENT_MINUTES - GRACE_MINUTES),
    delayMinutes: undefined,
  }));
}

function inject(kind: IncidentKind, profile: CategoryProfile, turn: number, options: Options): KindResult {
  const random = new SeededRandom(options.seed, KINDS.indexOf(kind) * 100 + turn);
  const injected = planned(kind, random, turn);
  const simulation = new CategorySimulation(profile, rateOf(kind, profile, options), random);
  const watched = new CategoryAnomalies({ category: profile.name });
  let alarms = 0, trueAlarms = 0;
  for (let minute = 0; minute < (QUIET_DAYS + INCIDENT_DAYS) * DAY_MINUTES; minute++) {
    const now = injected.find(({ startMinute: start }) => minute >= start && minute < start + INCIDENT_MINUTES);
    const change = now === undefined ? UNDISTURBED : disturbance(kind, strengthOf(kind, now.strength));
    const news = watched.step(simulation.facts(FIRST_MINUTE + minute, change));
    if (!news.some(({ incident }) => incident?.kind === "opened")) continue;
    alarms++;
    const cause = injected.find(({ startMinute: start }) =>
      minute >= start && minute < start + INCIDENT_MINUTES + GRACE_MINUTES
    );
    if (cause === undefined) continue;
    trueAlarms++;
    cause.delayMinutes ??= minute + 1 - cause.startMinute;
  }
  return { kind, injected, alarms, trueAlarms };
}

/** A new region is watched by itself: what it has before is next to nothing. */
function rateOf(kind: IncidentKind, { share }: CategoryProfile, { ratePerMinute }: Options): number {
  return kind === "new-region" ? STRAY_RATE : ratePerMinute * share * CATEGORY_PROFILES.length;
}

function strengthOf(kind: IncidentKind, strength: number): number {
  return kind === "new-region" ? strength / STRAY_RATE : strength;
}

function falseAlarms(options: Options): { alarms: number; days: number } {
  let alarms = 0;
  CATEGORY_PROFILES.forEach((profile, turn) => {
    const random = new SeededRandom(options.seed, 10_000 + turn);
    const simulation = new CategorySimulation(profile, rateOf("rate-drop", profile, options), random);
    const watched = new CategoryAnomalies({ category: profile.name });
    for (let minute = 0; minute < FALSE_ALARM_DAYS * DAY_MINUTES; minute++) {
      const news = watched.step(simulation.facts(FIRST_MINUTE + minute, UNDISTURBED));
      alarms += news.filter(({ incident }) => incident?.kind === "opened").length;
    }
  });
  return { alarms, days: FALSE_ALARM_DAYS * CATEGORY_PROFILES.length };
}

function report(results: readonly KindResult[]): void {
  console.log("| kind | strength | incidents | recall | median delay | 90 % within | precision of the kind |");
  console.log("| --- | --- | --- | --- | --- | --- | --- |");
  for (const kind of KINDS) {
    const ofKind = results.filter((result) => result.kind === kind);
    const alarms = ofKind.reduce((sum, one) => sum + one.alarms, 0);
    const trueAlarms = ofKind.reduce((sum, one) => sum + one.trueAlarms, 0);
    for (const strength of STRENGTHS[kind]) {
      const injected = ofKind.flatMap((one) => one.injected).filter((one) => one.strength === strength);
      const delays = injected.flatMap(({ delayMinutes }) => delayMinutes ?? []).sort((a, b) => a - b);
      const at = (share: number) =>
        delays.length === 0 ? "–" : `${delays[Math.floor((delays.length - 1) * share)]} min`;
      const recall = percent(delays.length, injected.length);
      console.log(
        `| ${kind} | ${strength} | ${injected.length} | ${recall} | ${at(0.5)} | ${at(0.9)} | ${
          percent(trueAlarms, alarms)
        } |`,
      );
    }
  }
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${(100 * part / whole).toFixed(0)} %`;
}

function main(args: readonly string[]): void {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: [...args], options: { rate: text, seed: text } });
  const options = { ratePerMinute: Number(values.rate ?? 20), seed: Number(values.seed ?? 1) };
  if (!(options.ratePerMinute > 0)) throw new RangeError(`Cannot simulate: --rate must be > 0, got ${values.rate}`);
  console.log(`${options.ratePerMinute} transactions a minute in an average category, seed ${options.seed}\n`);
  report(KINDS.flatMap((kind) => CATEGORY_PROFILES.map((profile, turn) => inject(kind, profile, turn, options))));
  const { alarms, days } = falseAlarms(options);
  console.log(
    `\nWithout incidents: ${alarms} alarms in ${days} days of categories, ${(alarms / days).toFixed(3)} a day`,
  );
}

if (import.meta.main) main(Deno.args);
