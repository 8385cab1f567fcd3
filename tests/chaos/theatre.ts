/** The servers of a run, and stages on them, each with a topic, a group and a bucket of its own. */
import { createDatabase } from "../influx/databases.ts";
import { pointsIn, type Services, type ServiceWorld, serviceWorld } from "../e2e_services/services_world.ts";
import { influx, kafka } from "../services/services.ts";
import { GroupWatch } from "./group_watch.ts";
import { Stage } from "./stage.ts";

/** Brokers; the brokers' own default is then three replicas, of which two must be in sync. */
export const BROKERS = 3;

/** How a stage is set. */
export interface Setting {
  readonly seed: number;
  readonly rate: number;
  readonly env: Readonly<Record<string, string>>;
}

/** A stage on Kafka and InfluxDB. */
export interface ServiceStage extends AsyncDisposable {
  readonly stage: Stage;
  readonly world: ServiceWorld;
  readonly group: GroupWatch;
}

/** Kafka with three brokers and InfluxDB, ours alone; disposing of it ends the stages that are still open, too. */
export class Theatre implements AsyncDisposable {
  readonly services: Services;
  readonly #stack: AsyncDisposableStack;

  private constructor(services: Services, stack: AsyncDisposableStack) {
    this.services = services;
    this.#stack = stack;
  }

  /** Starts the servers. */
  static async open(): Promise<Theatre> {
    await using stack = new AsyncDisposableStack();
    const services = {
      kafka: stack.use(await kafka({ nodes: BROKERS })),
      influx: stack.use(await influx({ own: true })),
    };
    return new Theatre(services, stack.move());
  }

  /** A stage of its own on these servers. */
  async stage({ seed, rate, env }: Setting): Promise<ServiceStage> {
    const stack = this.#stack.use(new AsyncDisposableStack());
    const world = stack.use(await serviceWorld(this.services, env));
    const { url, token, org } = this.services.influx;
    const undisturbed = async () => {
      const { config: database } = stack.use(await createDatabase({ version: "2.7", url, token, org }));
      const tally = world.tally.with({ KAFKA_GROUP_ID: `${world.group}-again`, INFLUX_BUCKET: database.bucket });
      return { tally, written: () => pointsIn(database) };
    };
    const { tally, written, topic } = world, { brokers } = this.services.kafka;
    const group = stack.use(new GroupWatch({ brokers, topic, group: world.group }));
    const stage = stack.use(new Stage({ tally, written, undisturbed, seed, rate, logEnd: () => group.end() }));
    return { stage, world, group, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
