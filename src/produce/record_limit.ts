/** The largest record that producing a file sends. */

/** In bytes of value: what Kafka's default `message.max.bytes` (1,048,588) takes, with room for key and headers. */
export const RECORD_MAX_BYTES = 1_048_000;
