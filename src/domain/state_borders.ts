/**
 * Which US state contains a point, without asking anybody.
 *
 * The borders are those of a TopoJSON atlas: chains of edges, each between two states or between a state and none. Who
 * walks east from a point and notes the two sides of every edge that it crosses has noted every state that it enters
 * twice, once on the way in and once on the way out, but for the one that it started in.
 *
 * I1. An edge is listed in every band of latitude that it touches, so that the edges of one band decide.
 * I2. A cell that no edge touches is of one state throughout; it is looked up once.
 */

/** What is read of an atlas. Source: the TopoJSON format, quantized. */
export interface StateTopology {
  readonly transform: { readonly scale: readonly number[]; readonly translate: readonly number[] };
  /** Chains of points, each as the difference to the one before. */
  readonly arcs: readonly (readonly (readonly number[])[])[];
  readonly objects: { readonly states: { readonly geometries: readonly StateGeometry[] } };
}

/** A state's outline, by the numbers of its chains; those that are walked backwards are complemented. */
export interface StateGeometry {
  readonly id: string;
  readonly arcs: Nested;
}

type Nested = readonly (number | Nested)[];

/** No state contains the point. */
export const NO_STATE = -1;

/** Sides of a cell and height of a band, in degrees. */
const CELL_DEGREES = 0.25;
const COLUMNS = 360 / CELL_DEGREES;
const ROWS = 180 / CELL_DEGREES;
/** Of a cell, beside 0 for not looked up yet and 1 + the state. */
const OF_NONE = 254;
const AT_BORDER = 255;
/** Most states: a bit each in two words. */
const MOST_STATES = 64;
/** Cells this near to an edge count as touched; far more than rounding, far less than a metre. */
const SLACK_CELLS = 1e-8;

/** An edge, and which states lie along it as bits: of states 0-31, and of the others. */
interface Edge {
  readonly lat: number;
  readonly lon: number;
  readonly latEnd: number;
  readonly lonEnd: number;
  readonly low: number;
  readonly high: number;
}

/**
 * An index of states.
 *
 * Cost: about 10 ns a point in a cell that no border touches, ten times that in others. Memory: 1 MB, once a point is
 * asked for.
 */
export class StateBorders {
  readonly #topology: StateTopology;
  #cells = new Uint8Array();
  /** By row of cells: its edges, those that reach farthest east first. */
  #bands: readonly (readonly Edge[])[] = [];

  /** @throws {RangeError} when the atlas has more than 64 states. */
  constructor(topology: StateTopology) {
    const { length } = topology.objects.states.geometries;
    if (length > MOST_STATES) throw new RangeError(`Cannot index states: at most ${MOST_STATES}, got ${length}`);
    this.#topology = topology;
  }

  /** The index of the state among the atlas's geometries that contains the point, `NO_STATE` when none does. */
  stateAt(lat: number, lon: number): number {
    if (this.#bands.length === 0) this.#build();
    const row = cellOf(lat + 90, ROWS), cell = row * COLUMNS + cellOf(lon + 180, COLUMNS);
    const known = this.#cells[cell] ?? AT_BORDER;
    if (known === AT_BORDER) return this.#walk(row, lat, lon);
    if (known !== 0) return known === OF_NONE ? NO_STATE : known - 1;
    const state = this.#walk(row, lat, lon);
    this.#cells[cell] = state === NO_STATE ? OF_NONE : state + 1;
    return state;
  }

  /** Walks east from a point. */
  #walk(row: number, lat: number, lon: number): number {
    let low = 0, high = 0;
    for (const edge of this.#bands[row] ?? []) {
      if (edge.lon <= lon && edge.lonEnd <= lon) break;
      if ((edge.lat > lat) === (edge.latEnd > lat) || lonAt(edge, lat) <= lon) continue;
      low ^= edge.low;
      high ^= edge.high;
    }
    if (low !== 0) return 31 - Math.clz32(low);
    return high === 0 ? NO_STATE : 63 - Math.clz32(high);
  }

  #build(): void {
    const bands = Array.from({ length: ROWS }, (): Edge[] => []), cells = new Uint8Array(ROWS * COLUMNS);
    for (const edge of edgesOf(this.#topology)) {
      const south = Math.min(edge.lat, edge.latEnd), north = Math.max(edge.lat, edge.latEnd);
      const last = cellOf(north + 90, ROWS, SLACK_CELLS);
      for (let row = cellOf(south + 90, ROWS, -SLACK_CELLS); row <= last; row++) {
        bands[row]?.push(edge);
        const from = Math.max(south, row * CELL_DEGREES - 90), to = Math.min(north, (row + 1) * CELL_DEGREES - 90);
        const [west, east] = reachOf(edge, from, to);
        const lastColumn = cellOf(east + 180, COLUMNS, SLACK_CELLS);
        for (let column = cellOf(west + 180, COLUMNS, -SLACK_CELLS); column <= lastColumn; column++) {
          cells[row * COLUMNS + column] = AT_BORDER;
        }
      }
    }
    const eastOf = ({ lon, lonEnd }: Edge): number => Math.max(lon, lonEnd);
    for (const band of bands) band.sort((a, b) => eastOf(b) - eastOf(a));
    this.#cells = cells;
    this.#bands = bands;
  }
}

/** The row or column at a distance in degrees from the first one's side. */
function cellOf(degrees: number, cells: number, slack = 0): number {
  return Math.min(cells - 1, Math.max(0, Math.floor(degrees / CELL_DEGREES + slack)));
}

/** Where an edge that is not level is at a latitude. */
function lonAt({ lat, lon, latEnd, lonEnd }: Edge, at: number): number {
  return lon + (at - lat) / (latEnd - lat) * (lonEnd - lon);
}

/** From where to where an edge reaches between two latitudes. */
function reachOf(edge: Edge, from: number, to: number): readonly [number, number] {
  const isLevel = edge.lat === edge.latEnd;
  const a = isLevel ? edge.lon : lonAt(edge, from), b = isLevel ? edge.lonEnd : lonAt(edge, to);
  return a < b ? [a, b] : [b, a];
}

function* edgesOf({ transform, arcs, objects }: StateTopology): Generator<Edge> {
  const [lonScale = 1, latScale = 1] = transform.scale, [lonFirst = 0, latFirst = 0] = transform.translate;
  const sides = sidesOf(objects.states.geometries);
  for (const [index, arc] of arcs.entries()) {
    const [low, high] = sides.get(index) ?? [0, 0];
    let x = 0, y = 0, from: readonly [number, number] | undefined;
    for (const [dx = 0, dy = 0] of arc) {
      x += dx;
      y += dy;
      const lat = y * latScale + latFirst, lon = x * lonScale + lonFirst;
      if (from !== undefined) yield { lat: from[0], lon: from[1], latEnd: lat, lonEnd: lon, low, high };
      from = [lat, lon];
    }
  }
}

/** The states along each chain, as bits. */
function sidesOf(geometries: readonly StateGeometry[]): Map<number, readonly [number, number]> {
  const sides = new Map<number, readonly [number, number]>();
  for (const [state, { arcs }] of geometries.entries()) {
    for (const number of numbersIn(arcs)) {
      const arc = number < 0 ? ~number : number, [low, high] = sides.get(arc) ?? [0, 0], bit = 1 << state % 32;
      sides.set(arc, state < 32 ? [low ^ bit, high] : [low, high ^ bit]);
    }
  }
  return sides;
}

function* numbersIn(nested: Nested): Generator<number> {
  for (const item of nested) {
    if (typeof item === "number") yield item;
    else yield* numbersIn(item);
  }
}
