/** Numbers and times in the viewer's own language and zone. What is absent is a dash. */

const DASH = "–";
/** What has grown more, as from a window that was hardly begun, has grown out of all comparison. */
const MOST_CHANGE = 9.99;
const count = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const amount = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat(undefined, {
  style: "percent",
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const score = new Intl.NumberFormat(undefined, { maximumFractionDigits: 5 });
const change = new Intl.NumberFormat(undefined, {
  style: "percent",
  signDisplay: "exceptZero",
  maximumFractionDigits: 0,
});
const minute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

/** @param {(value: number) => string} format */
const orDash = (format) => (/** @type {number | null | undefined} */ value) =>
  value === undefined || value === null || Number.isNaN(value) ? DASH : format(value);

/** Formatters of one value each. */
export const format = {
  count: orDash((value) => count.format(value)),
  rate: orDash((value) =>
    (Number.isInteger(value) || value >= 1_000 ? count : value < 1 ? amount : tenths).format(value)
  ),
  amount: orDash((value) => (Math.abs(value) < 1e6 ? amount : count).format(value)),
  percent: orDash((value) => percent.format(value)),
  /** A number between 0 and 1 whose last digits matter. */
  score: orDash((value) => score.format(value)),
  /** A few digits and a letter, for axes: 12.5K. */
  compact: orDash((value) => compact.format(value)),
  /** A share with its sign: +12%, at most > +999%. */
  change: orDash((value) => value > MOST_CHANGE ? `> ${change.format(MOST_CHANGE)}` : change.format(value)),
  /** Milliseconds as they are, for what takes less than seconds. */
  millis: orDash((value) => `${(value < 10 ? tenths : count).format(value)} ms`),
  /** Time of day with seconds. */
  time: orDash((ms) => clock.format(ms)),
  /** Time of day without seconds, for axes. */
  minute: orDash((ms) => minute.format(ms)),
  /** Date, time and zone, for titles. */
  instant: orDash((ms) => day.format(ms)),
  duration: orDash(durationOf),
};

/**
 * The time of day, with the date when it is not about now: replays show other days.
 *
 * @param {number | null | undefined} ms
 * @param {number | undefined} nowMs
 */
export function momentOf(ms, nowMs) {
  const near = ms === undefined || ms === null || Math.abs(ms - (nowMs ?? ms)) < 12 * 3_600_000;
  return near ? format.time(ms) : dayTime.format(ms);
}

/** The viewer's zone, as short as the browser can say it, and in full. */
export const zone = {
  short: new Intl.DateTimeFormat(undefined, { timeZoneName: "short" }).formatToParts(0)
    .find((part) => part.type === "timeZoneName")?.value ?? "",
  full: Intl.DateTimeFormat().resolvedOptions().timeZone,
};

/**
 * Labels of a time axis, as fine as its steps: seconds under a minute, and the day at midnight once steps are hours.
 *
 * @param {number} stepMs how far apart the labels are
 * @returns {(ms: number) => string}
 */
export function axisTime(stepMs) {
  if (stepMs < 60_000) return format.time;
  if (stepMs < 3_600_000) return format.minute;
  return (ms) => new Date(ms).getHours() === 0 || stepMs >= 86_400_000 ? date.format(ms) : format.minute(ms);
}

/** @param {number} ms */
function durationOf(ms) {
  const seconds = Math.abs(ms) / 1_000;
  if (seconds < 10) return `${tenths.format(ms / 1_000)} s`;
  if (seconds < 120) return `${count.format(ms / 1_000)} s`;
  if (seconds < 7_200) return `${count.format(ms / 60_000)} min`;
  if (seconds < 172_800) return `${count.format(ms / 3_600_000)} h`;
  return `${count.format(ms / 86_400_000)} d`;
}
