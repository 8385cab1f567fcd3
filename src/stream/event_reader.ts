/** Which records are events: what can be read and is not ahead of its time, whether it came late or not. */
import { emptyRow, type RecordValue, type Row, TransactionDecoder } from "../domain/decoder.ts";
import type { FieldMap } from "../domain/field_map.ts";
import type { KnownTexts } from "../domain/known_texts.ts";
import { NameTable } from "../domain/name_table.ts";
import { UNKNOWN_REGION } from "../domain/transaction.ts";

/** How records are read. */
export interface EventReaderOptions {
  readonly fieldMap: FieldMap;
  /** An event may be this much ahead of its record's Kafka timestamp. */
  readonly maxSkewMs: number;
  /** A larger value is no event. */
  readonly valueBytes: number;
  readonly names: EventNames;
}

/** Names that have their own series already; others are admitted first come, up to the bounds. */
export interface EventNames {
  readonly categories: number;
  readonly regions: number;
  readonly admittedCategories: readonly string[];
  readonly admittedRegions: readonly string[];
  /** Whether the ids of customers are kept, to be shown. @default false */
  readonly keepsCustomers?: boolean;
}

/** Reads one record after another. */
export class EventReader {
  readonly #options: EventReaderOptions;
  readonly #decoder: TransactionDecoder;
  readonly #row = emptyRow();

  constructor(options: EventReaderOptions) {
    this.#options = options;
    const { categories, regions, admittedCategories, admittedRegions, keepsCustomers = false } = options.names;
    this.#decoder = new TransactionDecoder(options.fieldMap, {
      categories: new NameTable({ capacity: categories, admitted: admittedCategories }),
      regions: new NameTable({ capacity: regions, reserved: [UNKNOWN_REGION], admitted: admittedRegions }),
      keepsCustomers,
    });
  }

  /** The event, rewritten by the next call; undefined when the record is none. */
  read(record: RecordValue): Readonly<Row> | undefined {
    const { maxSkewMs, valueBytes } = this.#options, { valueStart, valueEnd, timestampMs } = record, row = this.#row;
    if (valueEnd < 0 || valueEnd - valueStart > valueBytes) return undefined;
    if (!this.#decoder.decode(record, row)) return undefined;
    return timestampMs >= 0 && row.occurredAtMs > timestampMs + maxSkewMs ? undefined : row;
  }

  /** The name behind `Row.categoryId`. */
  categoryOf(id: number): string {
    return this.#decoder.categories.nameOf(id);
  }

  /** The merchants met last, by `Row.merchantHash`. */
  get merchants(): KnownTexts {
    return this.#decoder.merchants;
  }

  /** The customers met last, by `Row.customerHash`; none unless they are kept. */
  get customers(): KnownTexts {
    return this.#decoder.customers;
  }

  /** Region names by `Row.regionId`. */
  regions(): readonly string[] {
    const { regions } = this.#decoder;
    return Array.from({ length: regions.size }, (_, id) => regions.nameOf(id));
  }
}
