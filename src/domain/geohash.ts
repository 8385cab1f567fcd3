/** Cells of the globe by their geohash. */

/** Letters of a cell's name: a cell is 1.4° of latitude by 1.4° of longitude, at most 157 km wide, about a small state. */
export const GEOHASH_LETTERS = 3;

/** How many cells there are. */
export const GEOHASH_CELLS = 32 ** GEOHASH_LETTERS;

const ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";
/** Bits of a letter. */
const LETTER_BITS = 5;
/** Longitude has the first bit, so one more where the bits are odd in number. */
const LON_BITS = Math.ceil(GEOHASH_LETTERS * LETTER_BITS / 2);
const LAT_BITS = GEOHASH_LETTERS * LETTER_BITS - LON_BITS;

/**
 * The cell of a point, as the number whose bits are those of its geohash.
 *
 * Shape: 0 to `GEOHASH_CELLS` - 1. A cell has its southern and western sides; the pole and 180° belong to the last ones.
 *
 * Source: G. Niemeyer, geohash.org (2008).
 */
export function geohashCellAt(lat: number, lon: number): number {
  const column = stepOf((lon + 180) / 360, LON_BITS), row = stepOf((lat + 90) / 180, LAT_BITS);
  let cell = 0;
  for (let bit = LON_BITS - 1; bit >= 0; bit--) {
    cell = cell << 1 | column >> bit & 1;
    const latBit = bit - (LON_BITS - LAT_BITS);
    if (latBit >= 0) cell = cell << 1 | row >> latBit & 1;
  }
  return cell;
}

/** The letters of a cell. */
export function geohashOf(cell: number): string {
  let text = "";
  for (let letter = GEOHASH_LETTERS - 1; letter >= 0; letter--) text += ALPHABET[cell >> LETTER_BITS * letter & 31];
  return text;
}

/** The step that a share in [0, 1] falls into, of 2^bits. */
function stepOf(share: number, bits: number): number {
  return Math.min(2 ** bits - 1, Math.floor(share * 2 ** bits));
}
