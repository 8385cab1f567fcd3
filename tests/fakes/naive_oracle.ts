/** The oracle of the windows: keeps every event and recomputes everything from the definitions. */
import type { WindowShape } from "../../src/window/shape.ts";

/** An event that counts. */
export interface OracleEvent {
  readonly category: string;
  readonly region: string;
  readonly occurredAtMs: number;
  readonly amount: number;
  readonly isFraud: boolean;
  readonly customer: string | undefined;
}

/** A window or pane by its definition. */
export interface OracleCell {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly fraudCount: number;
  readonly fraudSum: number;
  /** Ascending. */
  readonly amounts: readonly number[];
  readonly customers: number;
  /** Customers with more than one purchase. */
  readonly repeatCustomers: number;
  /** Purchases of customers. */
  readonly purchases: number;
}

/** Windows that end by `upToMs`, by `category end`: those with an event in them or in the zero fill before. */
export function naiveWindows(
  events: readonly OracleEvent[],
  shape: WindowShape,
  upToMs: number,
): ReadonlyMap<string, OracleCell> {
  const { slideMs, windowMs, zeroFillMs } = shape;
  const ends = new Map<string, { category: string; endMs: number }>();
  for (const { category, occurredAtMs } of events) {
    const paneEndMs = (Math.floor(occurredAtMs / slideMs) + 1) * slideMs;
    for (
      let endMs = paneEndMs;
      endMs - windowMs - zeroFillMs <= paneEndMs - slideMs && endMs <= upToMs;
      endMs += slideMs
    ) {
      ends.set(`${category} ${endMs}`, { category, endMs });
    }
  }
  const byCategory = Map.groupBy(events, ({ category }) => category);
  return new Map([...ends].map(([key, { category, endMs }]) => {
    const inside = (byCategory.get(category) ?? []).filter(({ occurredAtMs }) =>
      occurredAtMs >= endMs - windowMs && occurredAtMs < endMs
    );
    return [key, cellOf(inside)];
  }));
}

/** Panes that end by `upToMs`, by `category region start`. */
export function naivePanes(
  events: readonly OracleEvent[],
  { slideMs }: WindowShape,
  upToMs: number,
): ReadonlyMap<string, OracleCell> {
  const groups = Map.groupBy(events, ({ category, region, occurredAtMs }) => {
    const startMs = Math.floor(occurredAtMs / slideMs) * slideMs;
    return startMs + slideMs <= upToMs ? `${category} ${region} ${startMs}` : "";
  });
  groups.delete("");
  return new Map([...groups].map(([key, inside]) => [key, cellOf(inside)]));
}

function cellOf(events: readonly OracleEvent[]): OracleCell {
  const amounts = events.map(({ amount }) => amount).sort((a, b) => a - b);
  const frauds = events.filter(({ isFraud }) => isFraud);
  const total = (list: readonly OracleEvent[]) => list.reduce((sum, { amount }) => sum + amount, 0);
  const named = events.filter(({ customer }) => customer !== undefined);
  const byCustomer = [...Map.groupBy(named, ({ customer }) => customer).values()];
  return {
    count: events.length,
    sum: total(events),
    min: amounts[0] ?? Infinity,
    max: amounts.at(-1) ?? -Infinity,
    fraudCount: frauds.length,
    fraudSum: total(frauds),
    amounts,
    customers: byCustomer.length,
    repeatCustomers: byCustomer.filter((purchases) => purchases.length > 1).length,
    purchases: byCustomer.reduce((sum, purchases) => sum + purchases.length, 0),
  };
}
