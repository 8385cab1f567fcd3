/** The embedded store keeps the contract of a store. */
import { systemClock } from "../../src/clock.ts";
import { EmbeddedStore } from "../../src/sqlite/embedded_store.ts";
import type { Store } from "../../src/stream/store.ts";
import { storeContract } from "../contracts/store_contract.ts";
import { temporaryFolder } from "./log_world.ts";

storeContract("EmbeddedStore", () => {
  const folder = temporaryFolder();
  const store: Store = new EmbeddedStore(folder.path, { clock: systemClock });
  return Promise.resolve({
    write: (points) => store.write(points),
    read: (query) => store.read(query),
    amend: (points) => store.amend(points),
    tagValues: (query) => store.tagValues(query),
    remove: (removal) => store.remove(removal),
    ping: () => store.ping(),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  });
});
