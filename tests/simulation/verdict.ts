/** What must be true when everything has come to rest. */
import type { Point } from "../../src/domain/point.ts";
import { lastFinalEndMs } from "../../src/window/shape.ts";
import { naivePanes, naiveWindows, type OracleCell, type OracleEvent } from "../fakes/naive_oracle.ts";
import { type Durable, letterName, textOf } from "./durable.ts";
import { isRefused } from "./sim_store.ts";
import { type Fate, highMs, judge, type Judged } from "./truth.ts";

/** The laws broken by what is durable. */
export function verdict(durable: Durable): readonly string[] {
  return [...lettersWrong(durable), ...pointsWrong(durable), ...ledgerWrong(durable)];
}

/**
 * How the points differ from those of another run over the same topic.
 *
 * @returns undefined when a raise has decided about a record in one of them
 */
export function differences(durable: Durable, undisturbed: Durable): readonly string[] | undefined {
  const { topic, scenario } = durable;
  const byRecords = topic.records.flatMap((records) => judge(records, [], scenario)).filter(isDead).map(nameAndFate);
  const isPure = [durable, undisturbed].every(({ letters }) =>
    letters.size === byRecords.length && byRecords.every(([name, fate]) => letters.get(name)?.reason === fate)
  );
  if (!isPure) return undefined;
  const found = counted(durable), expected = counted(undisturbed);
  return differ(mapOf(found, textOf), mapOf(expected, textOf)).map((text) => `undisturbed run: ${text}`);
}

function counted({ points }: Durable): ReadonlyMap<string, Point> {
  return new Map([...points].filter(([, { measurement }]) => measurement !== "tally_partition"));
}

function isDead({ fate }: Judged): boolean {
  return fate !== "counted";
}

function nameAndFate({ record, fate }: Judged): readonly [string, Fate] {
  return [letterName(record), fate];
}

/** Every letter has its reason, and where nothing was lost, every record that has a reason has a letter. */
function lettersWrong(durable: Durable): readonly string[] {
  const { topic, letters, raises, scenario } = durable;
  return topic.records.flatMap((records, partition) =>
    judge(records, raises.get(partition) ?? [], scenario).flatMap(({ record, fate, watermarkMs }) => {
      const letter = letters.get(letterName(record)), found = letter?.reason ?? "counted";
      const isJustified = found === fate || (durable.hasGap && found === "counted");
      const { event, kafkaMs } = record;
      return isJustified ? [] : [
        `record ${
          letterName(record)
        } is ${found}, not ${fate}: event ${event?.occurredAtMs}, stamp ${kafkaMs}, watermark ${watermarkMs}`,
      ];
    })
  );
}

/** Final points are the topic minus its dead letters, for all that is covered. */
function pointsWrong(durable: Durable): readonly string[] {
  const { topic, scenario, letters } = durable, { shape } = scenario;
  // A record that was lost unread has no letter; what can be known of its fate comes from the others.
  const events = topic.records.flatMap((records, partition) =>
    judge(records, durable.raises.get(partition) ?? [], scenario).flatMap(({ record, fate }) => {
      const isDead = letters.has(letterName(record)) || (durable.hasGap && fate !== "counted");
      return record.event === undefined || isDead ? [] : [record.event];
    })
  );
  const sinceMs = Math.max(
    ...topic.partitions.map((partition) => durable.checkpointOf(partition)?.sinceMs ?? -Infinity),
  );
  const upToMs = scenario.endsCaughtUp ? Math.max(newestEndMs(durable), durable.closedMs) : Infinity;
  // Whether a category had an event shortly before what is covered is not known, so its zeros there may be missing.
  const zerosFromMs = sinceMs + shape.windowMs + shape.zeroFillMs;
  const known = (point: Point) => point.fields["transaction_count"] !== 0 || point.timeMs >= zerosFromMs;
  const found = [...counted(durable).values()].filter((point) => !isRanking(point)).filter((point) =>
    startOf(point, durable) >= sinceMs && known(point)
  );
  const wanted = expected(events, { durable, upToMs }).filter(({ startMs, point }) =>
    startMs >= sinceMs && known(point)
  );
  return differ(new Map(found.map(cellOf)), new Map(wanted.map(({ name, text }) => [name, text])));
}

/** Rankings are held to be final once and to the bit; what is in them has oracles of its own. */
function isRanking({ measurement }: Point): boolean {
  return measurement === "transactions_customers" || measurement === "transactions_top";
}

/** The end of the pane with the highest time: what a run that ends when caught up makes final. */
function newestEndMs({ topic, scenario }: Durable): number {
  const { slideMs } = scenario.shape;
  return lastFinalEndMs(highMs(topic.records.flat(), scenario), slideMs) + slideMs;
}

function startOf({ measurement, timeMs }: Point, { scenario: { shape } }: Durable): number {
  return measurement === "transactions_avg" ? timeMs - shape.windowMs : timeMs;
}

interface Expected {
  readonly point: Point;
  readonly name: string;
  readonly text: string;
  readonly startMs: number;
}

function expected(
  events: readonly OracleEvent[],
  { durable, upToMs }: { readonly durable: Durable; readonly upToMs: number },
): readonly Expected[] {
  const { shape } = durable.scenario;
  const windows = [...naiveWindows(events, shape, upToMs)].map(([name, cell]) => {
    const [category = "", timeMs] = name.split(" ");
    const point = {
      measurement: "transactions_avg",
      tags: { category, window: `${shape.windowMs / 1_000}s` },
    } as const;
    return { cell, point: { ...point, timeMs: Number(timeMs), fields: { transaction_count: cell.count } } };
  });
  const panes = [...naivePanes(events, shape, upToMs)].map(([name, cell]) => {
    const [category = "", region = "", timeMs] = name.split(" ");
    const point = { measurement: "transactions_total", tags: { category, region } } as const;
    return { cell, point: { ...point, timeMs: Number(timeMs), fields: { transaction_count: cell.count } } };
  });
  return [...windows, ...panes].filter(({ point }) => !isRefused(point, durable.scenario))
    .map(({ point, cell }) => ({
      point,
      name: keyOf(point),
      text: textOfCell(cell),
      startMs: startOf(point, durable),
    }));
}

function keyOf({ measurement, tags, timeMs }: Point): string {
  return `${measurement} ${Object.values(tags).join(" ")} ${timeMs}`;
}

function cellOf(point: Point): readonly [string, string] {
  const { fields } = point, number = (name: string) => Number(fields[name]);
  const count = number("transaction_count");
  const range = count === 0 ? "" : `${number("amount_min")}..${number("amount_max")}`;
  const text = `${count} of ${rounded(number("amount_sum"))} in ${range}, fraud ${number("fraud_count")} of ${
    rounded(number("fraud_amount"))
  }, final ${fields["final"]}`;
  return [keyOf(point), text];
}

function textOfCell({ count, sum, min, max, fraudCount, fraudSum }: OracleCell): string {
  const range = count === 0 ? "" : `${min}..${max}`;
  return `${count} of ${rounded(sum)} in ${range}, fraud ${fraudCount} of ${rounded(fraudSum)}, final true`;
}

/** Sums of cents, whatever the order of adding up. */
function rounded(sum: number): number {
  return Math.round(sum * 1e6) / 1e6;
}

/** The ledger of the last commit counts every record up to the end. */
function ledgerWrong(durable: Durable): readonly string[] {
  const { topic, letters } = durable;
  if (durable.hasGap) return [];
  return topic.partitions.flatMap((partition) => {
    const { ledger, position } = durable.checkpointOf(partition) ?? { ledger: undefined, position: 0 };
    const records = topic.records[partition] ?? [], { end } = topic.rangeOf(partition);
    const alive = records.filter((record) => !letters.has(letterName(record))).length;
    if (position !== end) return [`partition ${partition} ends at ${end}, ${position} is committed`];
    return (ledger?.counted ?? 0) === alive ? [] : [`ledger of ${partition} counts ${ledger?.counted}, not ${alive}`];
  });
}

function mapOf<T>(from: ReadonlyMap<string, T>, textOf: (value: T) => string): ReadonlyMap<string, string> {
  return new Map([...from].map(([name, value]) => [name, textOf(value)]));
}

function differ(found: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): readonly string[] {
  const names = [...new Set([...found.keys(), ...wanted.keys()])].filter((name) =>
    found.get(name) !== wanted.get(name)
  );
  return names.map((name) => `${name}: ${found.get(name) ?? "absent"}; should be ${wanted.get(name) ?? "absent"}`);
}
