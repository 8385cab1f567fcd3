/**
 * Stolen cards in use.
 *
 * A stolen card is used several times within minutes, first for a small sum to see whether it works, then for large
 * ones, far from its holder's home and while the holder sleeps. Some dozens of cards are in use at a time, so that each
 * lasts about two minutes at any rate of fraud.
 */
import { hourAt } from "./category_mix.ts";
import { CATEGORY_PROFILES } from "./category_profile.ts";
import type { Customer, Population } from "./population.ts";
import type { SeededRandom } from "./seeded_random.ts";
import { US_STATES } from "./us_state.ts";
import { weightedTable } from "./weighted.ts";

/** One use of a stolen card. */
export interface FraudulentUse {
  readonly customer: Customer;
  /** Index into `CATEGORY_PROFILES`. */
  readonly category: number;
  /** Index into `US_STATES`: where the thief is. */
  readonly state: number;
  readonly lat: number;
  readonly lon: number;
  /** Whether this is the small purchase that tries the card. */
  readonly trial: boolean;
}

interface StolenCard {
  readonly customer: Customer;
  readonly state: number;
  readonly lat: number;
  readonly lon: number;
  readonly first: number;
  usesLeft: number;
}

const USES_MIN = 3;
const USES_MAX = 12;
const CARD_LASTS_SECONDS = 120;
const CARDS_MAX = 1_000;
const FAR_DEGREES = 12;
const TRIES = 6;
const CATEGORY_TABLE_SIZE = 1_024;

/** True while `customer` is normally out of bed. */
export function isAwake(customer: Customer, atMs: number): boolean {
  const hour = hourAt(atMs, US_STATES[customer.state]?.utcOffsetHours ?? 0);
  return (hour - customer.wakesAtHour + 24) % 24 < 16;
}

/** The cards in the hands of thieves. */
export class FraudRing {
  readonly #random: SeededRandom;
  readonly #population: Population;
  readonly #cards: (StolenCard | undefined)[];
  readonly #categories = weightedTable(CATEGORY_PROFILES.map((profile) => profile.fraudWeight), CATEGORY_TABLE_SIZE);

  /** A ring that is asked for `usesPerSecond` fraudulent purchases per second of event time. */
  constructor(random: SeededRandom, population: Population, usesPerSecond: number) {
    this.#random = random;
    this.#population = population;
    const cards = Math.round(usesPerSecond * CARD_LASTS_SECONDS / ((USES_MIN + USES_MAX) / 2));
    this.#cards = Array.from({ length: Math.min(CARDS_MAX, Math.max(1, cards)) });
  }

  /** The next fraudulent purchase, at `atMs`. */
  next(atMs: number): FraudulentUse {
    const slot = this.#random.below(this.#cards.length);
    const card = this.#cards[slot] ?? this.#steal(atMs);
    const category = this.#categories[this.#random.below(CATEGORY_TABLE_SIZE)] ?? 0;
    const trial = card.usesLeft === card.first;
    card.usesLeft--;
    this.#cards[slot] = card.usesLeft > 0 ? card : undefined;
    return { customer: card.customer, category, state: card.state, lat: card.lat, lon: card.lon, trial };
  }

  #steal(atMs: number): StolenCard {
    const customer = this.#sleeper(atMs);
    const state = this.#farFrom(customer);
    const at = US_STATES[state];
    const first = USES_MIN + this.#random.below(USES_MAX - USES_MIN + 1);
    const lat = (at?.lat ?? 0) + 0.3 * this.#random.normal();
    const lon = (at?.lon ?? 0) + 0.3 * this.#random.normal();
    return { customer, state, lat, lon, first, usesLeft: first };
  }

  #sleeper(atMs: number): Customer {
    let found = this.#anyone();
    for (let tries = 1; tries < TRIES && isAwake(found, atMs); tries++) found = this.#anyone();
    return found;
  }

  #anyone(): Customer {
    const { customers } = this.#population;
    const customer = customers[this.#random.below(customers.length)];
    if (!customer) throw new RangeError(`Cannot choose customer: the population has ${customers.length}`);
    return customer;
  }

  /** A state far from the customer's home, the last one tried when none was. */
  #farFrom(customer: Customer): number {
    const { states } = this.#population;
    let state = customer.state;
    for (let tries = 0; tries < 2 * TRIES; tries++) {
      state = states[this.#random.below(states.length)] ?? 0;
      const at = US_STATES[state];
      if (at && Math.hypot(at.lat - customer.lat, at.lon - customer.lon) >= FAR_DEGREES) return state;
    }
    return state;
  }
}
