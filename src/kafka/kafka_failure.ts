/** Turns what the Kafka client throws into the errors that a catcher of a port chooses by. */
import { findErrorBy, ProtocolError, protocolErrorsCodesById } from "@platformatic/kafka";
import { ConfigError, FencedError, RetryableError } from "../stream/failures.ts";

/** Error numbers of the Kafka protocol that this folder acts on. */
export const KafkaCode = {
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  messageTooLarge: 10,
  offsetMetadataTooLarge: 12,
  recordListTooLarge: 18,
  coordinatorLoadInProgress: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  illegalGeneration: 22,
  inconsistentGroupProtocol: 23,
  invalidGroupId: 24,
  unknownMemberId: 25,
  invalidSessionTimeout: 26,
  rebalanceInProgress: 27,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  clusterAuthorizationFailed: 31,
  unsupportedVersion: 35,
  saslAuthenticationFailed: 58,
  memberIdRequired: 79,
  fencedInstanceId: 82,
} as const;

/** The generation is over, or somebody else has our name. */
const FENCED: ReadonlySet<number> = new Set([
  KafkaCode.illegalGeneration,
  KafkaCode.unknownMemberId,
  KafkaCode.rebalanceInProgress,
  KafkaCode.fencedInstanceId,
]);

/** The caller's bytes are more than the broker takes. */
const TOO_LARGE: ReadonlySet<number> = new Set([
  KafkaCode.messageTooLarge,
  KafkaCode.offsetMetadataTooLarge,
  KafkaCode.recordListTooLarge,
]);

/** What only the user can change, and how. */
const CURES: ReadonlyMap<number, string> = new Map([
  [KafkaCode.unknownTopicOrPartition, "the topic does not exist; create it (tally topic create) or set KAFKA_TOPIC"],
  [KafkaCode.inconsistentGroupProtocol, "the group belongs to another kind of consumer; set another KAFKA_GROUP_ID"],
  [KafkaCode.invalidGroupId, "the broker refuses the group's name; set another KAFKA_GROUP_ID"],
  [KafkaCode.invalidSessionTimeout, "the broker refuses the session time-out; set KAFKA_SESSION_TIMEOUT"],
  [KafkaCode.topicAuthorizationFailed, "the user may not read or write the topic; ask for the right"],
  [KafkaCode.groupAuthorizationFailed, "the user may not read with this group; ask for the right"],
  [KafkaCode.clusterAuthorizationFailed, "the user may not do this in the cluster; ask for the right"],
  [KafkaCode.unsupportedVersion, "the broker is too old; Kafka 3.5 or later is needed"],
  [
    KafkaCode.saslAuthenticationFailed,
    "the broker refuses the user; check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD",
  ],
]);

/** Numbers of the protocol errors inside a client error; none for a network failure or a time-out. */
export function codesOf(error: unknown): number[] {
  if (error instanceof ProtocolError) return [Number(Reflect.get(error, "apiCode"))];
  if (isKafkajs(error)) {
    const code: unknown = Reflect.get(error, "code");
    return typeof code === "number" ? [code] : [error.cause, ...partsOf(error)].flatMap(codesOf);
  }
  return partsOf(error).flatMap(codesOf);
}

/** By name: kafkajs exports its error classes in a way that an ES module cannot import. */
function isKafkajs(error: unknown): error is Error {
  return error instanceof Error && error.name.startsWith("KafkaJS");
}

/** The errors that an error of several parts holds; both libraries have classes of their own for it. */
function partsOf(error: unknown): unknown[] {
  const parts: unknown = error instanceof Error ? Reflect.get(error, "errors") : undefined;
  return Array.isArray(parts) ? parts : [];
}

/** The protocol's name for an error number. */
export function codeName(code: number): string {
  const name: unknown = Reflect.get(protocolErrorsCodesById, code);
  return typeof name === "string" ? name : `error ${code}`;
}

/** The error of a port for what a Kafka client threw while it was to do `what` ("commit offsets of group x"). */
export function portError(error: unknown, what: string): Error {
  if (error instanceof RetryableError || error instanceof ConfigError || error instanceof FencedError) return error;
  const codes = codesOf(error);
  for (const code of codes) {
    const cure = CURES.get(code);
    if (cure !== undefined) return new ConfigError(`Cannot ${what}: ${cure}`, { cause: error });
  }
  if (codes.some((code) => FENCED.has(code))) {
    return new FencedError(`Cannot ${what}: the generation is over (${messageOf(error)})`, { cause: error });
  }
  if (codes.some((code) => TOO_LARGE.has(code))) {
    return new RangeError(`Cannot ${what}: it is larger than the broker allows`, { cause: error });
  }
  const refused = loginFailure(error);
  if (refused !== undefined) return new ConfigError(`Cannot ${what}: ${refused}`, { cause: error });
  return new RetryableError(`Cannot ${what}: ${messageOf(error)}${brokenLogin(error)}`, { cause: error });
}

/** What to change when broker and client do not agree on how to talk; undefined when that is not the trouble. */
function loginFailure(error: unknown): string | undefined {
  for (const one of chainOf(error)) {
    if (/requires TLS|TLS handshake failed|certificate|InvalidContentType/i.test(one.message)) {
      return `${one.message.replace(/\.$/, "")}; check KAFKA_SSL and the certificates`;
    }
    if (isLoginError(one) && !isBroken(one)) {
      return `${messageOf(one)}; check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD`;
    }
  }
  return undefined;
}

/** A broker that wants TLS closes the connection at our first word, and so does one that is being stopped. */
function brokenLogin(error: unknown): string {
  return chainOf(error).some((one) => isLoginError(one) && isBroken(one)) ? "; if it wants TLS, set KAFKA_SSL" : "";
}

function isLoginError(error: Error): boolean {
  return error.name === "KafkaJSSASLAuthenticationError" ||
    findErrorBy(error, "code", "PLT_KFK_AUTHENTICATION") !== null;
}

function isBroken(error: Error): boolean {
  return chainOf(error.cause).some((one) => findErrorBy(one, "code", "PLT_KFK_NETWORK"));
}

/** An error with all that it was caused by or is made of. */
function chainOf(error: unknown): Error[] {
  return error instanceof Error ? [error, ...[error.cause, ...partsOf(error)].flatMap(chainOf)] : [];
}

/** The innermost messages in one line. */
function messageOf(error: unknown): string {
  const parts = partsOf(error);
  if (parts.length > 0) return [...new Set(parts.map(messageOf))].join("; ");
  if (!(error instanceof Error)) return String(error);
  const own = error.message.replace(/\.$/, "");
  return error.cause instanceof Error ? `${own} (${messageOf(error.cause)})` : own;
}
