/**
 * The answer of `/api/points`: a JSON array of points, streamed.
 *
 * I1. An answer is whole or refused, never cut short: a range that holds more than `maxPoints` is a 400.
 * I2. At most `PEEK` points of an answer are in memory, and at most `MAX_READS` answers are under way.
 */
import { flatten, type Point } from "../domain/point.ts";
import type { PointQuery } from "../stream/store.ts";
import { json, refusal } from "./reply.ts";
import { readRegions, readSeries } from "./series_answer.ts";
import type { RegionsQuery, SeriesQuery } from "./series_query.ts";
import type { Views } from "./views.ts";

/** How many points one answer may have unless the caller says otherwise. */
export const MAX_POINTS = 100_000;
/** How many answers of points may be under way at once. */
export const MAX_READS = 8;
const PEEK = 4_096;
const CHUNK_CHARS = 65_536;

type Points = Iterable<Point> | AsyncIterable<Point>;

/** Reads points for HTTP, a bounded number of reads at a time. */
export class PointsAnswers {
  readonly #views: Views;
  readonly #maxPoints: number;
  #reads = 0;

  constructor(views: Views, maxPoints: number) {
    if (!(maxPoints > 0)) throw new RangeError(`Cannot serve points: maxPoints must be > 0, got ${maxPoints}`);
    this.#views = views;
    this.#maxPoints = maxPoints;
  }

  /**
   * Answers one query.
   *
   * Cost: a range of more than `PEEK` points is read twice, once to count it.
   */
  async answer(query: PointQuery, options: { readonly gzip: boolean }): Promise<Response> {
    if (this.#reads >= MAX_READS) return busy();
    this.#reads++;
    const release = once(() => this.#reads--);
    try {
      const points = await this.#peek(query);
      if (points !== undefined) return streamed(jsonArray(points, release), options);
      release();
      return refusal(400, this.#tooMany());
    } catch (failure) {
      release();
      throw failure;
    }
  }

  /**
   * Answers a question for charts.
   *
   * Cost: memory for the points asked for, at most `maxPoints`. @throws {SyntaxError} when there are more
   */
  async series(query: SeriesQuery, options: { readonly gzip: boolean }): Promise<Response> {
    return await this.#whole(() => readSeries(this.#views, query, this.#maxPoints), options);
  }

  /**
   * Answers which region brought what: the last hours from memory, hours and days from the store.
   *
   * @throws {SyntaxError} when there are more than `MAX_ROLL_UPS`
   */
  async regions({ rollUp, ...query }: RegionsQuery, options: { readonly gzip: boolean }): Promise<Response> {
    if (rollUp === undefined) return json(this.#views.regions(query));
    return await this.#whole(() => readRegions(this.#views, { ...query, rollUp }), options);
  }

  async #whole(read: () => Promise<unknown>, { gzip }: { readonly gzip: boolean }): Promise<Response> {
    if (this.#reads >= MAX_READS) return busy();
    this.#reads++;
    try {
      const answer = json(await read());
      return gzip && answer.body !== null ? zipped(answer.body, answer.headers) : answer;
    } finally {
      this.#reads--;
    }
  }

  #tooMany(): string {
    return `Cannot read points: the range holds more than ${this.#maxPoints}; bring from and to closer together, ` +
      "or use tally export";
  }

  /** The points to send, or undefined when there are too many. */
  async #peek(query: PointQuery): Promise<Points | undefined> {
    const head: Point[] = [];
    let count = 0;
    for await (const point of this.#views.points(query)) {
      if (++count > this.#maxPoints) return undefined;
      if (count <= PEEK) head.push(point);
    }
    return count <= PEEK ? head : this.#views.points(query);
  }
}

function busy(): Response {
  return refusal(503, `Cannot read points: ${MAX_READS} reads are under way`, { "retry-after": "1" });
}

function once(fn: () => void): () => void {
  let done = false;
  return () => {
    if (!done) fn();
    done = true;
  };
}

function streamed(body: ReadableStream<Uint8Array<ArrayBuffer>>, options: { readonly gzip: boolean }): Response {
  const headers = new Headers({ "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  headers.set("vary", "accept-encoding");
  return options.gzip ? zipped(body, headers) : new Response(body, { headers });
}

function zipped(body: ReadableStream<Uint8Array<ArrayBuffer>>, headers: Headers): Response {
  headers.set("vary", "accept-encoding");
  headers.set("content-encoding", "gzip");
  return new Response(body.pipeThrough(new CompressionStream("gzip")), { headers });
}

/** The array as a stream; `release` runs when it ends, fails or is cancelled, also before its first chunk. */
function jsonArray(points: Points, release: () => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = encode(points);
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next();
        if (!done) return controller.enqueue(value);
        release();
        controller.close();
      } catch (failure) {
        release();
        controller.error(failure);
      }
    },
    async cancel() {
      release();
      await chunks.return(undefined);
    },
  }, { highWaterMark: 0 });
}

async function* encode(points: Points): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined> {
  const encoder = new TextEncoder();
  let text = "[", separator = "";
  for await (const point of points) {
    text += `${separator}${JSON.stringify(flatten(point))}`;
    separator = ",\n";
    if (text.length < CHUNK_CHARS) continue;
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(`${text}]\n`);
}
