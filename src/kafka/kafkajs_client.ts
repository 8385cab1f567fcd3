/** The kafkajs client as this program wants it: silent, with bounded patience. */
import { Buffer } from "node:buffer";
import { Kafka, logLevel } from "kafkajs";
import type { KafkaAccess } from "./kafka_config.ts";
import { kafkajsSecurity } from "./security.ts";

const CONNECT_MS = 5_000;
const REQUEST_MS = 10_000;
/** About 3 s in all: what lasts longer is for the caller to decide on. */
const RETRY = { initialRetryTime: 200, retries: 4, maxRetryTime: 2_000 };

/** A client; it connects nowhere by itself. */
export function kafkajsClient(access: KafkaAccess): Kafka {
  return new Kafka({
    clientId: access.clientId,
    brokers: [...access.brokers],
    connectionTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    retry: RETRY,
    // Failures reach the caller as errors; kafkajs would print each of them besides.
    logLevel: logLevel.NOTHING,
    ...kafkajsSecurity(access),
  });
}

/** Bytes as kafkajs takes them, not copied; it would write any other array of bytes as text. */
export function asBuffer(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
