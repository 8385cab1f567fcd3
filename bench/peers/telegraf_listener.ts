/** Adds up the line protocol that Telegraf prints, and ends it when it has counted all. */
import { systemClock } from "../../src/clock.ts";
import type { Mark, RunningProcess } from "../measured_process.ts";

const COUNT = /\bamount_count=(\d+)/, AMOUNT = /\bamount_sum=(-?[\d.e+]+)/, FRAUD = /\bis_fraud_sum=([\d.e+]+)/;

/** Hears one run. */
export class TelegrafListener {
  readonly marks: Mark[] = [];
  readonly #wanted: number;
  #records = 0;
  #amount = 0;
  #fraud = 0;

  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  /** What it has counted. */
  get sums(): { readonly records: number; readonly amount: number; readonly fraud: number } {
    return { records: this.#records, amount: this.#amount, fraud: this.#fraud };
  }

  /** Takes one line. */
  hear(line: string, process: RunningProcess): void {
    const number = (pattern: RegExp) => Number(pattern.exec(line)?.[1] ?? 0);
    const records = number(COUNT);
    if (records === 0) return;
    this.#records += records;
    this.#amount += number(AMOUNT);
    this.#fraud += number(FRAUD);
    this.marks.push({ records: this.#records, atMs: systemClock.nowMs() });
    const [pid] = process.pids();
    if (this.#records === this.#wanted && pid !== undefined) Deno.kill(pid, "SIGTERM");
  }
}
