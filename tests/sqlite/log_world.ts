/** A fresh embedded log for each test. */
import { systemClock } from "../../src/clock.ts";
import { BatchTable } from "../../src/sqlite/batch_table.ts";
import { Database } from "../../src/sqlite/database.ts";
import { EmbeddedLog } from "../../src/sqlite/embedded_log.ts";
import { LOG_DATABASE } from "../../src/sqlite/log_schema.ts";
import { Topics } from "../../src/sqlite/topics.ts";
import type { SourceWorld } from "../contracts/source_contract.ts";

/** The topic that every world has. */
export const TOPIC = "transactions";

/** A folder that goes with the test. */
export function temporaryFolder(): { readonly path: string } & AsyncDisposable {
  const path = Deno.makeTempDirSync({ prefix: "tally_sqlite_" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** A world for the contracts: every `open` is a log of its own on the same file, as another process would have it. */
export async function makeLogWorld({ partitions }: { readonly partitions: number }): Promise<SourceWorld> {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(temporaryFolder());
  const openLog = () => resources.use(new EmbeddedLog(folder.path, { clock: systemClock }));
  const log = openLog();
  await log.admin().create(TOPIC, { partitions });
  return {
    topic: TOPIC,
    admin: log.admin(),
    producer: log.producer(TOPIC),
    severalMembers: false,
    open: (group) => Promise.resolve(openLog().source({ topic: TOPIC, group })),
    deadLetters: () => Promise.resolve(openLog().deadLetters()),
    truncate: (partition, firstOffset) => Promise.resolve(truncate(folder.path, { partition, firstOffset })),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function truncate(directory: string, { partition, firstOffset }: { partition: number; firstOffset: number }): void {
  using database = Database.open(`${directory}/log.db`, LOG_DATABASE);
  const { id } = new Topics(database).partitionOf(TOPIC, partition);
  const table = new BatchTable(database);
  database.transaction("truncate", () => table.trim(id, (oldest) => oldest.nextOffset <= firstOffset));
}
