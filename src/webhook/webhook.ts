/**
 * Alarms to an address: one POST of JSON each, signed.
 *
 * I1. The signature is HMAC-SHA256 of `timestamp.body` under the secret, so neither can be changed nor sent again later.
 * I2. No redirect is followed, nothing of an answer but its status is looked at, and no error repeats the address: it may
 *     hold a token.
 */
import type { Clock } from "../clock.ts";
import type { Alarm, Bell } from "../stream/alarm.ts";
import { RetryableError } from "../stream/failures.ts";

/** Where and how. */
export interface WebhookOptions {
  readonly url: string;
  /** None: alarms are not signed. */
  readonly secret: string | undefined;
  readonly clock: Clock;
  /** How long an answer may take. @default 5000 */
  readonly timeoutMs?: number;
}

/** Answers after which the same may be taken later, beside all from 500 on. */
const LATER = [408, 425, 429];

/** Tells alarms by HTTP. */
export class Webhook implements Bell {
  readonly #options: Required<WebhookOptions>;
  readonly #encoder = new TextEncoder();

  constructor({ timeoutMs = 5_000, ...options }: WebhookOptions) {
    if (!(timeoutMs > 0)) throw new RangeError(`Cannot create web hook: timeoutMs must be > 0, got ${timeoutMs}`);
    this.#options = { ...options, timeoutMs };
  }

  async ring(alarm: Alarm): Promise<"taken" | "refused"> {
    const { clock } = this.#options, body = JSON.stringify(bodyOf(alarm));
    const timestamp = String(Math.floor(clock.nowMs() / 1_000)), signature = await this.#signature(timestamp, body);
    const headers = {
      "content-type": "application/json",
      "idempotency-key": alarm.key,
      "x-tally-timestamp": timestamp,
      ...(signature === undefined ? {} : { "x-tally-signature": `sha256=${signature}` }),
    };
    const status = await this.#post(headers, body);
    if (status >= 200 && status < 300) return "taken";
    if (status >= 500 || LATER.includes(status)) throw new RetryableError(`Cannot tell an alarm: answered ${status}`);
    return "refused";
  }

  async #post(headers: Record<string, string>, body: string): Promise<number> {
    const { url, clock, timeoutMs } = this.#options, aborting = new AbortController();
    using _timer = clock.after(timeoutMs, () => aborting.abort());
    try {
      const answer = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: aborting.signal });
      await answer.body?.cancel();
      return answer.status;
    } catch (error) {
      // The cause names the address.
      const reason = aborting.signal.aborted ? `no answer within ${timeoutMs} ms` : nameOf(error);
      throw new RetryableError(`Cannot tell an alarm: ${reason}`);
    }
  }

  async #signature(timestamp: string, body: string): Promise<string | undefined> {
    const { secret } = this.#options, hash = { name: "HMAC", hash: "SHA-256" };
    if (secret === undefined) return undefined;
    const key = await crypto.subtle.importKey("raw", this.#encoder.encode(secret), hash, false, ["sign"]);
    const bytes = await crypto.subtle.sign("HMAC", key, this.#encoder.encode(`${timestamp}.${body}`));
    return new Uint8Array(bytes).toHex();
  }
}

function nameOf(error: unknown): string {
  return error instanceof TypeError ? "the connection failed" : "the request failed";
}

/** Times as ISO 8601, values as the peak had them. */
function bodyOf({ key, event, incident: { tags, timeMs, fields } }: Alarm): Record<string, unknown> {
  const { id, metric, score, value, expected, lower, upper, message } = fields;
  const iso = (ms: unknown) => new Date(Number(ms)).toISOString();
  return {
    ...{ key, event, incident: id, category: tags["category"], region: tags["region"] || undefined, metric },
    ...{ start: iso(timeMs), end: event === "ended" ? iso(fields["end"]) : undefined },
    peak: { time: iso(fields["peak"]), score, value, expected, lower, upper, message },
  };
}
