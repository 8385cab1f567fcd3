/** The wires that fetches use: one a broker, opened when first asked for, and again after it broke. */
import { RetryableError } from "../stream/failures.ts";
import type { BrokerAddress } from "./connections.ts";
import { BrokerWire, type WireOptions } from "./broker_wire.ts";
import { logIn } from "./login.ts";

/** A wire that stands, and until when (monotonic) the broker believes who we are. */
interface Entry {
  readonly wire: BrokerWire;
  readonly expiresAtMs: number;
}

/** A new wire is opened when this share of the session that the broker grants has passed. */
const SESSION_SHARE = 0.8;

/** Keeps one wire per broker. */
export class Wires implements AsyncDisposable {
  readonly #options: WireOptions;
  readonly #opening = new Map<string, Promise<Entry>>();
  #isClosed = false;

  constructor(options: WireOptions) {
    this.#options = options;
  }

  /** The wire to a broker. Rejects with what Deno or the client library throws when it cannot be opened. */
  async to(address: BrokerAddress): Promise<BrokerWire> {
    const key = `${address.host}:${address.port}`, known = this.#opening.get(key);
    const entry = await known?.catch(() => undefined);
    if (entry !== undefined && this.#isFresh(entry)) return entry.wire;
    const next = this.#opening.get(key);
    // Somebody else who found it stale has begun with the next one.
    if (next !== undefined && next !== known) return (await next).wire;
    const opening = this.#open(address);
    this.#opening.set(key, opening);
    const [{ wire }] = await Promise.all([opening, entry?.wire[Symbol.asyncDispose]()]);
    return wire;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const opening = [...this.#opening.values()];
    this.#opening.clear();
    await Promise.all(opening.map(closed));
  }

  #isFresh({ wire, expiresAtMs }: Entry): boolean {
    return !wire.isClosed && this.#options.clock.elapsedMs() < expiresAtMs;
  }

  async #open(address: BrokerAddress): Promise<Entry> {
    if (this.#isClosed) throw new RetryableError("Cannot reach Kafka: the client is closed");
    const { access: { sasl }, clock, connectMs } = this.#options;
    const wire = await BrokerWire.open(address, this.#options);
    if (sasl === undefined) return { wire, expiresAtMs: Infinity };
    const fromMs = clock.elapsedMs();
    try {
      const sessionMs = await logIn(wire, sasl, connectMs);
      return { wire, expiresAtMs: sessionMs === 0 ? Infinity : fromMs + SESSION_SHARE * sessionMs };
    } catch (error) {
      await wire[Symbol.asyncDispose]();
      throw error;
    }
  }
}

/** One that could not be opened is closed already. */
async function closed(opening: Promise<Entry>): Promise<void> {
  const entry = await opening.catch(() => undefined);
  await entry?.wire[Symbol.asyncDispose]();
}
