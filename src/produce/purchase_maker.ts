/**
 * Makes one purchase after another: who buys what, where and for how much.
 *
 * Whether a purchase is fraudulent is decided by `fraudRate` alone, at every hour: that thieves work at odd hours shows
 * in whose cards they use (`FraudRing`), so a short run has the share of fraud that was asked for too.
 */
import { hourAt, hourlyMix, MIX_TABLE_SIZE } from "./category_mix.ts";
import { type AmountShape, CATEGORY_PROFILES, type CategoryProfile } from "./category_profile.ts";
import { FraudRing, type FraudulentUse, isAwake } from "./fraud_ring.ts";
import { type Customer, makePopulation, type Population } from "./population.ts";
import type { SeededRandom } from "./seeded_random.ts";
import { US_STATES } from "./us_state.ts";

/** A purchase before it is written down. */
export interface Purchase {
  /** Index into `CATEGORY_PROFILES`. */
  readonly category: number;
  /** JSON text in ASCII. */
  readonly customerJson: Uint8Array;
  /** JSON text in ASCII. */
  readonly merchantJson: Uint8Array;
  readonly amountCents: number;
  /** Index into `US_STATES`. */
  readonly state: number;
  readonly lat: number;
  readonly lon: number;
  readonly isFraud: boolean;
}

/** What decides who buys. */
export interface PurchaseMakerOptions {
  readonly customers: number;
  readonly fraudRate: number;
  readonly ratePerSecond: number;
}

interface Place {
  readonly state: number;
  readonly lat: number;
  readonly lon: number;
}

const MIX_UTC_OFFSET_HOURS = -6;
const AMOUNT_MIN_CENTS = 50;
const AMOUNT_MAX_CENTS = 3_000_000;
const TRIAL: AmountShape = { median: 4, sigma: 0.5 };
const NO_MERCHANT = new TextEncoder().encode("null");
const BUYER_TRIES = 4;
const FAVOURITE_MERCHANTS = 3;
const FAVOURITE_MERCHANT_SHARE = 0.7;
const AWAY_SHARE = 0.03;
const AWAY_SHARE_OF_TRAVEL = 0.3;

/** The stream of purchases of one generated world. */
export class PurchaseMaker {
  readonly #random: SeededRandom;
  readonly #population: Population;
  readonly #ring: FraudRing;
  readonly #fraudRate: number;
  readonly #mix = hourlyMix();

  /** Makes the world; options are taken as checked. */
  constructor(random: SeededRandom, options: PurchaseMakerOptions) {
    this.#random = random;
    this.#fraudRate = options.fraudRate;
    this.#population = makePopulation(random, options.customers);
    this.#ring = new FraudRing(random, this.#population, options.ratePerSecond * options.fraudRate);
  }

  /** The purchase made at `atMs`. */
  next(atMs: number): Purchase {
    return this.#random.unit() < this.#fraudRate ? this.#fraudulent(this.#ring.next(atMs)) : this.#genuine(atMs);
  }

  #genuine(atMs: number): Purchase {
    const mix = this.#mix[hourAt(atMs, MIX_UTC_OFFSET_HOURS)];
    const category = mix?.[this.#random.below(MIX_TABLE_SIZE)] ?? 0;
    const profile = profileOf(category);
    const index = this.#buyer(category, atMs);
    const customer = this.#customer(index);
    const place = this.#place(customer, profile);
    const shape = profile.amounts[this.#random.unit() < profile.largeShare ? 1 : 0];
    const cents = this.#cents(shape, customer.spending);
    return {
      category,
      customerJson: customer.idJson,
      merchantJson: this.#merchant(category, index),
      amountCents: this.#random.unit() < profile.refundShare ? -cents : cents,
      state: place.state,
      lat: place.lat,
      lon: place.lon,
      isFraud: false,
    };
  }

  #fraudulent(use: FraudulentUse): Purchase {
    const merchants = this.#population.merchants[use.category] ?? [];
    return {
      category: use.category,
      customerJson: use.customer.idJson,
      merchantJson: merchants[this.#random.below(merchants.length)] ?? NO_MERCHANT,
      amountCents: this.#cents(use.trial ? TRIAL : profileOf(use.category).fraud, 1),
      state: use.state,
      lat: use.lat,
      lon: use.lon,
      isFraud: true,
    };
  }

  /** Somebody who likes the category and is awake, if a few tries find such a one. */
  #buyer(category: number, atMs: number): number {
    const buyers = this.#population.buyers[category];
    let found = 0;
    for (let tries = 0; tries < BUYER_TRIES; tries++) {
      found = buyers?.[this.#random.below(buyers.length)] ?? 0;
      if (isAwake(this.#customer(found), atMs)) break;
    }
    return found;
  }

  #customer(index: number): Customer {
    const customer = this.#population.customers[index];
    if (!customer) throw new RangeError(`Cannot find customer: index ${index} of ${this.#population.customers.length}`);
    return customer;
  }

  /** One of the customer's own few shops of the category, else any, the busy ones more often. */
  #merchant(category: number, customer: number): Uint8Array {
    const merchants = this.#population.merchants[category] ?? [];
    const own = this.#random.unit() < FAVOURITE_MERCHANT_SHARE;
    const index = own
      ? Math.imul(customer, 0x9e3779b1) + this.#random.below(FAVOURITE_MERCHANTS)
      : Math.floor(this.#random.unit() ** 2 * merchants.length);
    return merchants[(index >>> 0) % merchants.length] ?? NO_MERCHANT;
  }

  #place(customer: Customer, profile: CategoryProfile): Place {
    if (profile.online) return customer;
    const awayShare = profile.name === "travel" ? AWAY_SHARE_OF_TRAVEL : AWAY_SHARE;
    const away = this.#random.unit() < awayShare;
    const { states } = this.#population;
    const state = away ? states[this.#random.below(states.length)] ?? customer.state : customer.state;
    const centre = away ? US_STATES[state] ?? customer : customer;
    const degrees = away ? 0.5 : 0.08;
    return {
      state,
      lat: centre.lat + degrees * this.#random.normal(),
      lon: centre.lon + degrees * this.#random.normal(),
    };
  }

  #cents(shape: AmountShape, factor: number): number {
    const cents = Math.round(100 * shape.median * factor * Math.exp(shape.sigma * this.#random.normal()));
    return Math.min(AMOUNT_MAX_CENTS, Math.max(AMOUNT_MIN_CENTS, cents));
  }
}

function profileOf(category: number): CategoryProfile {
  const profile = CATEGORY_PROFILES[category];
  if (!profile) throw new RangeError(`Cannot find category: index ${category} of ${CATEGORY_PROFILES.length}`);
  return profile;
}
