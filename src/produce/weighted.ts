/** Drawing one of several by weight, in constant time. */

/**
 * A table in which each index stands as often as its weight asks, to within one entry: `table[random below size]` draws by weight.
 *
 * Shape: `size` entries, indices rising. At least one weight must be above 0.
 * Cost: memory `4 × size` bytes.
 */
export function weightedTable(weights: ArrayLike<number>, size: number): Uint32Array {
  const table = new Uint32Array(size);
  let total = 0;
  for (let index = 0; index < weights.length; index++) total += weights[index] ?? 0;
  let index = 0;
  let sum = weights[0] ?? 0;
  for (let entry = 0; entry < size; entry++) {
    const target = (entry + 0.5) * total / size;
    while (sum < target && index < weights.length - 1) sum += weights[++index] ?? 0;
    table[entry] = index;
  }
  return table;
}
