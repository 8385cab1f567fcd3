/** Writes generated purchases as canonical JSON, the same text that `JSON.stringify` would give. */
import { AsciiWriter } from "./ascii_writer.ts";
import { CATEGORY_PROFILES } from "./category_profile.ts";
import type { Purchase } from "./purchase_maker.ts";
import type { SeededRandom } from "./seeded_random.ts";
import { US_STATES } from "./us_state.ts";

const VALUE_BYTES_MAX = 1_024;
const DEGREE_PLACES = 4;
const DEGREE_STEPS = 10 ** DEGREE_PLACES;

const utf8 = new TextEncoder();
const ID = utf8.encode('{"transaction_id":"');
const DASH = utf8.encode("-");
const TIMESTAMP = utf8.encode('","timestamp":"');
const CUSTOMER = utf8.encode('Z","customer_id":');
const MERCHANT = utf8.encode(',"merchant":');
const LAT = utf8.encode(',"lat":');
const LON = utf8.encode(',"lon":');
const FRAUD = utf8.encode(',"is_fraud":true}');
const NO_FRAUD = utf8.encode(',"is_fraud":false}');
const CATEGORIES = CATEGORY_PROFILES.map(({ name }) => utf8.encode(`,"category":"${name}","amount":`));
const REGIONS = US_STATES.map(({ code }) => utf8.encode(`,"currency":"USD","region":"${code}"`));
const NOTHING = new Uint8Array(0);

/** Writes one purchase after another. */
export class TransactionWriter {
  readonly #text = new AsciiWriter(VALUE_BYTES_MAX);
  readonly #random: SeededRandom;
  #second = NaN;
  #secondText = NOTHING;

  /** A writer that draws transaction ids from `random`. */
  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** The JSON of `purchase`, made at `atMs`. */
  write(purchase: Purchase, atMs: number): Uint8Array {
    const text = this.#text;
    text.bytes(ID);
    this.#uuid();
    text.bytes(TIMESTAMP);
    this.#instant(atMs);
    text.bytes(CUSTOMER);
    text.bytes(purchase.customerJson);
    text.bytes(MERCHANT);
    text.bytes(purchase.merchantJson);
    text.bytes(CATEGORIES[purchase.category] ?? NOTHING);
    text.decimal(purchase.amountCents, 2);
    text.bytes(REGIONS[purchase.state] ?? NOTHING);
    text.bytes(LAT);
    text.decimal(Math.round(purchase.lat * DEGREE_STEPS), DEGREE_PLACES);
    text.bytes(LON);
    text.decimal(Math.round(purchase.lon * DEGREE_STEPS), DEGREE_PLACES);
    text.bytes(purchase.isFraud ? FRAUD : NO_FRAUD);
    return text.take();
  }

  /** A version 4 UUID. */
  #uuid(): void {
    const text = this.#text, random = this.#random;
    text.hex(random.uint32(), 8);
    text.bytes(DASH);
    const middle = random.uint32();
    text.hex(middle >>> 16, 4);
    text.bytes(DASH);
    text.hex(0x4000 | (middle & 0x0fff), 4);
    text.bytes(DASH);
    const last = random.uint32();
    text.hex(0x8000 | ((last >>> 16) & 0x3fff), 4);
    text.bytes(DASH);
    text.hex(last, 4);
    text.hex(random.uint32(), 8);
  }

  /** The instants of one second share all of their text but the milliseconds. */
  #instant(atMs: number): void {
    const second = Math.floor(atMs / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = utf8.encode(new Date(second * 1_000).toISOString().slice(0, 20));
    }
    this.#text.bytes(this.#secondText);
    this.#text.digits(atMs - second * 1_000, 3);
  }
}
