/** Stands between one processor and InfluxDB, and keeps when that processor wrote. */
import { systemClock } from "../../src/clock.ts";

/** A tap on the way to a store. */
export class WriteTap implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #writes: number[] = [];

  /** @param target where the store is */
  constructor(target: string) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const { pathname, search } = new URL(request.url);
      if (pathname.endsWith("/write")) this.#writes.push(systemClock.elapsedMs());
      const body = request.body === null ? null : await request.arrayBuffer();
      return await fetch(`${target}${pathname}${search}`, { method: request.method, headers: request.headers, body });
    });
  }

  /** What the processor takes for the store. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** When points were written after an instant, up to another. */
  writesWithin(fromMs: number, toMs: number): readonly number[] {
    return this.#writes.filter((atMs) => atMs > fromMs && atMs <= toMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
