/** The measurements that a store knows: their numbers and the lists of their fields. */
import { type FieldKind, isMeasurement, type Measurement, type MeasurementSchema, SCHEMA } from "../domain/point.ts";
import { ConfigError } from "../stream/failures.ts";
import { type Database, integerIn, type Row, textIn } from "./database.ts";
import { FieldCodec, type FieldColumn } from "./field_codec.ts";

/** One measurement as the tables have it. */
export interface MeasurementRow {
  readonly id: number;
  /** In the order of the schema. */
  readonly tags: readonly string[];
  readonly codec: FieldCodec;
}

interface Known {
  readonly id: number;
  readonly columns: readonly FieldColumn[];
}

const KINDS: readonly FieldKind[] = ["float", "integer", "boolean", "string"];

/**
 * Every measurement of the schema, those and the fields that are new added to the tables.
 *
 * @throws {ConfigError} when a field has another kind in the file.
 */
export function measurementsOf(database: Database): ReadonlyMap<Measurement, MeasurementRow> {
  if (isComplete(readKnown(database))) return rowsOf(readKnown(database));
  return database.transaction("add measurements", () => {
    const known = readKnown(database);
    const upsert = database.prepare(
      "INSERT INTO measurements (name, fields) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET fields = ?2",
    );
    for (const name of Object.keys(SCHEMA).filter(isMeasurement)) {
      upsert.run(name, JSON.stringify(withNew(name, known.get(name)?.columns ?? [])));
    }
    return rowsOf(readKnown(database));
  });
}

function readKnown(database: Database): ReadonlyMap<string, Known> {
  const rows = database.attempt("read measurements", () => database.prepare("SELECT * FROM measurements").all());
  return new Map(rows.map((row) => [textIn(row, "name"), { id: integerIn(row, "id"), columns: columnsIn(row) }]));
}

function isComplete(known: ReadonlyMap<string, Known>): boolean {
  return Object.keys(SCHEMA).filter(isMeasurement).every((name) => {
    const columns = known.get(name)?.columns;
    return columns !== undefined && withNew(name, columns).length === columns.length;
  });
}

function rowsOf(known: ReadonlyMap<string, Known>): ReadonlyMap<Measurement, MeasurementRow> {
  const rows = new Map<Measurement, MeasurementRow>();
  for (const [name, { id, columns }] of known) {
    if (isMeasurement(name)) rows.set(name, { id, tags: SCHEMA[name].tags, codec: new FieldCodec(columns) });
  }
  return rows;
}

/** The columns with the schema's fields that are not among them yet at the end. */
function withNew(name: Measurement, columns: readonly FieldColumn[]): readonly FieldColumn[] {
  const kinds = new Map(columns);
  const schema: MeasurementSchema = SCHEMA[name];
  for (const [field, kind] of Object.entries(schema.fields)) {
    const found = kinds.get(field) ?? kind;
    if (found !== kind) {
      throw new ConfigError(`Cannot use the store: field ${field} of ${name} is ${found} in the file, ${kind} here`);
    }
    kinds.set(field, kind);
  }
  return [...kinds];
}

function columnsIn(row: Row): readonly FieldColumn[] {
  const columns: unknown = JSON.parse(textIn(row, "fields"));
  if (!Array.isArray(columns)) throw new TypeError("Cannot read measurements: the list of fields is no array");
  return columns.map((column: unknown) => {
    const [name, kind] = Array.isArray(column) ? column : [];
    const known = KINDS.find((one) => one === kind);
    if (typeof name !== "string" || known === undefined) {
      throw new TypeError(`Cannot read measurements: field ${name} has kind ${kind}`);
    }
    return [name, known];
  });
}
