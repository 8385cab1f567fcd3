/**
 * How well incidents in categories are found: precision, recall and delay by kind and strength, and alarms without cause.
 *
 *     deno task bench:incidents [--rate TRANSACTIONS_A_MINUTE] [--seed N]
 *
 * Each simulated category has eight days without incidents, then one of an hour a day at a random minute, all kinds and
 * strengths in turn; a region that is new to a category is watched by itself. Then 30 days without any incident follow.
 * Nothing is set but the defaults. The rate is that of an average category. An alarm that no incident explains counts
 * against the kind of that day.
 * It does not measure the way from an event to its facts: a minute is judged when it is over.
 */
import { parseArgs } from "node:util";
import { CATEGORY_PROFILES, type CategoryProfile } from "../../src/produce/category_profile.ts";
import { disturbance, INCIDENT_KINDS, type IncidentKind, UNDISTURBED } from "../../src/produce/incident_kind.ts";
import { SeededRandom } from "../../src/produce/seeded_random.ts";
import { CategoryAnomalies } from "../../src/window/category_anomalies.ts";
import { CategorySimulation } from "./simulation.ts";

const DAY_MINUTES = 1_440;
const FIRST_MINUTE = 20_000 * DAY_MINUTES;
const QUIET_DAYS = 8;
/** How often a category has each kind and strength. */
const ROUNDS = 2;
const INCIDENT_MINUTES = 60;
/** An alarm so soon after an incident is still its own: the longest span holds it that long. */
const GRACE_MINUTES = 15;
const FALSE_ALARM_DAYS = 30;
/** The strengths that each kind is injected with. */
const INJECTED: Readonly<Record<IncidentKind, readonly number[]>> = {
  "fraud-burst": [0.05, 0.2, 0.5],
  "rate-drop": [0.7, 0.5, 0.2],
  "rate-surge": [1.3, 1.6, 2.5],
  "price-shift": [1.2, 1.5, 2.5],
  "dead-category": [0],
  "new-region": [0.2, 1, 5],
};
/** A region that is new to a category has shown up before, once in two weeks. */
const STRAY_RATE = 0.00005;

interface Options {
  readonly ratePerMinute: number;
  readonly seed: number;
}

/** An incident to come, and what was seen of it. */
interface Injected {
  readonly kind: IncidentKind;
  readonly strength: number;
  readonly startMinute: number;
  delayMinutes: number | undefined;
  alarms: number;
  falseAlarms: number;
}

/** A category that incidents are put into; `stream` is that of its random numbers. */
interface Run {
  readonly profile: CategoryProfile;
  readonly ratePerMinute: number;
  readonly plan: readonly (readonly [IncidentKind, number])[];
  readonly stream: number;
}

/** Every category with all kinds but one, and each with a region for each strength of that one. */
function runs({ ratePerMinute }: Options): Run[] {
  const kinds = INCIDENT_KINDS.filter((kind) => kind !== "new-region");
  return CATEGORY_PROFILES.flatMap((profile, turn) => {
    const strengths = Array.from({ length: ROUNDS * 3 }, (_, round) => round + turn);
    const plan = strengths.flatMap((at) => kinds.map((kind) => [kind, pick(INJECTED[kind], at)] as const));
    const rate = ratePerMinute * profile.share * CATEGORY_PROFILES.length;
    const regions = INJECTED["new-region"].map((strength, index) => ({
      profile,
      ratePerMinute: STRAY_RATE,
      plan: [["new-region", strength] as const],
      stream: 1_000 + 10 * turn + index,
    }));
    return [{ profile, ratePerMinute: rate, plan, stream: turn }, ...regions];
  });
}

function pick(strengths: readonly number[], at: number): number {
  return strengths[at % strengths.length] ?? 0;
}

function inject({ profile, ratePerMinute, plan, stream }: Run, seed: number): Injected[] {
  const random = new SeededRandom(seed, stream);
  const injected = plan.map(([kind, strength], day): Injected => ({
    kind,
    strength,
    startMinute: (QUIET_DAYS + day) * DAY_MINUTES + random.below(DAY_MINUTES - INCIDENT_MINUTES - GRACE_MINUTES),
    delayMinutes: undefined,
    alarms: 0,
    falseAlarms: 0,
  }));
  const simulation = new CategorySimulation(profile, ratePerMinute, random);
  const watched = new CategoryAnomalies({ category: profile.name });
  for (let minute = 0; minute < (QUIET_DAYS + plan.length) * DAY_MINUTES; minute++) {
    const today = injected[Math.floor(minute / DAY_MINUTES) - QUIET_DAYS];
    const isOn = today !== undefined && isWithin(minute, today.startMinute, INCIDENT_MINUTES);
    const change = isOn ? disturbance(today.kind, today.strength) : UNDISTURBED;
    const news = watched.step(simulation.facts(FIRST_MINUTE + minute, change));
    if (today !== undefined && news.some(({ incident }) => incident?.kind === "opened")) count(today, minute);
  }
  return injected;
}

function isWithin(minute: number, start: number, length: number): boolean {
  return minute >= start && minute < start + length;
}

function count(today: Injected, minute: number): void {
  today.alarms++;
  if (isWithin(minute, today.startMinute, INCIDENT_MINUTES + GRACE_MINUTES)) {
    today.delayMinutes ??= minute + 1 - today.startMinute;
  } else today.falseAlarms++;
}

function falseAlarms({ ratePerMinute, seed }: Options): { alarms: number; days: number } {
  let alarms = 0;
  CATEGORY_PROFILES.forEach((profile, turn) => {
    const random = new SeededRandom(seed, 10_000 + turn),
      rate = ratePerMinute * profile.share * CATEGORY_PROFILES.length;
    const simulation = new CategorySimulation(profile, rate, random);
    const watched = new CategoryAnomalies({ category: profile.name });
    for (let minute = 0; minute < FALSE_ALARM_DAYS * DAY_MINUTES; minute++) {
      const news = watched.step(simulation.facts(FIRST_MINUTE + minute, UNDISTURBED));
      alarms += news.filter(({ incident }) => incident?.kind === "opened").length;
    }
  });
  return { alarms, days: FALSE_ALARM_DAYS * CATEGORY_PROFILES.length };
}

function report(injected: readonly Injected[]): void {
  console.log("| kind | strength | incidents | recall | median delay | 90 % within | precision of the kind |");
  console.log("| --- | --- | --- | --- | --- | --- | --- |");
  for (const kind of INCIDENT_KINDS) {
    const ofKind = injected.filter((one) => one.kind === kind);
    const alarms = ofKind.reduce((sum, one) => sum + one.alarms, 0);
    const wrong = ofKind.reduce((sum, one) => sum + one.falseAlarms, 0);
    for (const strength of new Set(ofKind.map((one) => one.strength).sort((a, b) => a - b))) {
      const alike = ofKind.filter((one) => one.strength === strength);
      const delays = alike.flatMap(({ delayMinutes }) => delayMinutes ?? []).sort((a, b) => a - b);
      const at = (share: number) =>
        delays.length === 0 ? "–" : `${delays[Math.floor((delays.length - 1) * share)]} min`;
      const recall = percent(delays.length, alike.length), precision = percent(alarms - wrong, alarms);
      console.log(`| ${kind} | ${strength} | ${alike.length} | ${recall} | ${at(0.5)} | ${at(0.9)} | ${precision} |`);
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
  report(runs(options).flatMap((run) => inject(run, options.seed)));
  const { alarms, days } = falseAlarms(options);
  console.log(
    `\nWithout incidents: ${alarms} alarms in ${days} days of categories, ${(alarms / days).toFixed(3)} a day`,
  );
}

if (import.meta.main) main(Deno.args);
