/** The errors that a catcher of a port chooses by; everything else is fatal to the caller. */

/** The other side cannot answer now; the same call may succeed later. */
export class RetryableError extends Error {
  override readonly name = "RetryableError";
  /** How long the other side asked us to wait, in ms; 0 when it did not say. */
  readonly retryAfterMs: number;

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

/** The generation is over: somebody else may own the partitions. */
export class FencedError extends Error {
  override readonly name = "FencedError";
}

/** A setting or an argument that the user must change; ends the program with exit code 2. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
