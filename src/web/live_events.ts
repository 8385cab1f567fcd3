/**
 * `/events`: what changes, as server-sent events.
 *
 * I1. A client first gets `snapshot`, then `delta`s; both hold `{app, nowMs, highMs, ledger, samples, points,
 *     anomalies}`, times in ms (`app` in snapshots only, `highMs` null before the first event), points as `/api/points`
 *     gives them; a snapshot has no anomalies, they are to be read.
 * I2. A snapshot says "whatever you knew may have holes": the newest points are in it, older ones are to be read from
 *     `/api/points`. A client that cannot keep up gets a new one instead of what it missed.
 * I3. At most `maxClients` clients, at most `QUEUE_FRAMES` frames each; a frame is encoded once for all.
 * I4. Ids only rise within one server; a client that comes back starts with a snapshot whatever its last id.
 */
import { flatten, type Point } from "../domain/point.ts";
import type { Clock, Timer } from "../clock.ts";
import type { Sample } from "../stream/transaction_sample.ts";
import { EventQueue } from "./event_queue.ts";
import { RecentPoints } from "./recent_points.ts";
import { refusal } from "./reply.ts";
import type { LiveUpdate, Views } from "./views.ts";

/** How long between two signs of life, ms. */
export const HEARTBEAT_MS = 15_000;
/** How many frames wait for a slow client: 8 s at four updates a second. */
export const QUEUE_FRAMES = 32;
/** How much a snapshot holds; a delta of more points becomes a snapshot. */
export const SNAPSHOT_POINTS = { keepMs: 120_000, capacity: 5_000 };
/** How many sampled transactions a snapshot holds. */
export const SNAPSHOT_SAMPLES = 20;
/** What ends later than this after the newest event is of an earlier run, whose event time was ahead. */
const OTHER_RUN_MS = 24 * 3_600_000;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
};

/** What live events are made of. */
export interface LiveEventsOptions {
  readonly views: Views;
  readonly clock: Clock;
  readonly app: { readonly name: string; readonly version: string };
  readonly maxClients: number;
  /** Told about a view that failed while a snapshot was composed. */
  readonly onFailure: (failure: unknown) => void;
}

type Standing = Pick<LiveUpdate, "highMs" | "ledger">;

/** Fans updates out to the clients of `/events`. */
export class LiveEvents implements Disposable {
  readonly #options: LiveEventsOptions;
  readonly #recent = new RecentPoints(SNAPSHOT_POINTS);
  readonly #clients = new Set<EventQueue>();
  readonly #encoder = new TextEncoder();
  readonly #subscription: Disposable;
  #latest: Standing | undefined;
  #samples: readonly Sample[] = [];
  #id = 0;
  #heartbeat: Timer | undefined;
  #ended = false;

  constructor(options: LiveEventsOptions) {
    const { maxClients } = options;
    if (!(maxClients > 0)) throw new RangeError(`Cannot serve events: maxClients must be > 0, got ${maxClients}`);
    this.#options = options;
    this.#subscription = options.views.subscribe((update) => this.#publish(update));
  }

  /** How many clients are connected. */
  get clients(): number {
    return this.#clients.size;
  }

  /** Answers `/events`; a client too many is told so with 503. */
  answer(method: string): Response {
    if (method === "HEAD") return new Response(null, { headers: HEADERS });
    if (this.#ended) return refusal(503, "Cannot follow events: the server is stopping", { "retry-after": "5" });
    if (this.#clients.size >= this.#options.maxClients) {
      const reason = `Cannot follow events: ${this.#options.maxClients} clients are connected, which is the limit`;
      return refusal(503, reason, { "retry-after": "5" });
    }
    return new Response(this.#open(), { headers: HEADERS });
  }

  /** Ends every stream. */
  [Symbol.dispose](): void {
    this.#ended = true;
    this.#subscription[Symbol.dispose]();
    this.#heartbeat?.[Symbol.dispose]();
    for (const queue of this.#clients) queue.end();
    this.#clients.clear();
  }

  #open(): ReadableStream<Uint8Array> {
    const queue = new EventQueue(QUEUE_FRAMES);
    this.#clients.add(queue);
    if (this.#clients.size === 1) this.#beat();
    return new ReadableStream({
      pull: async (controller) => {
        const next = await queue.next();
        if (next.kind === "end") return controller.close();
        controller.enqueue(next.kind === "frame" ? next.bytes : await this.#snapshot(queue));
      },
      cancel: () => this.#leave(queue),
    }, { highWaterMark: 0 });
  }

  #leave(queue: EventQueue): void {
    queue.end();
    this.#clients.delete(queue);
    if (this.#clients.size === 0) this.#heartbeat?.[Symbol.dispose]();
  }

  /** Keeps proxies from closing quiet streams, and lets the page tell a quiet server from a dead one. */
  #beat(): void {
    this.#heartbeat?.[Symbol.dispose]();
    this.#heartbeat = this.#options.clock.after(HEARTBEAT_MS, () => {
      const frame = this.#encoder.encode(`: heartbeat\n\n`);
      for (const queue of this.#clients) queue.push(frame);
      this.#beat();
    });
  }

  #publish(update: LiveUpdate): void {
    const { highMs, ledger, points, samples } = update;
    this.#latest = { highMs, ledger };
    if (highMs !== undefined) this.#recent.dropAfter(highMs + OTHER_RUN_MS);
    this.#recent.put(points);
    this.#samples = [...this.#samples, ...samples].slice(-SNAPSHOT_SAMPLES);
    this.#id++;
    if (points.length > SNAPSHOT_POINTS.capacity) {
      for (const queue of this.#clients) queue.fallBehind();
      return;
    }
    if (this.#clients.size === 0) return;
    const frame = this.#frame("delta", this.#body(update));
    for (const queue of this.#clients) queue.push(frame);
  }

  async #snapshot(queue: EventQueue): Promise<Uint8Array> {
    const latest = this.#latest ?? { highMs: undefined, ledger: await this.#options.views.ledger() };
    if (this.#recent.count === 0) await this.#remember();
    queue.catchUp();
    const points = this.#recent.all(), samples = this.#samples;
    const body = this.#body({ ...this.#latest ?? latest, samples, points, anomalies: [] });
    return this.#frame("snapshot", { app: this.#options.app, ...body });
  }

  /** Before the first update, the newest points are those of an earlier run. */
  async #remember(): Promise<void> {
    const query = { measurement: "transactions_avg", limit: SNAPSHOT_POINTS.capacity } as const;
    const stored: Point[] = [];
    try {
      for await (const point of this.#options.views.points(query)) stored.push(point);
    } catch (failure) {
      // A store that is down must not keep the page from showing the ledger and the connection.
      this.#options.onFailure(failure);
    }
    if (this.#recent.count === 0) this.#recent.put(stored);
  }

  #body({ highMs, ledger, samples, points, anomalies }: LiveUpdate): Record<string, unknown> {
    return {
      nowMs: this.#options.clock.nowMs(),
      highMs: highMs ?? null,
      ...{ ledger, samples },
      points: points.map(flatten),
      anomalies: anomalies.map(flatten),
    };
  }

  #frame(event: "snapshot" | "delta", body: unknown): Uint8Array {
    return this.#encoder.encode(`event: ${event}\nid: ${this.#id}\ndata: ${JSON.stringify(body)}\n\n`);
  }
}
