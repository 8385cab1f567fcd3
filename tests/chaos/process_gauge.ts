/** What a running processor takes, seen from outside: by Linux and by its page. */
import type { Ledger } from "../../src/stream/ledger.ts";
import { json } from "../e2e/program.ts";

/** One look. */
export interface Gauge {
  readonly atMs: number;
  readonly residentMiB: number;
  readonly openFiles: number;
  readonly threads: number;
  /** Messages in all mailboxes. */
  readonly queued: number;
  readonly actors: number;
  /** Records in the log that are not in an acknowledged flush. */
  readonly lag: number;
  readonly position: number;
  readonly isHealthy: boolean;
}

/** Looks at a process and its page. */
export async function gauge(pid: number, url: string, atMs: number): Promise<Gauge> {
  const [status, files, metrics, ledger] = await Promise.all([
    Deno.readTextFile(`/proc/${pid}/status`),
    Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`)),
    fetch(`${url}/metrics`).then((response) => response.text()),
    json<Ledger>(`${url}/api/ledger`),
  ]);
  const queues = samplesOf(metrics, "tally_actor_queued");
  return {
    atMs,
    residentMiB: statusField(status, "VmRSS") / 1024,
    openFiles: files.length,
    threads: statusField(status, "Threads"),
    queued: queues.reduce((sum, value) => sum + value, 0),
    actors: queues.length,
    lag: samplesOf(metrics, "tally_partition_lag_records").reduce((sum, value) => sum + value, 0),
    position: ledger.total.position,
    isHealthy: samplesOf(metrics, "tally_healthy")[0] === 1,
  };
}

function statusField(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? NaN);
}

/** The values of all samples of a metric. */
function samplesOf(metrics: string, name: string): readonly number[] {
  return metrics.split("\n")
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .map((line) => Number(line.slice(line.lastIndexOf(" ") + 1)));
}
