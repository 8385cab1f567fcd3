/** The contracts of the ports, on a real broker. */
import { systemClock } from "../../src/clock.ts";
import { KafkaBatchProducer } from "../../src/kafka/kafka_batch_producer.ts";
import { deadLettersContract } from "../contracts/dead_letters_contract.ts";
import { producerContract } from "../contracts/producer_contract.ts";
import { sourceContract } from "../contracts/source_contract.ts";
import { kafkaWorld, sharedKafka } from "./kafka_world.ts";

const service = sharedKafka();
const sanitized = { sanitizeOps: true, sanitizeResources: true, timeout: 300_000 };

sourceContract("KafkaSource", (options) => kafkaWorld(service(), options), sanitized);
producerContract("KafkaProducer", (options) => kafkaWorld(service(), options), sanitized);
producerContract(
  "KafkaBatchProducer",
  (options) =>
    kafkaWorld(service(), {
      ...options,
      producer: (config) => KafkaBatchProducer.open(config, config.topic, systemClock),
    }),
  sanitized,
);
deadLettersContract("KafkaDeadLetters", (options) => kafkaWorld(service(), options), sanitized);
