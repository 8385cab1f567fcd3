/** Events for the tests of the decoder: as a producer writes them, as a careless one does, and damaged ones. */
import { CANONICAL_FIELDS, type CanonicalField, type FieldMap } from "../../src/domain/field_map.ts";

/** Draws numbers that a seed repeats (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }
}

const SPACES = [" ", "  ", "\n", "\t", "\r\n", "\v", "\u00a0"] as const;
const ODD_VALUES = [
  "null",
  "true",
  "false",
  "[]",
  "{}",
  '""',
  '" "',
  '[1,[2,{}],"a"]',
  '{"amount":1,"b":[null]}',
] as const;
const BROKEN_VALUES = [
  "tru",
  "nul",
  "True",
  "NaN",
  "-",
  "01",
  "1.",
  ".5",
  "+1",
  "1e",
  "0x1",
  "'a'",
  '"a',
  "[1,]",
  "{,}",
  "[1",
  '"\\x"',
  '"\\u12g4"',
  "Infinity",
  "-01",
  "1e+",
  "[1 2]",
  '{"a" 1}',
  '{"a":}',
  "{1:1}",
  "1_0",
  "--1",
] as const;
const LETTERS = [
  "a",
  "b",
  "Z",
  "0",
  "_",
  " ",
  "é",
  "ß",
  "日",
  "本",
  "😀",
  "\u00a0",
  "\u0080",
  "\u009f",
  "\u007f",
  "\uffff",
  "\\n",
  "\\t",
  '\\"',
  "\\\\",
  "\\/",
  "\\u0000",
  "\\u001f",
  "\\u0041",
  "\\u007F",
  "\\u0085",
  "\\ud83d\\ude00",
  "\\ud800",
  "\\udc00",
  "'",
  "{",
  "}",
  ":",
  ",",
] as const;
const PLAIN = ["a", "b", "c", "x", "y", "_", "0", "7", "-", " "] as const;

/** Text of a string literal without its quotes. */
function textOf(dice: Dice): string {
  const letters = dice.chance(0.7) ? PLAIN : LETTERS;
  const long = dice.chance(0.05) ? 120 + dice.below(14) : dice.below(14);
  return Array.from({ length: long }, () => dice.pick(letters)).join("");
}

/** A category or region: mostly one of a few. */
function nameOf(dice: Dice): string {
  if (dice.chance(0.6)) {
    return `"${dice.pick(["grocery_pos", "gas_transport", "home", "CA", "TX", "café", "unknown", "__other__"])}"`;
  }
  if (dice.chance(0.1)) return `"${"é".repeat(63)}${"a".repeat(1 + dice.below(4))}"`;
  return `"${textOf(dice)}"`;
}

/** A numeral: short, of 16 to 20 digits, with exponents, and those at the edges of doubles. */
export function numeralOf(dice: Dice): string {
  switch (dice.below(9)) {
    case 0:
      return String(dice.below(2_000) - 1_000);
    case 1:
      return ((dice.next() - 0.2) * 1_000).toFixed(dice.below(4));
    case 2:
      return String((dice.next() - 0.5) * 10 ** dice.below(4));
    case 3:
      return `${dice.chance(0.2) ? "-" : ""}${1 + dice.below(9)}${digits(dice, dice.below(22))}.${
        digits(dice, 1 + dice.below(22))
      }`;
    case 4:
      return `${dice.below(100)}.${digits(dice, 1 + dice.below(3))}${dice.pick(["e", "E"])}${
        dice.pick(["", "+", "-"])
      }${digits(dice, 1 + dice.below(3))}`;
    case 5:
      return dice.pick([
        "0",
        "-0",
        "0.0",
        "-0.0e-9",
        "1e999",
        "-1e999",
        "1e-999",
        "5e-324",
        "2.2250738585072011e-308",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "9007199254740993.0",
        "0.1e1",
        "100000000000",
        "99999999999.9999",
        "179769313486231580793728971405301e277",
      ]);
    case 6:
      return `0.${"0".repeat(dice.below(24))}${digits(dice, 1 + dice.below(20))}`;
    case 7:
      return digits(dice, 8 + dice.below(14));
    default:
      return String(dice.pick([0, 1, -90, 90, 90.0000001, -180, 180, 180.1, 37.774929, -122.419416]));
  }
}

function digits(dice: Dice, count: number): string {
  return Array.from({ length: count }, () => String(dice.below(10))).join("");
}

/** An event time: ISO text of every allowed form and of many that are not, and numbers. */
export function timeOf(dice: Dice): string {
  if (dice.chance(0.3)) {
    const seconds = (dice.next() * 1.05 - 0.02) * 9_214_646_400;
    const number = dice.pick([
      seconds,
      Math.floor(seconds),
      seconds * 1_000,
      Math.floor(seconds * 1_000),
      9_214_646_399.9999,
      9_214_646_400,
      -0.0000001,
      1e11,
      -1e11,
    ]);
    return dice.chance(0.7) ? String(number) : number.toFixed(dice.below(4));
  }
  const two = (below: number): string =>
    String(dice.chance(0.02) ? below + dice.below(3) : dice.below(below)).padStart(2, "0");
  const year = dice.chance(0.8) ? 1970 + dice.below(292) : dice.pick([0, 1600, 1900, 1969, 2000, 2100, 2262, 9999]);
  const day = dice.chance(0.2)
    ? dice.pick(["02-28", "02-29", "02-30", "04-31", "00-10", "13-01", "12-31", "01-00", "01-01"])
    : `${two(13)}-${two(31)}`;
  const seconds = dice.pick([
    "",
    `:${two(60)}`,
    `:${two(60)}.${digits(dice, dice.below(8))}`,
    `:${two(60)}.${digits(dice, 3)}`,
  ]);
  const zone = dice.pick([
    "Z",
    "Z",
    "Z",
    "z",
    "",
    `+${two(24)}:${two(60)}`,
    `-${two(24)}${two(60)}`,
    `+${two(24)}`,
    "+1",
    "+01:0",
    "-00:00",
    "UTC",
    " Z",
  ]);
  return `"${String(year).padStart(4, "0")}-${day}${dice.pick(["T", "T", "T", "t", " ", "_"])}${two(24)}:${
    two(60)
  }${seconds}${zone}"`;
}

/** The text of a value that suits a field, more or less. */
function valueOf(dice: Dice, field: CanonicalField): string {
  if (dice.chance(0.02)) return dice.pick(ODD_VALUES);
  if (dice.chance(0.002)) return dice.pick(BROKEN_VALUES);
  switch (field) {
    case "category":
    case "region":
      return dice.chance(0.98) ? nameOf(dice) : numeralOf(dice);
    case "amount":
      return dice.chance(0.98) ? numeralOf(dice) : `"${numeralOf(dice)}"`;
    case "timestamp":
      return timeOf(dice);
    case "customer_id":
      return dice.chance(0.5) ? numeralOf(dice) : `"${textOf(dice)}"`;
    case "lat":
    case "lon":
      return dice.chance(0.9) ? numeralOf(dice) : `"${numeralOf(dice)}"`;
    case "is_fraud":
      return dice.pick([
        "true",
        "false",
        "0",
        "1",
        '"0"',
        '"1"',
        '"true"',
        '"false"',
        "null",
        "0.0",
        "1e0",
        "-0",
        "10e-1",
        dice.chance(0.1) ? dice.pick(["2", '"yes"', '"\\u0031"', '""', "[]"]) : "1",
      ]);
    default:
      return dice.pick([
        `"${textOf(dice)}"`,
        `"${textOf(dice)}"`,
        numeralOf(dice),
        "[1,2,[]]",
        '{"category":"x","a":[{}]}',
      ]);
  }
}

/** The text of a value that suits a field. */
function goodValueOf(dice: Dice, field: CanonicalField): string {
  switch (field) {
    case "category":
      return `"${dice.pick(["grocery_pos", "gas_transport", "home", "café", "日本"])}"`;
    case "amount":
      return dice.chance(0.5) ? (dice.next() * 900).toFixed(2) : String(dice.next() * 900);
    case "timestamp": {
      const epochMs = Math.floor(dice.next() * 9_214_646_400_000);
      const text = new Date(epochMs).toISOString();
      return dice.pick([`"${text}"`, `"${text.slice(0, 19)}+00:00"`, String(epochMs), String(epochMs / 1_000), "null"]);
    }
    case "is_fraud":
      return dice.pick(["true", "false", "0", "1", '"0"', '"1"', "null"]);
    case "lat": // Mostly in the USA, for an event without a region is of the state that it lies in.
      return dice.chance(0.7) ? String(24 + dice.next() * 26) : valueOf(dice, field);
    case "lon":
      return dice.chance(0.7) ? (-125 + dice.next() * 60).toFixed(6) : valueOf(dice, field);
    default:
      return valueOf(dice, field);
  }
}

/** A key as text: now and then written with an escape. */
function keyOf(dice: Dice, key: string): string {
  const text = JSON.stringify(key);
  if (!dice.chance(0.004) || key.charCodeAt(0) > 126) return text;
  return `"\\u${key.charCodeAt(0).toString(16).padStart(4, "0")}${text.slice(2)}`;
}

/** Members in a random or the usual order, some missing, some twice, some unknown. */
function membersOf(dice: Dice, map: FieldMap): [string, string][] {
  const fields = CANONICAL_FIELDS.filter((field) =>
    !dice.chance(field === "category" || field === "amount" ? 0.02 : 0.15)
  );
  const valueFor = dice.chance(0.6) ? goodValueOf : valueOf;
  const members = fields.map((field): [string, string] => {
    const key = dice.chance(0.85) ? map.names[field] : field;
    return [keyOf(dice, key), valueFor(dice, field)];
  });
  while (dice.chance(0.3)) {
    const field = dice.pick(CANONICAL_FIELDS);
    const key = dice.pick([
      field,
      map.names[field],
      "extra",
      "",
      "categor",
      "amount_",
      "ümlaut",
      "__proto__",
      "toString",
    ]);
    members.splice(dice.below(members.length + 1), 0, [keyOf(dice, key), valueFor(dice, field)]);
  }
  return dice.chance(0.2) ? shuffled(dice, members) : members;
}

function shuffled<T>(dice: Dice, list: readonly T[]): T[] {
  return list.map((item) => ({ item, place: dice.next() })).sort((a, b) => a.place - b.place).map(({ item }) => item);
}

/** The text of one event, not always JSON. */
export function eventText(dice: Dice, map: FieldMap): string {
  const members = membersOf(dice, map);
  const gap = dice.pick(["compact", "python", "loose"]);
  const space = (): string =>
    gap === "loose" && dice.chance(0.3) ? SPACES[dice.below(dice.chance(0.01) ? 7 : 5)] ?? " " : "";
  const after = gap === "python" ? " " : "";
  const body = members.map(([key, value]) => `${space()}${key}${space()}:${after}${space()}${value}${space()}`).join(
    `,${after}`,
  );
  const whole = `${space()}{${body}${dice.chance(0.003) ? "," : ""}}${space()}`;
  if (dice.chance(0.004)) {
    return dice.pick([
      `\ufeff${whole}`,
      `${whole}x`,
      `[${whole}]`,
      `${whole}${whole}`,
      "",
      " ",
      "null",
      "1",
      `"${textOf(dice)}"`,
      "{}",
      "{ }",
      "[]",
    ]);
  }
  return dice.chance(0.002) ? nested(dice, whole) : whole;
}

/** The event with one more member, nested about as deep as is allowed. */
function nested(dice: Dice, whole: string): string {
  const levels = dice.pick([29, 30, 31, 32, 62, 63, 64, 65, 500, 5_000]);
  return whole.replace("{", `{"deep":${"[".repeat(levels)}${"]".repeat(levels)},`);
}

/** The bytes of an event with up to three of them changed, dropped, added, or a piece of it repeated or cut off. */
export function damaged(dice: Dice, bytes: Uint8Array): Uint8Array {
  let list = [...bytes];
  for (let times = 1 + dice.below(3); times > 0; times--) {
    const at = dice.below(list.length + 1);
    const byte = dice.chance(0.6) ? dice.pick(TELLING) : dice.below(256);
    switch (dice.below(7)) {
      case 6:
        list.splice(at, 0, ...dice.pick(SEQUENCES));
        break;
      case 0:
        list.splice(at, 1);
        break;
      case 1:
        list.splice(at, 0, byte);
        break;
      case 2:
        list = list.slice(0, at);
        break;
      case 3:
        list.splice(at, 0, ...list.slice(at, at + dice.below(20)));
        break;
      default:
        if (at < list.length) list[at] = byte;
    }
  }
  return Uint8Array.from(list);
}

/** Bytes that grammars turn on. */
const TELLING = [
  0x22,
  0x5c,
  0x2c,
  0x3a,
  0x7b,
  0x7d,
  0x5b,
  0x5d,
  0x20,
  0x00,
  0x1f,
  0x7f,
  0x80,
  0xbf,
  0xc0,
  0xc2,
  0xe0,
  0xed,
  0xa0,
  0xef,
  0xf0,
  0xf4,
  0x90,
  0xf5,
  0xff,
  0x30,
  0x2e,
  0x2d,
  0x65,
  0x0a,
] as const;

/** Sequences at the edges of UTF-8: the last and the first of each kind, overlong ones, surrogates, and past the end. */
const SEQUENCES: readonly [readonly number[], ...(readonly number[])[]] = [
  [0xc2, 0x80],
  [0xc1, 0xbf],
  [0xe0, 0xa0, 0x80],
  [0xe0, 0x9f, 0xbf],
  [0xed, 0x9f, 0xbf],
  [0xed, 0xa0, 0x80],
  [0xef, 0xbb, 0xbf],
  [0xf0, 0x90, 0x80, 0x80],
  [0xf0, 0x8f, 0xbf, 0xbf],
  [0xf4, 0x8f, 0xbf, 0xbf],
  [0xf4, 0x90, 0x80, 0x80],
];
