/** The live page's stream, read as a browser reads it. */

const LINE_FEED = 10;

/** Reads `/events` until disposed of. */
export class PageReader implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;
  #events = 0;
  #bytes = 0;

  /** @param url of the page */
  constructor(url: string) {
    this.#reading = this.#read(url);
    this.#reading.catch(() => {}); // Awaited when it is disposed of.
  }

  /** Events read so far. */
  get events(): number {
    return this.#events;
  }

  /** Bytes read so far. */
  get bytes(): number {
    return this.#bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#reading;
  }

  async #read(url: string): Promise<void> {
    const { body } = await fetch(`${url}/events`);
    const reader = body?.getReader();
    if (reader === undefined) throw new TypeError(`Cannot read ${url}/events: it has no body`);
    // A stream that broke rejects with what broke it; whoever reads hears of that.
    this.#stop.signal.addEventListener("abort", () => void reader.cancel().catch(() => {}));
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#bytes += value.length;
      this.#events += blankLinesIn(value);
    }
  }
}

/** Each ends an event. */
function blankLinesIn(chunk: Uint8Array): number {
  let count = 0;
  for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) {
    if (chunk[at + 1] === LINE_FEED) count++;
  }
  return count;
}
