/** TLS and SASL in the words of each client library. */
import type { ConnectionOptions } from "@platformatic/kafka";
import type { KafkaConfig as KafkajsConfig, SASLOptions } from "kafkajs";
import type { KafkaAccess, KafkaSasl } from "./kafka_config.ts";

/** Security options of a @platformatic/kafka connection. */
export function connectionSecurity(access: KafkaAccess): Pick<ConnectionOptions, "tls" | "sasl"> {
  const tls = access.ssl === false ? {} : { tls: access.ssl === true ? {} : access.ssl };
  return access.sasl === undefined ? tls : { ...tls, sasl: { ...access.sasl } };
}

/** Security options of a kafkajs client. */
export function kafkajsSecurity(access: KafkaAccess): Pick<KafkajsConfig, "ssl" | "sasl"> {
  const ssl = typeof access.ssl === "boolean" ? access.ssl : { ...access.ssl };
  return access.sasl === undefined ? { ssl } : { ssl, sasl: kafkajsSasl(access.sasl) };
}

function kafkajsSasl({ mechanism, username, password }: KafkaSasl): SASLOptions {
  switch (mechanism) {
    case "PLAIN":
      return { mechanism: "plain", username, password };
    case "SCRAM-SHA-256":
      return { mechanism: "scram-sha-256", username, password };
    case "SCRAM-SHA-512":
      return { mechanism: "scram-sha-512", username, password };
  }
}
