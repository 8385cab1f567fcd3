/**
 * The page's only timer. Times of day never come from here: the server sends its own with every event.
 *
 * @param {number} delayMs
 * @param {() => void} fn
 * @returns {() => void} cancels it
 */
export function after(delayMs, fn) {
  const id = globalThis.setTimeout(fn, delayMs);
  return () => globalThis.clearTimeout(id);
}
