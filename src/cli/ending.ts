/** How a long-running command learns that it should end. */
import type { Clock } from "../clock.ts";
import { ConfigError } from "../stream/failures.ts";
import { parseDurationMs } from "../duration.ts";

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
/** The usual code of a program ended by SIGINT. */
const INTERRUPTED = 130;

/** Waits for a signal or the end of a time; a second signal ends the program at once. */
export class Ending implements Disposable {
  readonly #controller = new AbortController();
  readonly #onSignal = () => {
    if (this.#controller.signal.aborted) Deno.exit(INTERRUPTED);
    this.#controller.abort();
  };
  readonly #timer: Disposable | undefined;

  /** @param forText `--for`: a duration after which the command ends by itself */
  constructor(clock: Clock, forText: string | undefined) {
    const forMs = forText === undefined ? undefined : parseDurationMs(forText);
    if (forText !== undefined && forMs === undefined) {
      throw new ConfigError(`Cannot use --for ${JSON.stringify(forText)}: it is not a duration such as 20s`);
    }
    for (const signal of SIGNALS) Deno.addSignalListener(signal, this.#onSignal);
    this.#timer = forMs === undefined ? undefined : clock.after(forMs, () => this.#controller.abort());
  }

  /** Aborted when the command should end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves when the command should end. */
  get reached(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.signal.aborted) resolve();
    else this.signal.addEventListener("abort", () => resolve(), { once: true });
    return promise;
  }

  /** Ends the command now. */
  end(): void {
    this.#controller.abort();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, this.#onSignal);
  }
}
