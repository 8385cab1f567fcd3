/**
 * Requests to one InfluxDB: a write of lines, an InfluxQL query.
 *
 * I1. A promise settles only when the whole answer is in, or will never be: nothing is sent behind the caller's back.
 * I2. No message holds the token, and none is printed.
 */
import { constants, gzipSync } from "node:zlib";
import { InfluxDB, type SendOptions, setLogger } from "@influxdata/influxdb-client";
import type { Clock } from "../clock.ts";
import { RetryableError } from "../stream/failures.ts";
import { checkedInfluxConfig, type InfluxConfig } from "./influx_config.ts";
import { influxFailure, isRecord } from "./influx_failure.ts";

/** One row of an answer, in the order of the columns asked for, `time` first. */
export type Row = readonly unknown[];

/** An InfluxDB that answers within a time, or is said not to. */
export class InfluxConnection implements Disposable {
  readonly #config: InfluxConfig;
  readonly #clock: Clock;
  /** On one machine compressing costs more than the bytes it saves: a quarter of the writes per second. */
  readonly #isLocal: boolean;
  readonly #open = new Set<AbortController>();
  #closed = false;

  constructor(config: InfluxConfig, clock: Clock) {
    this.#config = checkedInfluxConfig(config);
    this.#clock = clock;
    this.#isLocal = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(this.#config.url).hostname);
    // The client prints every failed request; we return them.
    setLogger({ error: () => undefined, warn: () => undefined });
  }

  /**
   * Writes lines of precision ms in one request.
   *
   * @throws {RejectedError} when InfluxDB will never take some of them; the others may or may not be written.
   * @throws {RetryableError | ConfigError}
   */
  write(lines: readonly string[]): Promise<void> {
    return this.#request(async (client) => {
      const { org, bucket } = this.#config;
      // Limits that are never reached: the client would send by itself then, and its flush() would not wait for it.
      const writer = client.getWriteApi(org, bucket, "ms", {
        batchSize: lines.length + 1,
        maxBatchBytes: Number.MAX_SAFE_INTEGER,
        flushInterval: 0,
        maxRetries: 0,
      });
      for (const line of lines) writer.writeRecord(line);
      await writer.flush();
    });
  }

  /**
   * The rows that answer an InfluxQL statement, over all series, in the server's order; times in ms.
   *
   * @throws {RejectedError} when InfluxDB cannot understand it.
   * @throws {RetryableError | ConfigError}
   */
  query(statement: string): Promise<readonly Row[]> {
    return this.#ask(statement, "GET", rowsOf);
  }

  /** Runs an InfluxQL statement that changes something. @throws as `query` does */
  async execute(statement: string): Promise<void> {
    // InfluxDB 2.x answers {} to a statement without rows, such as DELETE.
    await this.#ask(
      statement,
      "POST",
      (answer) => isRecord(answer) && Object.keys(answer).length === 0 || rowsOf(answer),
    );
  }

  #ask<T>(statement: string, method: "GET" | "POST", read: (answer: unknown) => T): Promise<T> {
    return this.#request(async (client, signal) => {
      const [db = "", rp] = this.#config.bucket.split("/", 2);
      const search = new URLSearchParams({ db, epoch: "ms", q: statement });
      if (rp !== undefined) search.set("rp", rp);
      if (this.#config.org !== "") search.set("org", this.#config.org);
      const headers = { accept: "application/json" };
      return read(await client.transport.request(`/query?${search}`, null, { method, headers, signal }));
    });
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const request of this.#open) request.abort(closedError());
  }

  /** A client of its own for each request: the client has no other way to give a write an abort signal. */
  async #request<T>(run: (client: InfluxDB, signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#closed) throw closedError();
    const { url, token, timeoutMs } = this.#config, request = new AbortController(), { signal } = request;
    using _timer = this.#clock.after(timeoutMs, () => request.abort(timeOut(this.#config)));
    this.#open.add(request);
    try {
      const client = new InfluxDB({ url, token, transportOptions: { signal, redirect: "manual" } });
      if (!this.#isLocal) Object.assign(client.transport, { requestDecorator: compress });
      return await run(client, signal);
    } catch (error) {
      // What aborted the request says more than the abort.
      throw signal.aborted ? signal.reason : influxFailure(error, this.#config, this.#clock);
    } finally {
      this.#open.delete(request);
    }
  }
}

/** Compresses a body of some size: without Node's transport the client does not. */
function compress(request: RequestInit, options: SendOptions): void {
  const { body } = request;
  if (typeof body !== "string" || body.length < (options.gzipThreshold ?? Infinity)) return;
  request.body = Uint8Array.from(gzipSync(body, { level: constants.Z_BEST_SPEED }));
  request.headers = { ...Object.fromEntries(new Headers(request.headers)), "content-encoding": "gzip" };
}

function timeOut({ url, timeoutMs }: InfluxConfig): RetryableError {
  return new RetryableError(`Cannot reach InfluxDB at ${url}: no answer within ${timeoutMs} ms`);
}

function closedError(): TypeError {
  return new TypeError("Cannot use InfluxDB: the store is closed");
}

function rowsOf(answer: unknown): readonly Row[] {
  const results = isRecord(answer) ? answer["results"] : undefined;
  const result: unknown = Array.isArray(results) ? results[0] : undefined;
  if (!isRecord(result)) throw new SyntaxError(`the answer to a query is not InfluxDB's`);
  if (result["error"] !== undefined) throw new RetryableError(`Cannot read from InfluxDB: ${String(result["error"])}`);
  const series: unknown = result["series"];
  return Array.isArray(series) ? series.flatMap((part: unknown) => valuesOf(part)) : [];
}

function valuesOf(series: unknown): readonly Row[] {
  const values = isRecord(series) ? series["values"] : undefined;
  return Array.isArray(values) ? values.filter(Array.isArray) : [];
}
