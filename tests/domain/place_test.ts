import assert from "node:assert/strict";
import { NameTable, OTHER, OTHER_ID } from "../../src/domain/name_table.ts";
import { PlaceNames, regionAt, STATE_CODES } from "../../src/domain/place.ts";
import { US_STATES } from "../../src/produce/us_state.ts";
import { CODE_OF_FIPS } from "../../src/web/page/us_states.js";

Deno.test("regionAt() names the state of cities beside a border, on islands and past 180°", () => {
  const cities: [string, number, number][] = [
    ["CA", 32.555, -117.04],
    ["MI", 42.33, -83.05],
    ["NY", 40.758, -73.9855],
    ["NJ", 40.7178, -74.0431],
    ["DC", 38.9, -77.03],
    ["KS", 39.114, -94.6275],
    ["MO", 39.0997, -94.5786],
    ["HI", 19.7071, -155.0816],
    ["AK", 52.9, 172.9],
    ["PR", 18.45, -66.07],
    ["FL", 24.555, -81.78],
  ];
  for (const [code, lat, lon] of cities) assert.equal(regionAt(lat, lon), code, `${lat}, ${lon}`);
});

Deno.test("regionAt() names the geohash cell of what lies in no state", () => {
  const places: [string, number, number][] = [
    ["geo:9mu", 32.5, -117.05],
    ["geo:dps", 42.29, -83.01],
    ["geo:u33", 52.52, 13.4],
    ["geo:zzz", 90, 180],
    ["geo:000", -90, -180],
    ["geo:s00", 0, 0],
  ];
  for (const [name, lat, lon] of places) assert.equal(regionAt(lat, lon), name, `${lat}, ${lon}`);
});

Deno.test("regionAt() names states as events and the page's map do", () => {
  assert.deepStrictEqual(STATE_CODES.toSorted(), Object.values(CODE_OF_FIPS).toSorted());
  const wrong = US_STATES.filter(({ code, lat, lon }) => regionAt(lat, lon) !== code);
  // The middle of where Hawaii's people live is in the sea.
  assert.deepStrictEqual(wrong.map(({ code }) => code), ["HI"]);
});

Deno.test("PlaceNames.idAt() gives the id of the name, OTHER beyond capacity, counted each time", () => {
  const table = new NameTable({ capacity: 2 }), places = new PlaceNames(table);
  const named = (lat: number, lon: number): string => table.nameOf(places.idAt(lat, lon));
  assert.deepStrictEqual([named(39.74, -104.99), named(52.52, 13.4), named(39.7, -105), named(52.5, 13.5)], [
    ...["CO", "geo:u33", "CO", "geo:u33"],
  ]);
  assert.deepStrictEqual([named(48.86, 2.35), named(48.86, 2.35), named(39.7, -105)], [OTHER, OTHER, "CO"]);
  assert.equal(table.overflowed, 2);
  assert.equal(places.idAt(48.86, 2.35), OTHER_ID);
});
