/** What a long run leaves behind when it is interrupted: nothing. */

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** The usual code of a program ended by SIGINT. */
const INTERRUPTED = 130;

/** Disposes of `held` and ends this process when it is told to end, until the result is disposed of. */
export function whenInterrupted(held: AsyncDisposable): Disposable {
  const end = async () => {
    await held[Symbol.asyncDispose]();
    Deno.exit(INTERRUPTED);
  };
  const onSignal = () => void end();
  for (const signal of SIGNALS) Deno.addSignalListener(signal, onSignal);
  return {
    [Symbol.dispose]: () => SIGNALS.forEach((signal) => Deno.removeSignalListener(signal, onSignal)),
  };
}
