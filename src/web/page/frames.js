/** Spreads work over animation frames, so that none becomes long: one piece a frame, of each owner only the newest. */

/** @type {Map<object, () => void>} */
const waiting = new Map();

/**
 * Runs `work` in a coming frame, instead of what the owner has waiting.
 *
 * @param {object} owner
 * @param {() => void} work
 */
export function soon(owner, work) {
  if (waiting.size === 0) requestAnimationFrame(next);
  waiting.set(owner, work);
}

/** Forgets what an owner has waiting. @param {object} owner */
export function never(owner) {
  if (waiting.has(owner)) waiting.set(owner, () => {});
}

function next() {
  const [entry] = waiting;
  if (entry === undefined) return;
  waiting.delete(entry[0]);
  if (waiting.size > 0) requestAnimationFrame(next);
  entry[1]();
}
