/** How much memory a restart may take: what it reads again rebuilds panes, and they are all in memory at once. */
import type { EventNames } from "../stream/event_reader.ts";
import type { Config } from "../config.ts";
import { mostPaneBytes } from "../window/pane.ts";
import { panesNeeded } from "../window/shape.ts";

/** What a replay may take, and what there is. Bytes. */
export interface ReplayMemory {
  /** As if every category that the store knows had events of every region in every pane. */
  readonly needed: number;
  readonly total: number;
}

/** Estimates the memory of a replay. */
export function replayMemory({ shape, maxSkewMs }: Config, names: EventNames): ReplayMemory {
  const categories = names.admittedCategories.length, regions = names.admittedRegions.length;
  const needed = panesNeeded(shape, maxSkewMs) * categories * mostPaneBytes(regions);
  return { needed, total: Deno.systemMemoryInfo().total };
}

/** Why the memory may not do, with what to do about it; undefined when it does. */
export function memoryProblem({ needed, total }: ReplayMemory): string | undefined {
  if (needed <= total / 2) return undefined;
  return `a restart may need ${gibibytes(needed)} of memory to rebuild its panes, and this machine has ` +
    `${gibibytes(total)}: shorten TALLY_WINDOW, lengthen TALLY_SLIDE, or share the topic among more machines`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
