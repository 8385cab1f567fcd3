/** A run that the log ended. */

/** The log refused a batch. */
export class ProduceError extends Error {
  override readonly name = "ProduceError";
  /** Records acknowledged. */
  readonly sent: number;
  /** Records of which it is not known whether they are in the log. */
  readonly unknown: number;

  constructor(counts: { readonly sent: number; readonly unknown: number }, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot produce: ${reason}; ${counts.sent} records are in the log, ${counts.unknown} may be`, { cause });
    this.sent = counts.sent;
    this.unknown = counts.unknown;
  }
}
