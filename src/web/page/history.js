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
/** How far apart windows are taken to be before two have been seen, ms. */
const USUAL_SLIDE_MS = 5_000;

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

/**
 * What is read.
 *
 * @typedef {{ model: import("./model.js").Model, newestMs: number | undefined, window: string, range: string,
 *   slideMs: number | undefined, region: string }} Wanted
 */

/** Keeps models' pasts. */
export class History {
  #options;
  #reading = false;
  #wanted = false;
  #isUrgent = false;
  #goOn = () => {};

  /**
   * @param {{ after: (delayMs: number, fn: () => void) => () => void, onRead: (problem: string) => void }} options
   */
  constructor(options) {
    this.#options = options;
  }

  /**
   * Reads a range into a model as soon as it can.
   *
   * @param {() => Wanted} wanted says what, when the read begins
   * @param {{ isUrgent?: boolean }} [how] urgent: the pause after the read before is cut short
   */
  async read(wanted, { isUrgent = false } = {}) {
    this.#wanted = true;
    this.#isUrgent ||= isUrgent;
    if (isUrgent) this.#goOn();
    if (this.#reading) return;
    this.#reading = true;
    while (this.#wanted) {
      this.#wanted = this.#isUrgent = false;
      this.#options.onRead(await readRange(wanted()));
      if (!this.#isUrgent) await this.#pause();
    }
    this.#reading = false;
  }

  /** @returns {Promise<void>} */
  #pause() {
    return new Promise((resolve) => {
      const cancel = this.#options.after(PAUSE_MS, () => resolve());
      this.#goOn = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** @param {Wanted} wanted @returns {Promise<string>} what went wrong, or nothing */
async function readRange(wanted, halved = 1) {
  const { model, newestMs, window, range, slideMs = USUAL_SLIDE_MS, region } = wanted;
  if (newestMs === undefined) return "";
  const { rangeMs, stepMs } = RANGES[range], windowMs = durationOfTag(window);
  // A region is read again and again: only what may have changed, once there is something.
  const sinceMs = region === "" ? undefined : model.finalMs;
  // A window before the range, to compare with.
  const fromMs = sinceMs ?? newestMs - rangeMs / halved - windowMs;
  const url = seriesUrl({
    fromMs,
    stepMs: region === "" ? Math.max(1, stepMs) : Math.max(slideMs, stepMs),
    region,
    windowMs,
  });
  try {
    const response = await fetch(url);
    if (response.status === TOO_MUCH && rangeMs / halved > SHORTEST_MS) {
      return await readRange(wanted, halved * 2);
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
