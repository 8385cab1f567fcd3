import assert from "node:assert/strict";
import { GEOHASH_CELLS, GEOHASH_LETTERS, geohashCellAt, geohashOf } from "../../src/domain/geohash.ts";

const ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";

/** The definition: halve the longitude, then the latitude, and so on; five answers make a letter. */
function byHalving(lat: number, lon: number): string {
  const meridians = { at: lon, low: -180, high: 180 }, parallels = { at: lat, low: -90, high: 90 };
  let text = "", letter = 0;
  for (let bit = 0; bit < 5 * GEOHASH_LETTERS; bit++) {
    const range = bit % 2 === 0 ? meridians : parallels,
      middle = (range.low + range.high) / 2,
      isUpper = range.at >= middle;
    if (isUpper) range.low = middle;
    else range.high = middle;
    letter = 2 * letter + (isUpper ? 1 : 0);
    if (bit % 5 < 4) continue;
    text += ALPHABET[letter];
    letter = 0;
  }
  return text;
}

Deno.test("geohashOf(geohashCellAt()) begins the geohash of published places", () => {
  const places: [string, number, number][] = [
    ["u4pruydqqvj", 57.64911, 10.40744],
    ["ezs42", 42.605, -5.603],
    ["9q8yyk8ytpxr", 37.77493, -122.41942],
    ["r3gx2f77bn44", -33.8688, 151.2093],
  ];
  for (const [whole, lat, lon] of places) {
    assert.equal(geohashOf(geohashCellAt(lat, lon)), whole.slice(0, GEOHASH_LETTERS));
  }
});

Deno.test("geohashOf(geohashCellAt()) halves as the definition does, at every side of a cell too", () => {
  for (let row = 0; row <= 128; row++) {
    for (let column = 0; column <= 256; column++) {
      const lat = row * 180 / 128 - 90, lon = column * 360 / 256 - 180;
      assert.equal(geohashOf(geohashCellAt(lat, lon)), byHalving(lat, lon), `${lat}, ${lon}`);
    }
  }
});

Deno.test("geohashOf() gives every cell letters of its own", () => {
  const names = Array.from({ length: GEOHASH_CELLS }, (_, cell) => geohashOf(cell));
  assert.equal(new Set(names).size, GEOHASH_CELLS);
  assert.ok(names.every((name) => name.length === GEOHASH_LETTERS));
});
