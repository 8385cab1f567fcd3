/** All scenarios, in the order of the table. */
import { diskFull, embeddedKilled } from "./embedded_faults.ts";
import { memberFlaps, membersChange, rollingRestart } from "./group_changes.ts";
import { namedProcessorKilled, processorFrozen, processorKilled } from "./processor_faults.ts";
import type { Scenario } from "./scenario.ts";
import { brokerKilled, storeAway, storeKilled } from "./server_faults.ts";

/** Each leaves the servers as it found them. */
export const SCENARIOS: readonly Scenario[] = [
  processorKilled,
  namedProcessorKilled,
  processorFrozen,
  brokerKilled,
  storeKilled,
  storeAway,
  membersChange,
  memberFlaps,
  rollingRestart,
  embeddedKilled,
  diskFull,
];
