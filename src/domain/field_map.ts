/** FIELD_MAP: under which names a topic carries the canonical fields of a transaction. */
import { murmur3Text } from "./hash.ts";

/** The fields of a transaction under their own names, in the order of the documentation. */
export const CANONICAL_FIELDS = [
  "transaction_id",
  "timestamp",
  "customer_id",
  "merchant",
  "category",
  "amount",
  "currency",
  "region",
  "lat",
  "lon",
  "is_fraud",
] as const;

/** One of `CANONICAL_FIELDS`. */
export type CanonicalField = typeof CANONICAL_FIELDS[number];

/**
 * The source name of every canonical field, its own name where nothing was mapped.
 *
 * A field is read from its source name; when the event has no such key, from its canonical name.
 * A key that is present wins even if its value is null.
 */
export interface FieldMap {
  /** Canonical name to source name, for all of `CANONICAL_FIELDS`. */
  readonly names: Readonly<Record<CanonicalField, string>>;
  /** Eight hexadecimal digits that change with the meaning of the mapping, not with its spelling; for checkpoints. */
  readonly hash: string;
}

/**
 * Reads a mapping such as `amount=amt,timestamp=unix_time`; undefined or blank text maps nothing.
 *
 * Spaces around names are dropped; two fields may share one source name. The name of a field ends at the first `=`.
 *
 * @throws {SyntaxError} when a part has no `=`, an empty or unknown name, or maps a field a second time.
 */
export function parseFieldMap(text: string | undefined): FieldMap {
  const names: Record<CanonicalField, string> = identity();
  const mapped = new Set<CanonicalField>();
  const parts = text === undefined || text.trim() === "" ? [] : text.split(",");
  for (const part of parts) {
    const [field, source] = parsePart(part);
    if (mapped.has(field)) {
      throw new SyntaxError(`Cannot read FIELD_MAP: ${field} is mapped twice, each field may be mapped once`);
    }
    mapped.add(field);
    names[field] = source;
  }
  return { names, hash: fingerprint(names) };
}

function parsePart(part: string): [CanonicalField, string] {
  const equals = part.indexOf("=");
  const field = part.slice(0, Math.max(equals, 0)).trim();
  const source = part.slice(equals + 1).trim();
  if (equals < 0 || field === "" || source === "") {
    throw new SyntaxError(`Cannot read FIELD_MAP: "${part}" is not of the form field=name, both not empty`);
  }
  const known = CANONICAL_FIELDS.find((name) => name === field);
  if (known === undefined) {
    throw new SyntaxError(
      `Cannot read FIELD_MAP: unknown field "${field}", allowed are ${CANONICAL_FIELDS.join(", ")}`,
    );
  }
  return [known, source];
}

function identity(): Record<CanonicalField, string> {
  return {
    transaction_id: "transaction_id",
    timestamp: "timestamp",
    customer_id: "customer_id",
    merchant: "merchant",
    category: "category",
    amount: "amount",
    currency: "currency",
    region: "region",
    lat: "lat",
    lon: "lon",
    is_fraud: "is_fraud",
  };
}

function fingerprint(names: FieldMap["names"]): string {
  const meaning = CANONICAL_FIELDS.filter((field) => names[field] !== field).map((field) => [field, names[field]]);
  return murmur3Text(JSON.stringify(meaning)).toString(16).padStart(8, "0");
}
