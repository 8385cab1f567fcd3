/** What an answer of InfluxDB, or none, means to us. */
import { HttpError } from "@influxdata/influxdb-client";
import type { Clock } from "../clock.ts";
import { ConfigError, RetryableError } from "../stream/failures.ts";
import type { InfluxConfig } from "./influx_config.ts";

/** InfluxDB refuses lines of a write, or the query: the same request will be refused again. */
export class RejectedError extends Error {
  override readonly name = "RejectedError";
  /** InfluxDB's words, at most 300 characters. */
  readonly reason: string;
  /** How many lines InfluxDB says it left out; 0 when it does not say. */
  readonly dropped: number;

  constructor(reason: string, cause: unknown) {
    super(`Cannot use InfluxDB: it rejects the request: ${reason}`, { cause });
    this.reason = reason;
    this.dropped = Number(DROPPED.exec(reason)?.[1] ?? 0);
  }
}

/** Statuses that judge the lines sent: malformed, too large, of another type than the field or out of retention. */
const REJECTED = [400, 413, 422];
const REASON_LENGTH_MAX = 300;
/** Only at the end: before it InfluxDB repeats what it was sent, which may look like anything. */
const DROPPED = / dropped=(\d+)(?: for database: \S+ for retention policy: \S+)?$/;

/**
 * The error of a port for whatever a request ended with.
 *
 * Refused access and missing buckets are the user's to mend; refused lines are the writer's; all else may pass.
 */
export function influxFailure(error: unknown, config: InfluxConfig, clock: Clock): Error {
  if (error instanceof RetryableError) return error;
  if (!(error instanceof HttpError)) {
    const reason = error instanceof Error ? error.message : String(error);
    return new RetryableError(`Cannot reach InfluxDB at ${config.url}: ${reason}`, { cause: error });
  }
  const status = error.statusCode, reason = reasonOf(error);
  const cannot = `Cannot use InfluxDB at ${config.url}: it answers ${reason}`;
  if (REJECTED.includes(status)) return new RejectedError(reason, error);
  if (status === 401 || status === 403) {
    const cure =
      `set INFLUX_TOKEN to one that may read and write bucket ${config.bucket} (InfluxDB 1.8: user:password)`;
    return new ConfigError(`${cannot}; ${cure}`, { cause: error });
  }
  if (status === 404) {
    const cure = `set INFLUX_BUCKET (now ${config.bucket}) and INFLUX_ORG (now ${config.org}) to ones that exist`;
    return new ConfigError(`${cannot}; ${cure}`, { cause: error });
  }
  if (status >= 300 && status < 400) {
    return new ConfigError(`${cannot}; set INFLUX_URL to where it redirects`, { cause: error });
  }
  return new RetryableError(cannot, { cause: error, retryAfterMs: retryAfterMs(error, clock) });
}

/** `Retry-After` in ms, given in seconds or as a date; 0 when there is none to understand. */
function retryAfterMs(error: HttpError, clock: Clock): number {
  const header = error.headers?.["retry-after"];
  if (typeof header !== "string") return 0;
  const waitMs = /^\s*\d+\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - clock.nowMs();
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : 0;
}

/** The status and the words, which InfluxDB 2.x calls `message`, 1.x `error` and a proxy anything. */
function reasonOf(error: HttpError): string {
  const json: unknown = error.json;
  const said = isRecord(json) ? json["message"] ?? json["error"] : error.body;
  const reason = `${error.statusCode} ${String(said ?? error.statusMessage)}`.replaceAll(/\s+/g, " ").trim();
  if (reason.length <= REASON_LENGTH_MAX) return reason;
  // Both ends say something: what is wrong stands first, the count of dropped lines last.
  return `${reason.slice(0, REASON_LENGTH_MAX - 103)}...${reason.slice(-100)}`;
}

/** Whether `value` is an object with named members. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
