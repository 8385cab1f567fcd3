/** The contract of amendments, and what else the embedded ones keep to. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { EmbeddedLog } from "../../src/sqlite/embedded_log.ts";
import { amendmentsContract, type AmendmentsWorld } from "../contracts/amendments_contract.ts";
import { temporaryFolder, TOPIC } from "./log_world.ts";

amendmentsContract("EmbeddedAmendments", (): Promise<AmendmentsWorld> => {
  const resources = new AsyncDisposableStack(), { path } = resources.use(temporaryFolder());
  return Promise.resolve({
    open: () => Promise.resolve(resources.use(new EmbeddedLog(path, { clock: systemClock })).amendments(TOPIC)),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  });
});

Deno.test("EmbeddedAmendments are those of one topic, and go with it", async () => {
  await using folder = temporaryFolder();
  await using log = new EmbeddedLog(folder.path, { clock: systemClock });
  for (const topic of ["a", "b"]) {
    await log.admin().create(topic, { partitions: 1 });
    await log.amendments(topic).add([{ partition: 0, offset: 1 }]);
  }
  await log.admin().remove("a");
  const left = await Promise.all(["a", "b"].map((topic) => Array.fromAsync(log.amendments(topic).read())));
  assert.deepEqual(left, [[], [{ partition: 0, offset: 1 }]]);
});
