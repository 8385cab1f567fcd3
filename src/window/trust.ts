/**
 * How far claims of small probabilities have held: one in ten of them should be below a tenth, and of those, one in ten
 * below a hundredth.
 *
 * I1. A claim is discounted by what claims have been too often and too strong; it is never raised.
 * I2. Four numbers, whatever was claimed.
 * I3. An incident counts once: of a run of claims that are stronger than chance should bring, the first alone teaches.
 */

/** What is known about past claims, as plain data. */
export interface TrustData {
  readonly claims: number;
  /** The share of claims beyond a tenth. */
  readonly share: number;
  /** By how much, on average, those went beyond it, in powers of ten. */
  readonly excess: number;
  /** The last claim. */
  readonly last: number;
}

/** Claims beyond this many powers of ten are small probabilities. */
const SMALL = 1;
/** Beyond this many, chance alone claims about once a week of minutes. */
const INCIDENT = 4;
const FAIR_SHARE = 0.1;
/** The mean of the exponential distribution of which each further power of ten leaves a tenth. */
const FAIR_EXCESS = 1 / Math.LN10;
/** A claim teaches as one of so many mean excesses at most, lest a true one discredit those after it. */
const LEARNT_EXCESSES = 4;
const MEMORY_CLAIMS = 10_080;
const MEMORY_SMALL = MEMORY_CLAIMS * FAIR_SHARE;
/** A fair record to begin with counts for so many claims. */
const PRIOR_CLAIMS = 100;

/** Discounts claims by their record. */
export class Trust {
  #claims: number;
  #share: number;
  #excess: number;
  #last: number;

  /** A fair record, or that of `data`. */
  constructor(data: TrustData = { claims: 0, share: FAIR_SHARE, excess: FAIR_EXCESS, last: 0 }) {
    this.#claims = data.claims;
    this.#share = data.share;
    this.#excess = data.excess;
    this.#last = data.last;
  }

  /** What remains of a claim. Shape: −log10 of a probability, in and out. */
  discounted(claim: number): number {
    if (claim <= SMALL) return Math.max(0, claim);
    const start = SMALL - Math.log10(Math.max(1, this.#share / FAIR_SHARE));
    return Math.max(0, start) + (claim - SMALL) * Math.min(1, FAIR_EXCESS / this.#excess);
  }

  /** Learns a claim. */
  learn(claim: number): void {
    const goesOn = claim > INCIDENT && this.#last > INCIDENT;
    this.#last = claim;
    if (goesOn) return;
    this.#claims++;
    const known = this.#claims + PRIOR_CLAIMS, isSmall = claim > SMALL;
    this.#share += ((isSmall ? 1 : 0) - this.#share) * Math.max(1 / MEMORY_CLAIMS, 1 / known);
    if (!isSmall) return;
    const excess = Math.min(claim - SMALL, LEARNT_EXCESSES * this.#excess);
    this.#excess += (excess - this.#excess) * Math.max(1 / MEMORY_SMALL, 1 / (known * FAIR_SHARE));
  }

  /** A copy as plain data. */
  data(): TrustData {
    return { claims: this.#claims, share: this.#share, excess: this.#excess, last: this.#last };
  }
}
