/** What a window is folded from and to: the contents of panes without their regions. */
import { type CustomersData, mergeCustomers, NOBODY } from "./customers.ts";
import { type FrequentData, mergeFrequent, NONE_FREQUENT } from "./frequent.ts";
import { mergeMoments, type MomentsData, NO_MOMENTS } from "./moments.ts";
import { mergeQuantiles, NO_AMOUNTS, type QuantileSketchData } from "./quantile_sketch.ts";

/** Events of some panes, as plain data. */
export interface Fold {
  readonly moments: MomentsData;
  readonly amounts: QuantileSketchData;
  readonly customers: CustomersData;
  readonly merchants: FrequentData;
}

/** No event. */
export const NOTHING: Fold = Object.freeze({
  moments: NO_MOMENTS,
  amounts: NO_AMOUNTS,
  customers: NOBODY,
  merchants: NONE_FREQUENT,
});

/** The events of both; nothing changes nothing, to the bit. */
export function mergeFolds(a: Fold, b: Fold): Fold {
  if (b.moments.count === 0) return a;
  if (a.moments.count === 0) return b;
  return {
    moments: mergeMoments(a.moments, b.moments),
    amounts: mergeQuantiles(a.amounts, b.amounts),
    customers: mergeCustomers(a.customers, b.customers),
    merchants: mergeFrequent(a.merchants, b.merchants),
  };
}
