/** Points as the page's model takes them. */
import { flatten } from "../../src/domain/point.ts";
import { pointOf } from "../../src/web/page/series.js";
import { averagePoint, ledgerAt } from "../fakes/fake_views.ts";

type Fields = Parameters<typeof averagePoint>[2];

/** A point as the stream brings it. */
export function seen(category: string, timeMs: number, fields: Fields = {}) {
  return pointOf(flatten(averagePoint(category, timeMs, fields)));
}

/** The body of a snapshot or a delta. */
export function message(highMs: number | null, points: ReturnType<typeof seen>[]) {
  return { nowMs: 0, highMs, ledger: ledgerAt(0), points };
}
