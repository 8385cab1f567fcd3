/** Processors that are killed or stand still. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { playRounds } from "./plot.ts";
import { type Dose, RATE, type Scenario, settingsFor } from "./scenario.ts";
import type { Play, Stage } from "./stage.ts";
import type { Theatre } from "./theatre.ts";
import { WriteTap } from "./write_tap.ts";

/** The only processor is killed at random moments and started again at once. */
export const processorKilled: Scenario = {
  name: "kill",
  fault: "kill -9 of the only processor, restarted at once",
  play: (theatre, dose) => kills(theatre, dose, {}),
};

/** The same under a name that the group knows again. */
export const namedProcessorKilled: Scenario = {
  name: "kill-named",
  fault: "the same with KAFKA_INSTANCE_ID",
  play: (theatre, dose) => kills(theatre, dose, { KAFKA_INSTANCE_ID: "one" }),
};

async function kills(theatre: Theatre, dose: Dose, settings: Readonly<Record<string, string>>): Promise<Play> {
  await using set = await theatre.stage({ seed: dose.seed, rate: RATE, env: settingsFor(dose) });
  return await killAgainAndAgain(set.stage, dose, settings);
}

/** How often a processor is killed again before it has got far. */
const DIES_AGAIN = 0.25;

/** Kills the only processor at random moments; now and then the next one too, before it has got far. */
export async function killAgainAndAgain(
  stage: Stage,
  dose: Dose,
  settings: Readonly<Record<string, string>> = {},
): Promise<Play> {
  const seat = stage.seat("processor", settings);
  await stage.begin(seat);
  for (let kill = 1; kill <= (dose.isShort ? 3 : 20); kill++) {
    await stage.pause(0, dose.isShort ? 1_000 : 4_000);
    await stage.harm("kill", async (now) => {
      // Recovery counts from the last kill: the one before had none.
      for (let isEnough = false; !isEnough; isEnough = stage.random.unit() >= DIES_AGAIN) {
        if (seat.isTaken) await stage.pause(0, 1_500);
        now();
        await seat.kill();
        await seat.start();
      }
    });
  }
  return await stage.end();
}

/** One of two processors stands still for longer than its session, while the other takes over. */
export const processorFrozen: Scenario = {
  name: "freeze",
  fault: "SIGSTOP of one of two processors for longer than the session time-out, then SIGCONT",
  async play(theatre, dose) {
    await using tap = new WriteTap(theatre.services.influx.url);
    return await playRounds({ theatre, dose }, { short: 1, long: 5 }, ({ stage, world, group }) => {
      const zombie = stage.seat("zombie", { INFLUX_URL: tap.url }), other = stage.seat("other");
      return {
        begins: [zombie, other],
        async round() {
          await stage.pause(0, dose.isShort ? 1_000 : 5_000);
          await stage.harm("freeze", async (now) => {
            await zombie.freeze();
            now();
            const frozenMs = world.tally.config.kafka?.sessionTimeoutMs ?? 0;
            await stage.pause(frozenMs + 2_000, frozenMs + (dose.isShort ? 3_000 : 8_000));
            const thawedAtMs = systemClock.elapsedMs();
            const alone = group.aloneUntil();
            zombie.thaw();
            const writes = tap.writesWithin(thawedAtMs, await alone);
            assert.deepEqual(writes, [], "a zombie has written before it was a member again");
          });
        },
      };
    });
  },
};
