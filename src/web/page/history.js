/**
 * Reads what the stream does not send: windows of before, and every window of one region.
 *
 * I1. One read at a time; what was asked for meanwhile is read next, with what is wanted then.
 */
import { durationOfTag } from "./durations.js";
import { RANGES } from "./route.js";
import { pointsOf } from "./series.js";

/** Between two reads, ms: a server that is catching up sends snapshots faster than history can be read. */
const PAUSE_MS = 2_000;
/** A range that is too much for one answer is halved down to this, ms. */
const SHORTEST_MS = 30_000;
const TOO_MUCH = 400;

/**
 * The address of a range of windows.
 *
 * @param {{ fromMs: number, stepMs: number, region: string, windowMs: number }} wanted
 */
export function seriesUrl({ fromMs, stepMs, region, windowMs }) {
  const params = new URLSearchParams({ from: String(Math.max(0, Math.floor(fromMs))), step: String(stepMs) });
  if (region !== "") {
    params.set("region", region);
    params.set("window", String(windowMs));
  }
  return `/api/series?${params}`;
}

/** Keeps one model's past. */
export class History {
  #options;
  #reading = false;
  #wanted = false;

  /**
   * @param {{ after: (delayMs: number, fn: () => void) => () => void, onRead: (problem: string) => void }} options
   */
  constructor(options) {
    this.#options = options;
  }

  /**
   * Reads a range into a model as soon as it can.
   *
   * @param {() => { model: import("./model.js").Model, newestMs: number | undefined, window: string, range: string,
   *   region: string }} wanted says what, when the read begins
   */
  async read(wanted) {
    this.#wanted = true;
    if (this.#reading) return;
    this.#reading = true;
    while (this.#wanted) {
      this.#wanted = false;
      this.#options.onRead(await readRange(wanted()));
      await new Promise((resolve) => this.#options.after(PAUSE_MS, () => resolve(undefined)));
    }
    this.#reading = false;
  }
}

/** @returns {Promise<string>} what went wrong, or nothing */
async function readRange({ model, newestMs, window, range, region }, halved = 1) {
  if (newestMs === undefined) return "";
  const { rangeMs, stepMs } = RANGES[range], windowMs = durationOfTag(window);
  // A region is read again and again: only what may have changed, once there is something.
  const sinceMs = region === "" ? undefined : model.finalMs;
  // A window before the range, to compare with.
  const fromMs = sinceMs ?? newestMs - rangeMs / halved - windowMs;
  const url = seriesUrl({
    fromMs,
    stepMs: region === "" ? Math.max(1, stepMs) : Math.max(5_000, stepMs),
    region,
    windowMs,
  });
  try {
    const response = await fetch(url);
    if (response.status === TOO_MUCH && rangeMs / halved > SHORTEST_MS) {
      return await readRange({ model, newestMs, window, range, region }, halved * 2);
    }
    const answer = await response.json();
    if (!response.ok) return String(answer.error);
    model.history(pointsOf(answer, region === "" ? undefined : window));
    return "";
  } catch {
    // The stream says that the connection is lost, and a new snapshot reads history again.
    return "Cannot read earlier points: the answer broke off";
  }
}
