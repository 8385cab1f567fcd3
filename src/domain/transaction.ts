/**
 * The transaction: what an event on the topic may say and what is kept of it.
 *
 * `transactionSchema` is the documentation of the event, its validator, and with `decodeTransaction` the oracle that the
 * byte decoder (`TransactionDecoder`) is held equal to by "TransactionDecoder.decode() equals decodeTransaction()" in
 * tests/properties/decoder_test.ts.
 */
import { z } from "zod";
import { CANONICAL_FIELDS, type CanonicalField, type FieldMap } from "./field_map.ts";
import type { InvalidReason } from "./invalid_reason.ts";
import { regionAt } from "./place.ts";
import { epochNumberMs, eventMs, parseIsoMs } from "./timestamp.ts";

/** Longest name of a category or region, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 128;

/** Region of an event that neither names a usable one nor has coordinates. */
export const UNKNOWN_REGION = "unknown";

/** Deepest nesting of a value, the event's own object being level 1: a bound that does not depend on a thread's stack. */
export const MAX_NESTING = 64;

const name = z.string()
  .transform((text) => text.toWellFormed())
  .refine((text) => text !== "" && new TextEncoder().encode(text).length <= MAX_NAME_BYTES)
  .refine((text) => !/\p{Cc}/u.test(text));

/** A merchant's text. */
export const sellerSchema = z.string().transform((text) => text.toWellFormed())
  .refine((text) => text !== "" && new TextEncoder().encode(text).length <= MAX_NAME_BYTES)
  .optional().catch(undefined);

const time = z.union([z.string(), z.number()])
  .transform((value) => typeof value === "string" ? parseIsoMs(value) : epochNumberMs(value))
  .refine((epochMs) => !Number.isNaN(epochMs));

const flag = z.union([z.boolean(), z.literal([0, 1]), z.literal(["0", "1", "true", "false"])])
  .transform((value) => value === true || value === 1 || value === "1" || value === "true");

const coordinate = (limit: number) =>
  z.number().min(-limit).max(limit).transform((degrees) => degrees + 0).optional().catch(undefined);

const unread = z.unknown().optional();

/**
 * One purchase event as canonical JSON, after FIELD_MAP; keys that are not named here are ignored.
 *
 * A lone surrogate in a text counts as U+FFFD, which is what its UTF-8 form is; -0 counts as 0.
 */
export const transactionSchema = z.object({
  transaction_id: unread.describe("Identity of the purchase at its source; not read"),
  category: name.describe("Merchant category: text of 1 to 128 bytes of UTF-8 without control characters; required"),
  amount: z.number().transform((amount) => amount + 0).describe(
    "Money of the purchase: a finite JSON number, negative for a refund; required; summed regardless of currency",
  ),
  timestamp: time.nullish().describe(
    "When it happened: ISO 8601 text with a zone, or a number, seconds below 1e11 and else milliseconds; 1970 to 2261; " +
      "absent or null stands for the Kafka timestamp of the record",
  ),
  is_fraud: flag.nullish().describe("true, false, 0, 1 or one of these as text; absent or null is false"),
  region: name.optional().catch(undefined).describe(
    "State or province, by the rules of category; absent or unusable: the US state that contains lat and lon, else their " +
      "geohash cell of three letters, `geo:u4p`; without those `unknown`",
  ),
  customer_id: z.string().min(1).optional().catch(undefined).describe(
    "Who bought: non-empty text, or a number taken digit for digit as written; all else is absent, not counted",
  ),
  merchant: sellerSchema.describe(
    "Who sold: text of 1 to 128 bytes of UTF-8; all else is absent, not counted",
  ),
  currency: unread.describe("Currency of the amount; two in one category raise a warning"),
  lat: coordinate(90).describe("Latitude in degrees, -90 to 90; used only together with lon, else absent"),
  lon: coordinate(180).describe("Longitude in degrees, -180 to 180; used only together with lat, else absent"),
});

/** What is kept of an event. */
export interface Transaction {
  readonly category: string;
  readonly amount: number;
  /** Event time, whole milliseconds in 1970-2261. */
  readonly occurredAtMs: number;
  readonly region: string;
  /** Degrees; present exactly when `lon` is. */
  readonly lat?: number;
  /** Degrees; present exactly when `lat` is. */
  readonly lon?: number;
  readonly isFraud: boolean;
  /** The customer's text as written, number literals included. */
  readonly customerId?: string;
  readonly merchant?: string;
}

/** A record that is not a transaction. */
export interface Invalid {
  readonly reason: InvalidReason;
}

/**
 * Reads one event the plain way: strict UTF-8, `JSON.parse`, field mapping, schema. The last of duplicate keys wins.
 *
 * `kafkaTimestampMs` is the record's own time, undefined when it has none.
 * Cost: microseconds and garbage; `TransactionDecoder` is the fast form of the same function.
 */
export function decodeTransaction(
  value: Uint8Array,
  map: FieldMap,
  kafkaTimestampMs: number | undefined,
): Transaction | Invalid {
  if (value.length === 0) return { reason: "empty" };
  const text = decodeText(value);
  if (text === undefined) return { reason: "encoding" };
  const event = parseJson(text);
  if (event === undefined) return { reason: "json" };
  if (!isObject(event)) return { reason: "notObject" };
  const checked = transactionSchema.safeParse(canonical(event, text, map));
  if (!checked.success) return { reason: reasonOf(checked.error) };
  const occurredAtMs = checked.data.timestamp ?? eventMs(kafkaTimestampMs ?? NaN);
  if (Number.isNaN(occurredAtMs)) return { reason: "timestamp" };
  const { category, amount, lat, lon, merchant, is_fraud: isFraud, customer_id: customerId } = checked.data;
  const place = lat === undefined || lon === undefined ? undefined : { lat, lon };
  const region = checked.data.region ?? (place === undefined ? UNKNOWN_REGION : regionAt(place.lat, place.lon));
  return {
    ...{ category, amount, occurredAtMs, region, isFraud: isFraud ?? false },
    ...place,
    ...(customerId === undefined ? {} : { customerId: customerId.toWellFormed() }),
    ...(merchant === undefined ? {} : { merchant }),
  };
}

function decodeText(value: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined; // The caller turns this into a reason: the error of TextDecoder says no more than that.
  }
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return nestingExceeds(value, MAX_NESTING) ? undefined : value;
  } catch {
    return undefined; // As above; no JSON text stands for undefined.
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nestingExceeds(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= levels; depth++) {
    level = level.flatMap((item) => typeof item === "object" && item !== null ? [item] : []);
    if (level.length === 0) return false;
    level = level.flatMap((item) => Object.values(item ?? {}));
  }
  return true;
}

/** The event under canonical names, a customer's number replaced by its literal. */
function canonical(
  event: Record<string, unknown>,
  text: string,
  map: FieldMap,
): Partial<Record<CanonicalField, unknown>> {
  const fields: Partial<Record<CanonicalField, unknown>> = {};
  for (const field of CANONICAL_FIELDS) {
    const key = [map.names[field], field].find((candidate) => Object.hasOwn(event, candidate));
    if (key === undefined) continue;
    fields[field] = field === "customer_id" && typeof event[key] === "number" ? literal(text, key) : event[key];
  }
  return fields;
}

/** What a reviver is told of a primitive, which the library's types do not know yet. */
interface ReviverContext {
  readonly source?: string;
}

function literal(text: string, key: string): unknown {
  const written = (_key: string, value: unknown, context?: ReviverContext): unknown =>
    typeof value === "number" ? context?.source : value;
  const event: unknown = JSON.parse(text, written);
  return isObject(event) ? event[key] : undefined;
}

function reasonOf(error: z.ZodError): InvalidReason {
  const field = error.issues[0]?.path[0];
  switch (field) {
    case "category":
    case "amount":
    case "timestamp":
      return field;
    case "is_fraud":
      return "isFraud";
    default:
      throw new TypeError(`Cannot name the reason of an invalid event: unexpected field ${String(field)}`);
  }
}
