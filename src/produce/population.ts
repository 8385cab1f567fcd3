/** The customers and merchants of a generated world: made once, from the seed. */
import { base, en, Faker } from "@faker-js/faker";
import { CATEGORY_PROFILES, type CategoryProfile } from "./category_profile.ts";
import type { SeededRandom } from "./seeded_random.ts";
import { US_STATES } from "./us_state.ts";
import { weightedTable } from "./weighted.ts";

/** A card holder. */
export interface Customer {
  /** JSON text in ASCII, quotes included. */
  readonly idJson: Uint8Array;
  /** Index into `US_STATES`. */
  readonly state: number;
  /** Home, in degrees. */
  readonly lat: number;
  readonly lon: number;
  /** Factor to what others spend. */
  readonly spending: number;
  /** Local hour at which this customer gets up; out of bed for 16 hours. */
  readonly wakesAtHour: number;
}

/** Everybody who takes part. */
export interface Population {
  readonly customers: readonly Customer[];
  /** By category: names as JSON text in ASCII, the busiest first. */
  readonly merchants: readonly (readonly Uint8Array[])[];
  /** By category: who buys there how often, as a table to draw customers from. */
  readonly buyers: readonly Uint32Array[];
  /** Draws a state by population. */
  readonly states: Uint32Array;
}

const STATES_TABLE_SIZE = 4_096;
const KM_AROUND_CENTRE = 60;
const NIGHT_WORKERS = 0.1;
const FAVOURITE_CATEGORIES = 3;
const FAVOURITE_WEIGHT = 4;

/**
 * Makes the people and the shops.
 *
 * Cost: about 10 µs a customer.
 */
export function makePopulation(random: SeededRandom, customerCount: number): Population {
  const faker = new Faker({ locale: [en, base], seed: random.uint32() });
  const states = weightedTable(US_STATES.map((state) => state.population), STATES_TABLE_SIZE);
  const ids = uniqueIds(faker, customerCount);
  const customers = ids.map((id) =>
    makeCustomer({ id, state: states[random.below(STATES_TABLE_SIZE)] ?? 0 }, faker, random)
  );
  return {
    customers,
    merchants: CATEGORY_PROFILES.map((profile) => makeMerchants(profile, faker)),
    buyers: makeBuyers(customerCount, random),
    states,
  };
}

function uniqueIds(faker: Faker, count: number): string[] {
  const ids = new Set<string>();
  while (ids.size < count) ids.add(faker.finance.accountNumber(12));
  return [...ids];
}

function makeCustomer(is: { id: string; state: number }, faker: Faker, random: SeededRandom): Customer {
  const home = US_STATES[is.state];
  const origin: [number, number] = [home?.lat ?? 0, home?.lon ?? 0];
  const [lat, lon] = faker.location.nearbyGPSCoordinate({ origin, radius: KM_AROUND_CENTRE, isMetric: true });
  const worksAtNight = random.unit() < NIGHT_WORKERS;
  return {
    idJson: jsonText(is.id),
    state: is.state,
    lat,
    lon,
    spending: Math.exp(0.35 * random.normal()),
    wakesAtHour: worksAtNight ? 15 + random.below(6) : 5 + random.below(5),
  };
}

function makeMerchants(profile: CategoryProfile, faker: Faker): Uint8Array[] {
  const names = new Set<string>();
  while (names.size < profile.merchants) {
    const trade = `${faker.person.lastName()} ${faker.helpers.arrayElement(profile.trades)}`;
    names.add(faker.datatype.boolean() ? trade : faker.company.name());
  }
  return [...names].map(jsonText);
}

/** Activity is log-normal; each customer has a few favourite categories. */
function makeBuyers(customerCount: number, random: SeededRandom): Uint32Array[] {
  const weights = CATEGORY_PROFILES.map(() => new Float64Array(customerCount));
  for (let customer = 0; customer < customerCount; customer++) {
    const activity = Math.exp(0.6 * random.normal());
    for (const ofCategory of weights) ofCategory[customer] = activity;
    for (let favourite = 0; favourite < FAVOURITE_CATEGORIES; favourite++) {
      const ofCategory = weights[random.below(weights.length)];
      if (ofCategory) ofCategory[customer] = activity * FAVOURITE_WEIGHT;
    }
  }
  const size = 2 ** Math.ceil(Math.log2(2 * customerCount));
  return weights.map((ofCategory) => weightedTable(ofCategory, size));
}

/** JSON text in ASCII alone, so that it is written without thought of encodings. */
function jsonText(text: string): Uint8Array {
  const escape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return new TextEncoder().encode(JSON.stringify(text).replace(/[^\x20-\x7e]/g, escape));
}
