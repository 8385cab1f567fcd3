import assert from "node:assert/strict";
import { feature } from "topojson-client";
import atlas from "us-atlas/states-10m.json" with { type: "json" };
import { NO_STATE, StateBorders, type StateTopology } from "../../src/domain/state_borders.ts";
import { Dice } from "./event_maker.ts";

type Ring = readonly (readonly number[])[];

/** The rings of each state, put together by the library that the atlas is made for. */
const RINGS: readonly (readonly Ring[])[] = feature(atlas, atlas.objects.states).features.map(
  ({ geometry: { type, coordinates } }: { geometry: { type: string; coordinates: Ring[] | Ring[][] } }) =>
    type === "Polygon" ? coordinates as Ring[] : (coordinates as Ring[][]).flat(),
);

/** Every state whose rings a ray to the west crosses an odd number of times. */
function containing(lat: number, lon: number): number[] {
  const isIn = (rings: readonly Ring[]): boolean => {
    let crossings = 0;
    for (const ring of rings) {
      for (let at = 1; at < ring.length; at++) {
        const [x0 = 0, y0 = 0] = ring[at - 1] ?? [], [x1 = 0, y1 = 0] = ring[at] ?? [];
        if (y0 > lat !== y1 > lat && x0 + (lat - y0) / (y1 - y0) * (x1 - x0) < lon) crossings++;
      }
    }
    return crossings % 2 === 1;
  };
  return RINGS.flatMap((rings, state) => isIn(rings) ? [state] : []);
}

/** Points all over, and as many within a few hundred metres of a border. */
function* points(count: number): Generator<readonly [lat: number, lon: number]> {
  const dice = new Dice(7), corners = RINGS.flat(2);
  for (let index = 0; index < count; index++) {
    yield [17 + dice.next() * 55, -180 + dice.next() * 116];
    const [lon = 0, lat = 0] = corners[dice.below(corners.length)] ?? [];
    yield [lat + (dice.next() - 0.5) / 100, Math.max(-180, Math.min(180, lon + (dice.next() - 0.5) / 100))];
  }
}

Deno.test("StateBorders.stateAt() answers as a walk around every outline does, near borders too", () => {
  const borders = new StateBorders(atlas);
  let found = 0;
  for (const [lat, lon] of points(4_000)) {
    const state = borders.stateAt(lat, lon);
    assert.deepStrictEqual(state === NO_STATE ? [] : [state], containing(lat, lon), `${lat}, ${lon}`);
    if (state !== NO_STATE) found++;
  }
  assert.ok(found > 3_000, `${found} points lie in a state`);
});

Deno.test("StateBorders.stateAt() does not depend on what was asked before", () => {
  const all = [...points(1_000)], borders = new StateBorders(atlas), again = new StateBorders(atlas);
  const forth = all.map(([lat, lon]) => borders.stateAt(lat, lon));
  const back = all.toReversed().map(([lat, lon]) => again.stateAt(lat, lon));
  assert.deepStrictEqual(back.toReversed(), forth);
  assert.deepStrictEqual(all.map(([lat, lon]) => borders.stateAt(lat, lon)), forth);
});

/** Two squares of 10° side by side, from 0° north and 0° east, and as many states far off as are asked for. */
function squares(others: number): StateTopology {
  return {
    transform: { scale: [1, 1], translate: [0, 0] },
    arcs: [[[10, 0], [0, 10]], [[10, 10], [-10, 0], [0, -10], [10, 0]], [[10, 0], [10, 0], [0, 10], [-10, 0]]],
    objects: {
      states: {
        geometries: [
          ...Array.from({ length: others }, (_, index) => ({ id: `o${index}`, arcs: [] })),
          { id: "west", arcs: [[0, 1]] },
          { id: "east", arcs: [[[2, ~0]]] },
        ],
      },
    },
  };
}

Deno.test("StateBorders.stateAt() gives a border to one side of it, and the globe's ends to nobody", () => {
  for (const others of [0, 30, 31, 62]) {
    const borders = new StateBorders(squares(others)), west = others, east = others + 1;
    const asked: [number, number, number][] = [
      ...[[5, 5, west], [5, 15, east], [5, 10, east], [0, 10, east], [0, 0, west]] as [number, number, number][],
      ...[[10, 5, NO_STATE], [5, 20, NO_STATE], [5, -1e-9, NO_STATE]] as [number, number, number][],
      ...[[90, 180, NO_STATE], [-90, -180, NO_STATE]] as [number, number, number][],
    ];
    for (const [lat, lon, state] of asked) assert.equal(borders.stateAt(lat, lon), state, `${lat}, ${lon}`);
  }
});

Deno.test("new StateBorders() refuses more than 64 states", () => {
  new StateBorders(squares(62));
  assert.throws(() => new StateBorders(squares(63)), new RangeError("Cannot index states: at most 64, got 65"));
});
