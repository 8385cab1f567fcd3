/** How to reach Kafka: everything an adapter of this folder needs to know, handed in by the configuration. */

/** The SASL mechanisms that both clients of this folder speak. */
export type SaslMechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";

/** User name and password, and how they are proved. */
export interface KafkaSasl {
  readonly mechanism: SaslMechanism;
  readonly username: string;
  readonly password: string;
}

/** TLS with other trust than the system's. */
export interface KafkaTls {
  /** Certificates to trust, PEM. @default the system's */
  readonly ca?: string;
  /** Our own certificate, PEM, where the broker asks for one. */
  readonly cert?: string;
  /** The key of `cert`, PEM. */
  readonly key?: string;
}

/** The brokers, and how to talk to them: what producers and administrators need. */
export interface KafkaAccess {
  /** `host:port`, at least one; the others of the cluster are found through them. */
  readonly brokers: readonly string[];
  readonly ssl: boolean | KafkaTls;
  readonly sasl?: KafkaSasl;
  /** Our name in the broker's logs and quotas. */
  readonly clientId: string;
}

/** A member of a consumer group on one topic. */
export interface KafkaConfig extends KafkaAccess {
  readonly topic: string;
  readonly groupId: string;
  /** Static membership: a restart under the same id within the session time-out takes its partitions up again at once. */
  readonly instanceId?: string;
  /** How long the group keeps partitions for a member that is silent; at least the broker's minimum (6 s by default). */
  readonly sessionTimeoutMs: number;
}
