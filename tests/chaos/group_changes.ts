/** Groups that grow, shrink and start anew while they work. */
import { RATE, type Scenario, settingsFor } from "./scenario.ts";

/** A second and a third processor come and go, in order and not. */
export const membersChange: Scenario = {
  name: "members",
  fault: "a second and a third processor join, leave by SIGTERM, by kill -9",
  async play(theatre, dose) {
    await using set = await theatre.stage({ seed: dose.seed, rate: RATE, env: settingsFor(dose) });
    const { stage } = set;
    const [one, two, three] = [stage.seat("one"), stage.seat("two"), stage.seat("three")] as const;
    await stage.begin(one);
    for (let round = 1; round <= (dose.isShort ? 1 : 4); round++) {
      const step = async (what: string, act: (now: () => void) => Promise<unknown>) => {
        await stage.harm(what, async (now) => {
          now();
          await act(now);
        });
        await stage.pause(0, 3_000);
      };
      await step("one joins", () => two.start());
      await step("one joins", () => three.start());
      await step("one is told to leave", () => three.stop());
      await step("one joins", () => three.start());
      await step("one is killed", () => two.kill());
      await step("one is told to leave", () => three.stop());
    }
    return await stage.end();
  },
};

/** One member comes and goes without a rest; each coming and going counts. */
export const memberFlaps: Scenario = {
  name: "flapping",
  fault: "one of three processors leaves and joins again without a rest",
  async play(theatre, dose) {
    await using set = await theatre.stage({ seed: dose.seed, rate: RATE, env: settingsFor(dose) });
    const { stage } = set;
    const [one, two, flapping] = [stage.seat("one"), stage.seat("two"), stage.seat("flapping")] as const;
    await stage.begin(one, two, flapping);
    for (let round = 1; round <= (dose.isShort ? 1 : 3); round++) {
      await stage.harm("four times away and back", async (now) => {
        now();
        for (let flap = 0; flap < 4; flap++) {
          await (stage.random.unit() < 0.5 ? flapping.kill() : flapping.stop());
          await stage.pause(0, 1_500);
          await flapping.start();
          await stage.pause(0, 1_500);
        }
      });
    }
    return await stage.end();
  },
};

/** Three named processors are told to go and started again, one after the other. */
export const rollingRestart: Scenario = {
  name: "rolling",
  fault: "rolling restart of three processors",
  async play(theatre, dose) {
    await using set = await theatre.stage({ seed: dose.seed, rate: RATE, env: settingsFor(dose) });
    const { stage } = set;
    const seats = ["one", "two", "three"].map((name) => stage.seat(name, { KAFKA_INSTANCE_ID: name }));
    await stage.begin(...seats);
    for (let round = 1; round <= (dose.isShort ? 1 : 2); round++) {
      for (const seat of seats) {
        await stage.harm("restart", async (now) => {
          now();
          await seat.stop();
          await seat.start();
        });
      }
    }
    return await stage.end();
  },
};
