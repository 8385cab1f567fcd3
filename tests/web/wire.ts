/** A bare connection to an HTTP server of ours. */
import { sleep, systemClock } from "../../src/clock.ts";

/** Sends and receives text as bytes. */
export class Wire implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #buffer = new Uint8Array(65_536);

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Connects to this machine. */
  static async connect(port: number): Promise<Wire> {
    return new Wire(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Sends all of `text`, a byte a character. */
  async send(text: string): Promise<void> {
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    for (let sent = 0; sent < bytes.length;) sent += await this.#connection.write(bytes.subarray(sent));
  }

  /** Sends `text` again and again, until the server answers or closes; resolves to the answer. */
  async dribble(text: string, everyMs: number): Promise<string> {
    let isOver = false;
    const answer = this.rest().finally(() => isOver = true);
    while (!isOver) {
      // Sending fails once the server has closed: that is what is waited for.
      await this.send(text).catch(() => isOver = true);
      await sleep(systemClock, everyMs);
    }
    return await answer;
  }

  /** Receives up to the end of `text`, or of the connection. */
  async until(text: string): Promise<string> {
    let received = "";
    while (!received.includes(text)) {
      const part = await this.#receive();
      if (part === undefined) break;
      received += part;
    }
    return received;
  }

  /** Receives all that comes until the server closes. */
  async rest(): Promise<string> {
    let received = "";
    for (let part = await this.#receive(); part !== undefined; part = await this.#receive()) received += part;
    return received;
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  async #receive(): Promise<string | undefined> {
    try {
      const size = await this.#connection.read(this.#buffer);
      return size === null ? undefined : new TextDecoder().decode(this.#buffer.subarray(0, size));
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe) return undefined;
      throw error;
    }
  }
}
