/** A server with fake views and a manual clock, and a reader of its events, for the tests of the web. */
import type { FieldValue } from "../../src/domain/point.ts";
import type { Ledger } from "../../src/stream/ledger.ts";
import type { Sample } from "../../src/stream/transaction_sample.ts";
import { serveWeb, type WebOptions, type WebServer } from "../../src/web/server.ts";
import { FakeViews } from "../fakes/fake_views.ts";
import { ManualClock } from "./manual_clock.ts";

/** A server under test. */
export interface TestSite extends AsyncDisposable {
  readonly views: FakeViews;
  readonly clock: ManualClock;
  readonly server: WebServer;
  readonly failures: unknown[];
  /** Asks the server; the body is read to its end. */
  get(path: string, init?: RequestInit): Promise<Answer>;
}

/** An answer with its body. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Starts a server on a free port. */
export async function openSite(options: Partial<WebOptions> = {}): Promise<TestSite> {
  const views = new FakeViews(), clock = new ManualClock(), failures: unknown[] = [];
  const fixed = { host: "127.0.0.1", port: 0, clock, views, appName: "Tally", version: "1.2.3" };
  const server = await serveWeb({ ...fixed, onFailure: (failure) => failures.push(failure), ...options });
  return {
    views,
    clock,
    server,
    failures,
    async get(path, init = {}) {
      const response = await fetch(`${server.url}${path}`, { redirect: "manual", ...init });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The body of a snapshot or a delta. */
export interface LiveBody {
  readonly app?: { readonly name: string; readonly version: string };
  readonly nowMs: number;
  readonly highMs: number | null;
  readonly ledger: Ledger;
  readonly samples: readonly Sample[];
  readonly points: readonly Readonly<Record<string, FieldValue>>[];
}

/** One server-sent event, or a comment. */
export interface SeenEvent {
  readonly event: string;
  readonly id: string;
  readonly data: LiveBody | undefined;
  readonly comment: string;
}

/** Reads events one at a time; disposing of it disconnects. */
export class EventReader implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Connects; the answer must be a stream of events. */
  static async connect(site: TestSite, init: RequestInit = {}): Promise<EventReader> {
    const response = await fetch(`${site.server.url}/events`, init);
    if (response.body === null || response.status !== 200) {
      throw new TypeError(`Cannot follow events: ${response.status} ${await response.text()}`);
    }
    return new EventReader(response.body);
  }

  /** The next event, or undefined at the end. */
  async next(): Promise<SeenEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return seen(block);
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#text += value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}

function seen(block: string): SeenEvent {
  const field = (name: string) =>
    block.split("\n").find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1).trim() ?? "";
  const data = field("data");
  return {
    event: field("event"),
    id: field("id"),
    data: data === "" ? undefined : JSON.parse(data),
    comment: field(""),
  };
}
