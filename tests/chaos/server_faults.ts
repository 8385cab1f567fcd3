/** Brokers and stores that are killed. */
import { BROKERS } from "./theatre.ts";
import { RATE, type Scenario, settingsFor } from "./scenario.ts";

/** One broker of three is killed and started again. */
export const brokerKilled: Scenario = {
  name: "broker",
  fault: "kill -9 of one of three brokers, back after 10 s",
  async play(theatre, dose) {
    const { kafka } = theatre.services;
    await using set = await theatre.stage({ seed: dose.seed, rate: RATE, env: settingsFor(dose) });
    const { stage } = set, awayMs = dose.isShort ? 3_000 : 10_000;
    await stage.begin(stage.seat("processor"));
    for (let kill = 1; kill <= (dose.isShort ? 1 : 6); kill++) {
      const node = 1 + stage.random.below(BROKERS);
      await stage.pause(0, 3_000);
      await stage.harm("kill of a broker", async (now) => {
        now();
        await kafka.kill(node);
        await stage.pause(awayMs, awayMs);
        await kafka.restart(node);
      });
    }
    return await stage.end();
  },
};

/** The store is killed and started again at once. */
export const storeKilled: Scenario = {
  name: "store",
  fault: "kill -9 of InfluxDB, restarted at once",
  async play(theatre, dose) {
    const { influx } = theatre.services;
    await using set = await theatre.stage({ seed: dose.seed, rate: RATE, env: settingsFor(dose) });
    const { stage } = set;
    await stage.begin(stage.seat("processor"));
    for (let kill = 1; kill <= (dose.isShort ? 1 : 8); kill++) {
      await stage.pause(0, 3_000);
      await stage.harm("kill of the store", async (now) => {
        now();
        await influx.kill();
        await influx.restart();
      });
    }
    return await stage.end();
  },
};

/** The store is away for a while; recovery counts from its return. */
export const storeAway: Scenario = {
  name: "outage",
  fault: "InfluxDB away for 60 s (recovery from its return)",
  async play(theatre, dose) {
    const { influx } = theatre.services;
    await using set = await theatre.stage({ seed: dose.seed, rate: RATE, env: settingsFor(dose) });
    const { stage } = set, awayMs = dose.isShort ? 5_000 : 60_000;
    await stage.begin(stage.seat("processor"));
    for (let outage = 1; outage <= (dose.isShort ? 1 : 2); outage++) {
      await stage.pause(0, 3_000);
      await stage.harm("outage", async (now) => {
        await influx.kill();
        await stage.pause(awayMs, awayMs);
        await influx.restart();
        now();
      });
    }
    return await stage.end();
  },
};
