/** The same for an installation without servers: the log and the store are files. */
import assert from "node:assert/strict";
import { Installation } from "../e2e/installation.ts";
import { exported } from "../e2e/store_law.ts";
import { killAgainAndAgain } from "./processor_faults.ts";
import { type Dose, RATE, type Scenario, settingsFor } from "./scenario.ts";
import { SmallDisk } from "./small_disk.ts";
import { Stage } from "./stage.ts";

/** Room for what a scenario writes before and after the disk is full. */
const DISK_BYTES = 256 * 1024 * 1024;

/** The processor of an embedded log and store is killed. */
export const embeddedKilled: Scenario = {
  name: "embedded",
  fault: "kill -9 of the processor of an embedded log and store",
  async play(_theatre, dose) {
    await using tally = await Installation.create(settingsFor(dose));
    await using stage = embeddedStage(tally, dose);
    return await killAgainAndAgain(stage, dose);
  },
};

/** The disk of the embedded log and store is full for a while; recovery counts from when there is room again. */
export const diskFull: Scenario = {
  name: "disk",
  fault: "full disk under the embedded log and store (recovery from when there is room again)",
  async play(_theatre, dose) {
    await using disk = await SmallDisk.mount(DISK_BYTES);
    await using tally = await Installation.create({ ...settingsFor(dose), TALLY_DATA_DIR: `${disk.directory}/data` });
    await using stage = embeddedStage(tally, dose);
    const seat = stage.seat("processor");
    await stage.begin(seat);
    for (let round = 1; round <= (dose.isShort ? 1 : 4); round++) {
      await stage.pause(0, 2_000);
      await stage.harm("full disk", async (now) => {
        await disk.fill();
        await stage.pause(3_000, dose.isShort ? 4_000 : 10_000);
        assert.match(
          `${seat.said}${stage.producerSaid}`,
          /disk is full|disk I\/O error/,
          "nobody says that the disk is full",
        );
        await disk.free();
        now();
      });
    }
    return await stage.end();
  },
};

function embeddedStage(tally: Installation, { seed }: Dose): Stage {
  const written = () => exported(tally);
  return new Stage({
    tally,
    written,
    undisturbed: undefined,
    seed,
    rate: RATE,
    logEnd: () => Promise.resolve(undefined),
  });
}
