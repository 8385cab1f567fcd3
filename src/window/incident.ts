/**
 * From scores to incidents: one with a start, an end and a peak, however often and long the scores are high.
 *
 * I1. An incident opens at a surprise of `open` and lasts until all surprises have stayed below `calm` for `calmSteps`.
 * I2. While one is open no other opens.
 */
import type { AnomalyPoint } from "./anomaly_point.ts";

/** When an incident begins and ends; surprises are −log10 of probabilities. */
export interface IncidentOptions {
  /** @default 6 */
  readonly open?: number;
  /** @default 2 */
  readonly calm?: number;
  /** @default 15 */
  readonly calmSteps?: number;
}

/** Something unusual that lasted. */
export interface Incident {
  readonly startMs: number;
  /** The end of its last unusual step. */
  readonly endMs: number;
  /** The most surprising point of it. */
  readonly peak: AnomalyPoint;
}

/** What a step changed. `lasted` is an open incident, its peak or end moved. */
export interface IncidentNews {
  readonly kind: "opened" | "lasted" | "closed";
  readonly incident: Incident;
}

/** The incidents of a category as plain data. */
export interface IncidentsData {
  readonly open: Incident | null;
  readonly calmSteps: number;
}

/** The state of a category: calm, or in an incident. */
export class Incidents {
  readonly #options: Required<IncidentOptions>;
  #open: Incident | null;
  #calmSteps: number;

  /** A calm category, or that of `data`. */
  constructor({ open = 6, calm = 2, calmSteps = 15 }: IncidentOptions = {}, data?: IncidentsData) {
    if (!(open > calm)) {
      throw new RangeError(`Cannot create incidents: open must be more than calm ${calm}, got ${open}`);
    }
    this.#options = { open, calm, calmSteps };
    this.#open = data?.open ?? null;
    this.#calmSteps = data?.calmSteps ?? 0;
  }

  /** Takes the points of the step that ends at `endMs`; undefined when there is nothing to tell. */
  step(endMs: number, points: readonly AnomalyPoint[]): IncidentNews | undefined {
    const peak = points.reduce<AnomalyPoint | undefined>(
      (most, point) => point.surprise > (most?.surprise ?? -1) ? point : most,
      undefined,
    );
    const surprise = peak?.surprise ?? 0;
    if (this.#open === null) {
      if (peak === undefined || surprise < this.#options.open) return undefined;
      this.#open = { startMs: peak.timeMs, endMs, peak };
      this.#calmSteps = 0;
      return { kind: "opened", incident: this.#open };
    }
    return this.#goOn(this.#open, endMs, peak);
  }

  /** A copy as plain data. */
  data(): IncidentsData {
    return { open: this.#open, calmSteps: this.#calmSteps };
  }

  #goOn(incident: Incident, endMs: number, point: AnomalyPoint | undefined): IncidentNews | undefined {
    if (point !== undefined && point.surprise >= this.#options.calm) {
      this.#calmSteps = 0;
      const peak = point.surprise > incident.peak.surprise ? point : incident.peak;
      this.#open = { ...incident, endMs, peak };
      return { kind: "lasted", incident: this.#open };
    }
    if (++this.#calmSteps < this.#options.calmSteps) return undefined;
    this.#open = null;
    return { kind: "closed", incident };
  }
}
