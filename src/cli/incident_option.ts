/** Incidents given on the command line: `fraud-burst:category=travel,at=+10m,for=15m,strength=0.2`. */
import { InvalidArgumentError } from "commander";
import { transactionSchema } from "../domain/transaction.ts";
import type { IncidentPlan, IncidentStart } from "../produce/incident.ts";
import { INCIDENT_KINDS, STRENGTHS } from "../produce/incident_kind.ts";
import { parseDurationMs } from "../duration.ts";
import { timeMs } from "./time_option.ts";

const KEYS = ["category", "region", "at", "for", "strength"] as const;
type Key = typeof KEYS[number];

const STANDARD_DURATION = "10m";

/** One more incident for those of the flags before it. @throws {InvalidArgumentError} */
export function oneMoreIncident(text: string, before: readonly IncidentPlan[] = []): readonly IncidentPlan[] {
  return [...before, incidentPlan(text)];
}

/** An incident as text, values without commas. @throws {InvalidArgumentError} that says which part is wrong. */
export function incidentPlan(text: string): IncidentPlan {
  const [named = "", ...rest] = text.split(":"), members = membersIn(rest.join(":"));
  const kind = INCIDENT_KINDS.find((one) => one === named);
  if (kind === undefined) throw wrong(`the kind is one of ${INCIDENT_KINDS.join(", ")}`, named);
  const category = nameIn(members, "category"), region = nameIn(members, "region");
  if (category === undefined) throw wrong(`${kind} needs a category`, text);
  if (kind === "new-region" && region === undefined) throw wrong(`${kind} needs the region that is new`, text);
  const { standard, meaning, allows } = STRENGTHS[kind], written = members.get("strength") ?? String(standard);
  const strength = Number(written), lasts = members.get("for") ?? STANDARD_DURATION;
  if (written.trim() === "" || !allows(strength)) throw wrong(`the strength of ${kind} is ${meaning}`, written);
  const durationMs = parseDurationMs(lasts) ?? 0;
  if (!(durationMs > 0)) throw wrong("for is a duration such as 15m", lasts);
  const begins = startIn(members.get("at") ?? "+0s");
  return { kind, category, ...(region === undefined ? {} : { region }), begins, durationMs, strength };
}

function membersIn(text: string): ReadonlyMap<Key, string> {
  const members = new Map<Key, string>();
  for (const part of text === "" ? [] : text.split(",")) {
    const at = part.indexOf("="), key = KEYS.find((one) => one === part.slice(0, at));
    if (key === undefined) throw wrong(`after the kind come ${KEYS.join("=…, ")}=…`, part);
    if (members.has(key)) throw wrong(`${key} is given twice`, text);
    members.set(key, part.slice(at + 1));
  }
  return members;
}

function nameIn(members: ReadonlyMap<Key, string>, key: "category" | "region"): string | undefined {
  const name = members.get(key);
  if (name === undefined || transactionSchema.shape.category.safeParse(name).success) return name;
  throw wrong(`a ${key} has 1 to 128 bytes and no control characters`, name);
}

/** `+10m` after the start of the stream, or an instant. */
function startIn(text: string): IncidentStart {
  const afterMs = text.startsWith("+") ? parseDurationMs(text.slice(1)) : undefined;
  try {
    return afterMs === undefined ? { atMs: timeMs(text) } : { afterMs };
  } catch {
    throw wrong("at is a time in ISO 8601 or milliseconds, or a duration after the start such as +10m", text);
  }
}

function wrong(what: string, got: string): InvalidArgumentError {
  return new InvalidArgumentError(`Cannot read incident: ${what}, got ${JSON.stringify(got)}`);
}
