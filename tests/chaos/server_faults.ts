/** Brokers and stores that are killed. */
import { playRounds } from "./plot.ts";
import type { Scenario } from "./scenario.ts";
import { BROKERS } from "./theatre.ts";

/** One broker of three is killed and started again. */
export const brokerKilled: Scenario = {
  name: "broker",
  fault: "kill -9 of one of three brokers, back after 10 s",
  play(theatre, dose) {
    const { kafka } = theatre.services, awayMs = dose.isShort ? 3_000 : 10_000;
    return playRounds({ theatre, dose }, { short: 1, long: 6 }, ({ stage }) => ({
      begins: [stage.seat("processor")],
      async round() {
        const node = 1 + stage.random.below(BROKERS);
        await stage.pause(0, 3_000);
        await stage.harm("kill of a broker", async (now) => {
          now();
          await kafka.kill(node);
          await stage.pause(awayMs, awayMs);
          await kafka.restart(node);
        });
      },
    }));
  },
};

/** The store is killed and started again at once. */
export const storeKilled: Scenario = {
  name: "store",
  fault: "kill -9 of InfluxDB, restarted at once",
  play(theatre, dose) {
    const { influx } = theatre.services;
    return playRounds({ theatre, dose }, { short: 1, long: 8 }, ({ stage }) => ({
      begins: [stage.seat("processor")],
      async round() {
        await stage.pause(0, 3_000);
        await stage.harm("kill of the store", async (now) => {
          now();
          await influx.kill();
          await influx.restart();
        });
      },
    }));
  },
};

/** The store is away for a while; recovery counts from its return. */
export const storeAway: Scenario = {
  name: "outage",
  fault: "InfluxDB away for 60 s (recovery from its return)",
  play(theatre, dose) {
    const { influx } = theatre.services, awayMs = dose.isShort ? 5_000 : 60_000;
    return playRounds({ theatre, dose }, { short: 1, long: 2 }, ({ stage }) => ({
      begins: [stage.seat("processor")],
      async round() {
        await stage.pause(0, 3_000);
        await stage.harm("outage", async (now) => {
          await influx.kill();
          await stage.pause(awayMs, awayMs);
          await influx.restart();
          now();
        });
      },
    }));
  },
};
