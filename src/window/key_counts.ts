/**
 * How often each of some keys came, as plain data.
 *
 * I1. Keys are in ascending order, each once: equal counts are equal bits, whatever order they were counted in.
 */

/** Shape: `counts[i]` is how often `keys[i]` came, at least 1. A key is the 32-bit hash of a name, never 0. */
export interface KeyCounts {
  readonly keys: Uint32Array;
  readonly counts: Float64Array;
}

/** The counts of nothing. */
export const NO_KEYS: KeyCounts = Object.freeze({ keys: new Uint32Array(), counts: new Float64Array() });

/** The counts of both. Cost: one step a key. */
export function mergeCounts(a: KeyCounts, b: KeyCounts): KeyCounts {
  if (a.keys.length === 0) return b;
  if (b.keys.length === 0) return a;
  const most = a.keys.length + b.keys.length, keys = new Uint32Array(most), counts = new Float64Array(most);
  let size = 0;
  for (let left = 0, right = 0; left < a.keys.length || right < b.keys.length; size++) {
    const one = a.keys[left] ?? Infinity, other = b.keys[right] ?? Infinity;
    keys[size] = Math.min(one, other);
    counts[size] = (one <= other ? a.counts[left++] ?? 0 : 0) + (other <= one ? b.counts[right++] ?? 0 : 0);
  }
  return { keys: keys.slice(0, size), counts: counts.slice(0, size) };
}

/** The keys below `limit`, with their counts. */
export function keysBelow({ keys, counts }: KeyCounts, limit: number): KeyCounts {
  let size = keys.findIndex((key) => key >= limit);
  if (size < 0) size = keys.length;
  return { keys: keys.slice(0, size), counts: counts.slice(0, size) };
}

/** Every count less `cut`, without the keys that have nothing left. */
export function lessened({ keys, counts }: KeyCounts, cut: number): KeyCounts {
  const isLeft = (_: number, index: number): boolean => (counts[index] ?? 0) > cut;
  return { keys: keys.filter(isLeft), counts: counts.filter((count) => count > cut).map((count) => count - cut) };
}
