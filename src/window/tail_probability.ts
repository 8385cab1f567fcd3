/**
 * How probable it is to see as many, or as few: upper and lower tails of the distributions of counts and of means.
 *
 * Shape: natural logarithms of probabilities throughout; a tail of 10^−300 is still a number.
 *
 * Source: Lanczos 1964 (gamma function, g = 7); Press et al., Numerical Recipes §6.2 and §6.4 (incomplete gamma and beta
 * by series and by Lentz's continued fraction); Abramowitz & Stegun 26.2 (tail of the normal distribution).
 */

/** Tails of a distribution at an observation: of as much or more, and of as much or less. */
export interface Tails {
  readonly lnUpper: number;
  readonly lnLower: number;
}

const ITERATIONS = 400;
const TINY = 1e-300;
const PRECISION = 1e-12;
/** From this mean on the normal distribution is close enough, and the series would be long. */
const NORMAL_FROM = 2_000;
/** Below this dispersion a gamma-Poisson count is a Poisson count. */
const POISSON_BELOW = 1.001;

/**
 * Tails of a count with this mean and a variance of `dispersion` means: Poisson at 1, gamma-Poisson above.
 *
 * Less spread than Poisson is taken for Poisson: a count that is steadier than that says nothing about its peaks.
 */
export function countTails(count: number, mean: number, dispersion: number): Tails {
  if (!(mean > 0)) return { lnUpper: count > 0 ? Math.log(TINY) : 0, lnLower: 0 };
  const spread = Math.max(1, dispersion);
  // Half an event on either side is what makes a continuous distribution agree with a count.
  if (mean >= NORMAL_FROM) {
    const deviation = Math.sqrt(mean * spread);
    return {
      lnUpper: lnNormalAbove((count - 0.5 - mean) / deviation),
      lnLower: lnNormalAbove((mean - count - 0.5) / deviation),
    };
  }
  if (spread < POISSON_BELOW) return { lnUpper: lnGammaBelow(count, mean), lnLower: lnGammaAbove(count + 1, mean) };
  const size = mean / (spread - 1), success = 1 - 1 / spread;
  return { lnUpper: lnBetaBelow(success, count, size), lnLower: lnBetaBelow(1 - success, size, count + 1) };
}

/** Tails of a normal variable, `deviations` from its mean. */
export function normalTails(deviations: number): Tails {
  return { lnUpper: lnNormalAbove(deviations), lnLower: lnNormalAbove(-deviations) };
}

/**
 * Tails of a sum of amounts: normal, but where the mean is above 0 with the long upper tail of a gamma distribution, for a
 * few amounts of which one is large add up to much more often than the normal distribution has it.
 */
export function sumTails(sum: number, mean: number, variance: number): Tails {
  if (!(variance > 0)) return { lnUpper: 0, lnLower: 0 };
  const normal = normalTails((sum - mean) / Math.sqrt(variance));
  if (mean <= 0 || sum <= mean) return normal;
  const lnUpper = lnGammaAbove(mean * mean / variance, sum * mean / variance);
  return { lnUpper: Math.max(normal.lnUpper, lnUpper), lnLower: normal.lnLower };
}

/** ln P(Z ≥ z). */
function lnNormalAbove(z: number): number {
  if (z < 0) return Math.log1p(-Math.exp(lnNormalAbove(-z)));
  // erfc by its incomplete gamma: P(Z ≥ z) = Q(1/2, z²/2) / 2.
  return z === 0 ? Math.log(0.5) : lnGammaAbove(0.5, z * z / 2) - Math.LN2;
}

/** ln of the upper regularized incomplete gamma function Q(a, x). */
function lnGammaAbove(a: number, x: number): number {
  if (a <= 0) return Math.log(TINY);
  return x < a + 1 ? lnComplement(lnGammaSeries(a, x)) : lnGammaFraction(a, x);
}

/** ln of the lower regularized incomplete gamma function P(a, x). */
function lnGammaBelow(a: number, x: number): number {
  if (a <= 0) return 0;
  return x < a + 1 ? lnGammaSeries(a, x) : lnComplement(lnGammaFraction(a, x));
}

function lnGammaSeries(a: number, x: number): number {
  let term = 1 / a, sum = term;
  for (let n = 1; n < 10 * ITERATIONS; n++) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * PRECISION) break;
  }
  return Math.log(sum) - x + a * Math.log(x) - lnGamma(a);
}

function lnGammaFraction(a: number, x: number): number {
  let b = x + 1 - a, c = 1 / TINY, d = 1 / b, h = d;
  for (let n = 1; n < 10 * ITERATIONS; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / nonZero(an * d + b);
    c = nonZero(b + an / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < PRECISION) break;
  }
  return Math.log(h) - x + a * Math.log(x) - lnGamma(a);
}

/** ln of the regularized incomplete beta function I_x(a, b). */
function lnBetaBelow(x: number, a: number, b: number): number {
  if (a <= 0) return 0;
  const front = lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  if (x < (a + 1) / (a + b + 2)) return Math.min(0, front + Math.log(betaFraction(x, a, b) / a));
  return lnComplement(front + Math.log(betaFraction(1 - x, b, a) / b));
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1, d = 1 / nonZero(1 - (a + b) * x / (a + 1)), h = d;
  for (let m = 1; m < ITERATIONS; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    h *= d * c;
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < PRECISION) break;
  }
  return h;
}

/** ln(1 − e^ln); what is lost to rounding is taken for nothing left. */
function lnComplement(ln: number): number {
  return ln >= 0 ? Math.log(TINY) : Math.log(Math.max(TINY, -Math.expm1(ln)));
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

const LANCZOS = [
  0.99999999999980993,
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0. */
function lnGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  const base = x + 6.5;
  const sum = LANCZOS.reduce((total, factor, index) => index === 0 ? factor : total + factor / (x - 1 + index), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum);
}
