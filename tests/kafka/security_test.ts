/** TLS and SASL on a real broker. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { KafkaAdmin } from "../../src/kafka/kafka_admin.ts";
import type { KafkaConfig, KafkaSasl, SaslMechanism } from "../../src/kafka/kafka_config.ts";
import { KafkaProducer } from "../../src/kafka/kafka_producer.ts";
import { KafkaSource } from "../../src/kafka/kafka_source.ts";
import { ConfigError, RetryableError } from "../../src/stream/failures.ts";
import { readAll, utf8 } from "../contracts/log_reading.ts";
import { Installation } from "../e2e/installation.ts";
import { kafka, type KafkaService } from "../services/services.ts";
import { configFor, freshTopic } from "./kafka_world.ts";
import { TellingMember } from "./telling_member.ts";

const USER = "tally";
const PASSWORD = "correct horse";

interface Secured extends AsyncDisposable {
  readonly service: KafkaService;
  /** The certificate to trust. */
  readonly ca: string;
  /** What a client that does everything right is given. */
  config(mechanism: SaslMechanism): KafkaConfig;
}

Deno.test({
  sanitizeOps: true,
  sanitizeResources: true,
  name: "KafkaSource, KafkaProducer and KafkaAdmin speak TLS and SASL, and say what to change when refused",
  async fn(test) {
    await using secured = await start();
    for (const mechanism of ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const) {
      await test.step(`${mechanism} over TLS`, () => appendsAndReads(secured.config(mechanism)));
    }
    const good = secured.config("PLAIN");
    const wrong: KafkaSasl = { mechanism: "PLAIN", username: USER, password: "wrong" };
    await test.step("a wrong password", () => refused({ ...good, sasl: wrong }, /KAFKA_SASL_PASSWORD/));
    const unknown: KafkaSasl = { ...wrong, mechanism: "SCRAM-SHA-512" };
    await test.step("a wrong SCRAM password", () => refused({ ...good, sasl: unknown }, /KAFKA_SASL_PASSWORD/));
    await test.step("a certificate that is not trusted", () => refused({ ...good, ssl: true }, /KAFKA_SSL/));
    await test.step("tally doctor with these settings", () => doctorAgrees(good, secured.ca));
    await test.step("no TLS where it is needed", async () => {
      // A broker that is being stopped looks the same, so this is worth another try.
      const opening = KafkaSource.open({ ...good, ssl: false }, { clock: systemClock });
      await assert.rejects(opening, (error) => error instanceof RetryableError && /KAFKA_SSL/.test(error.message));
    });
  },
});

async function appendsAndReads(config: KafkaConfig): Promise<void> {
  await using admin = new KafkaAdmin(config, systemClock);
  await admin.create(config.topic, { partitions: 1 });
  await using producer = new KafkaProducer(config, config.topic);
  await producer.send([{ key: null, value: utf8("secret") }]);
  await using source = await KafkaSource.open(config, { clock: systemClock });
  const member = new TellingMember();
  await source.join(member);
  const records = await readAll(source, { partition: 0, from: 0, to: 1 });
  assert.deepEqual(records.map((record) => record.value), ["secret"]);
  await source.commit(member.current.generation, [{ partition: 0, position: 1, metadata: "" }]);
  await source.leave();
}

async function refused(config: KafkaConfig, cure: RegExp): Promise<void> {
  const isConfigError = (error: unknown) => {
    assert.ok(error instanceof ConfigError, `${error}`);
    assert.match(error.message, cure);
    return true;
  };
  await assert.rejects(KafkaSource.open(config, { clock: systemClock }), isConfigError);
  await using producer = new KafkaProducer(config, config.topic);
  await assert.rejects(producer.send([{ key: null, value: null }]), isConfigError);
}

/** The program itself, which trusts what `DENO_CERT` names. */
async function doctorAgrees({ brokers, sasl }: KafkaConfig, ca: string): Promise<void> {
  await using tally = await Installation.create({
    KAFKA_BROKERS: brokers.join(","),
    KAFKA_SSL: "true",
    KAFKA_SASL_MECHANISM: sasl?.mechanism ?? "",
    KAFKA_SASL_USERNAME: USER,
    KAFKA_SASL_PASSWORD: PASSWORD,
  });
  const DENO_CERT = `${tally.directory}/ca.pem`;
  await Deno.writeTextFile(DENO_CERT, ca);
  const trusting = tally.with({ DENO_CERT });
  assert.match(await trusting.run("doctor"), /ok +Kafka at .* answers/);
  const wrong = await trusting.with({ DENO_CERT, KAFKA_SASL_PASSWORD: "guessed" }).start("doctor").finished();
  assert.deepEqual([wrong.code, /KAFKA_SASL_PASSWORD/.test(wrong.stdout)], [1, true], wrong.stdout + wrong.stderr);
  assert.doesNotMatch(wrong.stdout + wrong.stderr, /guessed/);
  const strange = await tally.start("doctor").finished();
  assert.deepEqual([strange.code, /check KAFKA_SSL and the certificates/.test(strange.stdout)], [1, true]);
}

async function start(): Promise<Secured> {
  const folder = await Deno.makeTempDir({ prefix: "tally-tls-" });
  await makeCertificate(folder);
  const service = await kafka({ properties: secureListener(`${folder}/keystore.pem`) });
  for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-512"]) {
    const user = ["--entity-type", "users", "--entity-name", USER];
    const added = ["--alter", "--add-config", `${mechanism}=[password=${PASSWORD}]`];
    await service.tool("configs", "--bootstrap-server", service.brokers.join(","), ...user, ...added);
  }
  const ca = await Deno.readTextFile(`${folder}/certificate.pem`);
  return {
    service,
    ca,
    config: (mechanism) => ({
      ...configFor(service, freshTopic("secured")),
      brokers: [`127.0.0.1:${service.extraPort}`],
      ssl: { ca },
      sasl: { mechanism, username: USER, password: PASSWORD },
    }),
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function secureListener(keystore: string): Record<string, string> {
  const listeners = "PLAINTEXT://127.0.0.1:{port},SECURE://127.0.0.1:{extraPort}";
  const module = "org.apache.kafka.common.security";
  const name = "listener.name.secure";
  return {
    listeners: `${listeners},CONTROLLER://127.0.0.1:{controllerPort}`,
    "advertised.listeners": listeners,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": keystore,
    [`${name}.sasl.enabled.mechanisms`]: "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    [`${name}.plain.sasl.jaas.config`]: `${module}.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`,
    [`${name}.scram-sha-256.sasl.jaas.config`]: `${module}.scram.ScramLoginModule required;`,
    [`${name}.scram-sha-512.sasl.jaas.config`]: `${module}.scram.ScramLoginModule required;`,
  };
}

/** An authority of our own, and a certificate for 127.0.0.1 that it has signed. */
async function makeCertificate(folder: string): Promise<void> {
  const file = (name: string) => `${folder}/${name}.pem`;
  const key = (name: string) => ["-newkey", "rsa:2048", "-nodes", "-keyout", file(name), "-days", "2"];
  await openssl(
    "req",
    "-x509",
    ...key("authority-key"),
    "-subj",
    "/CN=Tally test authority",
    "-out",
    file("certificate"),
  );
  const issuer = ["-CA", file("certificate"), "-CAkey", file("authority-key")];
  const names = [
    "-addext",
    "subjectAltName=IP:127.0.0.1,DNS:localhost",
    "-addext",
    "basicConstraints=critical,CA:FALSE",
  ];
  await openssl("req", "-x509", ...key("key"), "-subj", "/CN=localhost", ...names, ...issuer, "-out", file("leaf"));
  const parts = await Promise.all(["key", "leaf"].map((name) => Deno.readTextFile(file(name))));
  await Deno.writeTextFile(`${folder}/keystore.pem`, parts.join(""));
}

async function openssl(...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args: [...args], stderr: "piped" }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}
