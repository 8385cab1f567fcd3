/** A fixed loop whose time tells how fast the machine was at that moment: compare runs only beside it. */
import { systemClock } from "../src/clock.ts";

const STEPS = 60_000_000;

/** Milliseconds that the loop took just now; about 0.1 s. */
export function calibrate(): number {
  const fromMs = systemClock.elapsedMs();
  let sum = 0;
  for (let step = 0; step < STEPS; step++) sum = (Math.imul(sum, 31) + step) | 0;
  // Its result is used, or the loop could be left out.
  return sum === 1 ? NaN : systemClock.elapsedMs() - fromMs;
}
