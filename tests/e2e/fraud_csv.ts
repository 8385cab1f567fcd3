/** A file as the public card-fraud data set has it: its columns, real quoting, card numbers past 2^53. */
import { parse } from "csv-parse/sync";
import { seeded } from "../../src/actor/mod.ts";
import type { OracleEvent } from "../fakes/naive_oracle.ts";

/** FIELD_MAP for these columns. */
export const FRAUD_CSV_MAP =
  "amount=amt,timestamp=unix_time,region=state,lat=merch_lat,lon=merch_long,customer_id=cc_num";

const COLUMNS = [
  ...["", "trans_date_trans_time", "cc_num", "merchant", "category", "amt", "first", "last", "gender", "street"],
  ...["city", "state", "zip", "lat", "long", "city_pop", "job", "dob", "trans_num", "unix_time", "merch_lat"],
  ...["merch_long", "is_fraud"],
];
const CATEGORIES = ["gas_transport", "grocery_pos", "misc_net", "food_dining", "kids_pets"];
const STATES = ["IL", "UT", "CA", "NY", "TX", "PR"];
/** Names that only correct quoting survives. */
const MERCHANTS = [
  "fraud_Mraz-Herzog",
  "fraud_Schaefer, McGlynn and Bosco",
  'fraud_The "Corner" Shop, Inc.',
  "fraud_Müller & Söhne",
];
const JOBS = ["Forensic scientist", "Engineer, civil (consulting)", "Sales\nrepresentative"];
/** 2025-01-01T00:26:00Z. */
const START_S = 1_735_691_160;

/** A file of `count` rows in the order of time, three seconds apart on average. */
export function fraudCsv(seed: number, count: number): string {
  const random = seeded(seed);
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? "";
  const rows = [COLUMNS.join(",")];
  for (let index = 0, unixTimeS = START_S; index < count; index++) {
    unixTimeS += Math.floor(random() * 7);
    // Cards that differ in their last digit alone, where doubles cannot tell them apart.
    const card = `458301234567890${Math.floor(random() * 2_000).toString().padStart(4, "0")}`;
    const time = new Date(unixTimeS * 1_000).toISOString().slice(0, 19).replace("T", " ");
    const amount = (random() * (random() < 0.05 ? 3_000 : 150) - 5).toFixed(2);
    const state = pick(STATES), place = `${(random() * 180 - 90).toFixed(4)},${(random() * 360 - 180).toFixed(4)}`;
    rows.push([
      ...[index, time, card, quoted(pick(MERCHANTS)), pick(CATEGORIES), amount, "Emily", "O'Hara", "F"],
      ...[quoted(`${index} Main Street, Apt. 7`), "Oak Park", state, "00604", "41.8725,-87.7877", 51_878],
      ...[quoted(pick(JOBS)), "1974-01-11", index.toString(16).padStart(32, "0"), unixTimeS, place],
      random() < 0.05 ? 1 : 0,
    ].join(","));
  }
  return `${rows.join("\n")}\n`;
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What a recomputation of such a file gives, row by row, straight from its cells. */
export function eventsOfCsv(text: string): readonly OracleEvent[] {
  const rows: Record<string, string>[] = parse(text, { columns: true });
  return rows.map((row) => ({
    category: row["category"] ?? "",
    region: row["state"] ?? "",
    occurredAtMs: Number(row["unix_time"]) * 1_000,
    amount: Number(row["amt"]),
    isFraud: row["is_fraud"] === "1",
    customer: row["cc_num"],
  }));
}
