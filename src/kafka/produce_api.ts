/** Kafka's Produce request with record batches that are bytes already. */
import { Buffer } from "node:buffer";
import { type API, createAPI, produceV9, Writer } from "@platformatic/kafka";

/** A record batch for one partition. */
export interface PartitionBatch {
  readonly partition: number;
  readonly batch: Uint8Array;
}

type ProduceAnswer = ReturnType<typeof produceV9.parseResponse>;

const PRODUCE_KEY = 0;
const PRODUCE_VERSION = 9;
const NO_TRANSACTION = null;
const ACKS_ALL = -1;
/** How long the leader waits for its followers. */
const ACKS_MS = 10_000;

/** Appends batches, at most one a partition, and answers once they are durable. Source: ProduceRequest.json, version 9. */
export const rawProduce: API<[topic: string, batches: readonly PartitionBatch[]], ProduceAnswer> = createAPI(
  PRODUCE_KEY,
  PRODUCE_VERSION,
  writeRequest,
  produceV9.parseResponse,
);

function writeRequest(topic: string, batches: readonly PartitionBatch[]): Writer {
  return Writer.create()
    .appendString(NO_TRANSACTION)
    .appendInt16(ACKS_ALL)
    .appendInt32(ACKS_MS)
    .appendArray([topic], (writer, name) => {
      writer.appendString(name).appendArray([...batches], (w, { partition, batch }) => {
        w.appendInt32(partition).appendBytes(Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength));
      });
    })
    .appendTaggedFields();
}
