/** Changes single values of events, under the names that a field map gives them. */
import type { CanonicalField, FieldMap } from "../domain/field_map.ts";
import { EventText } from "./event_text.ts";
import type { SeededRandom } from "./seeded_random.ts";

const CUSTOMER_DIGITS = 12;

/** Edits values that `decodeTransaction` takes for transactions; those of an edited one are never written to. */
export class EventEditor {
  readonly #map: FieldMap;
  readonly #random: SeededRandom;
  readonly #utf8 = new TextDecoder();

  /** An editor that draws new identities from `random`. */
  constructor(map: FieldMap, random: SeededRandom) {
    this.#map = map;
    this.#random = random;
  }

  /** The event as a fraud, its flag in the style in which it is written. */
  fraud(value: Uint8Array): Uint8Array {
    const styles: Readonly<Record<string, string>> = { "0": "1", '"0"': '"1"', '"false"': '"true"' };
    return this.#edited(value, (event) => this.#set(event, "is_fraud", (written = "") => styles[written] ?? "true"));
  }

  /** The event at another price, in whole cents. */
  priced(value: Uint8Array, factor: number): Uint8Array {
    return this.#edited(value, (event) =>
      this.#set(event, "amount", (written = "0") => {
        const amount = Math.round(Number(written) * factor * 100) / 100;
        return Number.isFinite(amount) ? String(amount) : written;
      }));
  }

  /** Another event like this one: of somebody else, and in another region, of which no coordinates are known, if one is given. */
  another(value: Uint8Array, region: string | undefined): Uint8Array {
    return this.#edited(value, (event) => {
      const another = this.#replace(
        this.#replace(event, "transaction_id", () => JSON.stringify(this.#uuid())),
        "customer_id",
        (written) => {
          const digits = this.#digits();
          return written.startsWith('"') ? `"${digits}"` : digits;
        },
      );
      if (region === undefined) return another;
      const elsewhere = this.#set(another, "region", () => JSON.stringify(region));
      return this.#replace(this.#replace(elsewhere, "lat", () => "null"), "lon", () => "null");
    });
  }

  #edited(value: Uint8Array, edit: (event: EventText) => EventText): Uint8Array {
    return new TextEncoder().encode(edit(EventText.parse(this.#utf8.decode(value))).toString());
  }

  /** Writes a field, also where it is absent. */
  #set(event: EventText, field: CanonicalField, text: (written: string | undefined) => string): EventText {
    const name = this.#nameIn(event, field);
    return event.with(name ?? this.#map.names[field], text(name === undefined ? undefined : event.valueOf(name)));
  }

  /** Writes a field where it is there. */
  #replace(event: EventText, field: CanonicalField, text: (written: string) => string): EventText {
    const name = this.#nameIn(event, field), written = name === undefined ? undefined : event.valueOf(name);
    return name === undefined || written === undefined ? event : event.with(name, text(written));
  }

  #nameIn(event: EventText, field: CanonicalField): string | undefined {
    return [this.#map.names[field], field].find((name) => event.valueOf(name) !== undefined);
  }

  /** A version 4 UUID. */
  #uuid(): string {
    const hex = Array.from({ length: 4 }, () => this.#random.uint32().toString(16).padStart(8, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  #digits(): string {
    const least = 10 ** (CUSTOMER_DIGITS - 1);
    return String(least + Math.floor(this.#random.unit() * 9 * least));
  }
}
