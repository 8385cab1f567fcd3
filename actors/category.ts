/** A category of one partition: counts what it is told and answers with its windows. Knows neither Kafka nor InfluxDB. */
import { actor } from "../src/actor/mod.ts";
import { CategoryWindow, type EndRange } from "../src/window/category_window.ts";
import type { Columns } from "../src/window/columns.ts";
import type { WindowShape } from "../src/window/shape.ts";

/** Actor holding a `CategoryWindow`; a crash is its partition task's. */
export const category = actor({
  name: "category",
  init: (args: { readonly shape: WindowShape }) => new CategoryWindow(args.shape),
  on: {
    /** Counts the rows; the columns are the sender's again once this is answered. */
    tally(window, columns: Columns) {
      window.tally(columns);
    },
    /** Windows and panes that end in the range. */
    take: (window, range: EndRange) => window.take(range),
    /** Whether any pane with events is left. */
    isKept: (window) => window.paneCount > 0,
    /** Forgets panes that start before the horizon. */
    prune(window, horizonMs: number) {
      window.prune(horizonMs);
    },
  },
});
