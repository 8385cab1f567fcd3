/** SASL on a wire of our own: the client library proves who we are, we carry its words. */
import { Buffer } from "node:buffer";
import {
  type Callback,
  Connection,
  Reader,
  type ResponseParser,
  saslAuthenticateV2,
  saslHandshakeV1,
  saslPlain,
  saslScramSha,
  Writer,
} from "@platformatic/kafka";
import type { BrokerWire } from "./broker_wire.ts";
import type { KafkaSasl } from "./kafka_config.ts";
import type { WireReader } from "./wire_reader.ts";

const MAX_ANSWER_BYTES = 65_536;

/**
 * Proves who we are. Rejects with what the library throws when the broker does not believe it.
 *
 * @returns for how long the broker believes it, in ms; 0 is for ever
 */
export async function logIn(wire: BrokerWire, sasl: KafkaSasl, withinMs: number): Promise<number> {
  const connection = new CarriedConnection(wire, withinMs);
  await saslHandshakeV1.api.async(connection, sasl.mechanism);
  return Number((await authenticate(connection, sasl)).sessionLifetimeMs);
}

function authenticate(connection: Connection, { mechanism, username, password }: KafkaSasl): Promise<Believed> {
  const { api } = saslAuthenticateV2;
  if (mechanism === "PLAIN") return saslPlain.authenticate(api, connection, username, password);
  const algorithm = mechanism === "SCRAM-SHA-256" ? "SHA-256" : "SHA-512";
  return saslScramSha.authenticate(api, connection, algorithm, username, password);
}

type Believed = ReturnType<typeof saslAuthenticateV2.parseResponse>;

/** What the library asks of a connection for this, `send`, over our wire. */
class CarriedConnection extends Connection {
  readonly #wire: BrokerWire;
  readonly #withinMs: number;

  constructor(wire: BrokerWire, withinMs: number) {
    super();
    this.#wire = wire;
    this.#withinMs = withinMs;
  }

  override send<T>(
    ...[key, version, createBody, parse, request, answer, callback]: [
      key: number,
      version: number,
      createBody: () => Writer | Promise<Writer>,
      parse: ResponseParser<T>,
      isFlexibleRequest: boolean,
      isFlexibleAnswer: boolean,
      callback: Callback<T>,
    ]
  ): void {
    const call = async () => {
      const kind = { key, version, isFlexible: { request, answer } };
      const limits = { maxBytes: MAX_ANSWER_BYTES, withinMs: this.#withinMs };
      const bytes = await this.#wire.call({ kind, body: await createBody(), ...limits, read: readRest });
      return await parse(0, key, version, Reader.from(bytes));
    };
    call().then((value) => callback(null, value), callback);
  }
}

async function readRest(reader: WireReader): Promise<Buffer> {
  const bytes = Buffer.alloc(reader.left);
  await reader.into(bytes);
  return bytes;
}
