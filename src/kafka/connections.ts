/**
 * Connections to brokers, opened when first asked for and again after they broke.
 *
 * I1. At most one connection per broker and use: a broker answers one connection's requests one after the other, so
 *     a waiting join must not share its connection with anything else. Fetches have wires of their own (`Wires`).
 */
import { Connection, ConnectionStatuses } from "@platformatic/kafka";
import { RetryableError } from "../stream/failures.ts";
import type { KafkaAccess } from "./kafka_config.ts";
import { connectionSecurity } from "./security.ts";

/** What a connection is for: quick questions, or waiting for a group to form. */
export type ConnectionUse = "control" | "join";

/** Where a broker listens. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** Time limits in ms. */
export interface ConnectionLimits {
  /** Until a connection stands and is logged in. */
  readonly connectMs: number;
  /** Until a request is answered, by use; then its connection is dropped. */
  readonly requestMs: Readonly<Record<ConnectionUse, number>>;
}

interface Entry {
  readonly connection: Connection;
  readonly opened: Promise<Connection>;
}

const DEAD: ReadonlySet<string> = new Set([
  ConnectionStatuses.CLOSED,
  ConnectionStatuses.CLOSING,
  ConnectionStatuses.ERROR,
]);

/** Keeps one connection per broker and use. */
export class Connections implements AsyncDisposable {
  readonly #access: KafkaAccess;
  readonly #limits: ConnectionLimits;
  readonly #entries = new Map<string, Entry>();
  #closed = false;

  constructor(access: KafkaAccess, limits: ConnectionLimits) {
    this.#access = access;
    this.#limits = limits;
  }

  /** The connection for this use. @throws what the client library throws when it cannot be opened. */
  to(address: BrokerAddress, use: ConnectionUse): Promise<Connection> {
    if (this.#closed) return Promise.reject(new RetryableError("Cannot reach Kafka: the client is closed"));
    const key = `${use} ${address.host}:${address.port}`;
    const known = this.#entries.get(key);
    if (known !== undefined && !DEAD.has(known.connection.status)) return known.opened;
    const entry = this.#open(address, use);
    this.#entries.set(key, entry);
    return entry.opened;
  }

  /** Breaks connections of one use, so that whoever waits on them gets an error now. */
  async drop(use: ConnectionUse): Promise<void> {
    const entries = [...this.#entries].filter(([key]) => key.startsWith(`${use} `));
    for (const [key] of entries) this.#entries.delete(key);
    await Promise.all(entries.map(([, entry]) => close(entry)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(entries.map(close));
  }

  #open({ host, port }: BrokerAddress, use: ConnectionUse): Entry {
    const connection = new Connection(this.#access.clientId, {
      connectTimeout: this.#limits.connectMs,
      requestTimeout: this.#limits.requestMs[use],
      ...connectionSecurity(this.#access),
    });
    // Who waits for an answer hears of the failure there; an "error" event without a listener would end the process.
    connection.on("error", () => {});
    const opened = Promise.resolve(connection.connect(host, port)).then(() => connection);
    opened.catch(() => {}); // Kept for later callers too; each of them awaits it.
    return { connection, opened };
  }
}

async function close({ connection, opened }: Entry): Promise<void> {
  // A connection that is still being opened can only be closed once it stands or has failed.
  await opened.catch(() => undefined);
  await connection.close();
}
