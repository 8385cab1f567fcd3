/**
 * Regions of events that name none: by their coordinates.
 *
 * In the USA it is the postal code of the state that contains the point, as events name it themselves; elsewhere the
 * geohash cell, `geo:u4p`. The borders are those of the Census Bureau at 1:10,000,000, so that a place within some hundred
 * metres of a border or a shore may be taken for one on the other side of it.
 */
import atlas from "us-atlas/states-10m.json" with { type: "json" };
import { GEOHASH_CELLS, geohashCellAt, geohashOf } from "./geohash.ts";
import { type NameTable, OTHER_ID } from "./name_table.ts";
import { NO_STATE, StateBorders } from "./state_borders.ts";

/** What the names of cells begin with. */
export const CELL_PREFIX = "geo:";

/** Numbers of states and territories in the atlas (FIPS) and their postal codes. */
const POSTAL_CODES = new Map(
  ("01AL02AK04AZ05AR06CA08CO09CT10DE11DC12FL13GA15HI16ID17IL18IN19IA20KS21KY22LA23ME24MD25MA26MI27MN28MS29MO30MT31NE" +
    "32NV33NH34NJ35NM36NY37NC38ND39OH40OK41OR42PA44RI45SC46SD47TN48TX49UT50VT51VA53WA54WV55WI56WY60AS66GU69MP72PR78VI")
    .match(/.{4}/g)?.map((entry): [string, string] => [entry.slice(0, 2), entry.slice(2)]),
);
/** The name of each state of the atlas, in its order. */
export const STATE_CODES: readonly string[] = atlas.objects.states.geometries.map(({ id }) => {
  const code = POSTAL_CODES.get(id);
  if (code === undefined) throw new RangeError(`Cannot name state: number ${id} has no postal code`);
  return code;
});
const BORDERS = new StateBorders(atlas);

/** The region at a place. Shape: degrees within ±90 and ±180. */
export function regionAt(lat: number, lon: number): string {
  return nameOf(placeAt(lat, lon));
}

/** Gives ids to regions by place. Memory: one entry for each region that has an id. */
export class PlaceNames {
  readonly #table: NameTable;
  readonly #ids = new Map<number, number>();

  constructor(table: NameTable) {
    this.#table = table;
  }

  /** The id of `regionAt`, `OTHER_ID` beyond the table's capacity. */
  idAt(lat: number, lon: number): number {
    const place = placeAt(lat, lon), known = this.#ids.get(place);
    if (known !== undefined) return known;
    const id = this.#table.intern(nameOf(place));
    if (id !== OTHER_ID) this.#ids.set(place, id);
    return id;
  }
}

/** A number for the region: of the cell, or past the cells of the state. */
function placeAt(lat: number, lon: number): number {
  const state = BORDERS.stateAt(lat, lon);
  return state === NO_STATE ? geohashCellAt(lat, lon) : GEOHASH_CELLS + state;
}

function nameOf(place: number): string {
  return STATE_CODES[place - GEOHASH_CELLS] ?? CELL_PREFIX + geohashOf(place);
}
