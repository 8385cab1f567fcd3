/** Groups that grow, shrink and start anew while they work. */
import { playRounds } from "./plot.ts";
import type { Scenario } from "./scenario.ts";

/** A second and a third processor come and go, in order and not. */
export const membersChange: Scenario = {
  name: "members",
  fault: "a second and a third processor join, leave by SIGTERM, by kill -9",
  play: (theatre, dose) =>
    playRounds({ theatre, dose }, { short: 1, long: 4 }, ({ stage }) => {
      const [one, two, three] = [stage.seat("one"), stage.seat("two"), stage.seat("three")] as const;
      const step = async (what: string, act: () => Promise<unknown>) => {
        await stage.harm(what, async (now) => {
          now();
          await act();
        });
        await stage.pause(0, 3_000);
      };
      return {
        begins: [one],
        async round() {
          await step("one joins", () => two.start());
          await step("one joins", () => three.start());
          await step("one is told to leave", () => three.stop());
          await step("one joins", () => three.start());
          await step("one is killed", () => two.kill());
          await step("one is told to leave", () => three.stop());
        },
      };
    }),
};

/** One member comes and goes without a rest; each coming and going counts. */
export const memberFlaps: Scenario = {
  name: "flapping",
  fault: "one of three processors leaves and joins again without a rest",
  play: (theatre, dose) =>
    playRounds({ theatre, dose }, { short: 1, long: 3 }, ({ stage }) => {
      const [one, two, flapping] = [stage.seat("one"), stage.seat("two"), stage.seat("flapping")] as const;
      const flap = async () => {
        await (stage.random.unit() < 0.5 ? flapping.kill() : flapping.stop());
        await stage.pause(0, 1_500);
        await flapping.start();
        await stage.pause(0, 1_500);
      };
      return {
        begins: [one, two, flapping],
        round: () =>
          stage.harm("four times away and back", async (now) => {
            now();
            for (let flaps = 0; flaps < 4; flaps++) await flap();
          }),
      };
    }),
};

/** Three named processors are told to go and started again, one after the other. */
export const rollingRestart: Scenario = {
  name: "rolling",
  fault: "rolling restart of three processors",
  play: (theatre, dose) =>
    playRounds({ theatre, dose }, { short: 1, long: 2 }, ({ stage }) => {
      const seats = ["one", "two", "three"].map((name) => stage.seat(name, { KAFKA_INSTANCE_ID: name }));
      return {
        begins: seats,
        async round() {
          for (const seat of seats) {
            await stage.harm("restart", async (now) => {
              now();
              await seat.stop();
              await seat.start();
            });
          }
        },
      };
    }),
};
