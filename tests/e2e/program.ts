/** The program as a user runs it, as a task of deno.json: a child process, its output collected, every wait with a deadline. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { sleep, systemClock } from "../../src/clock.ts";
import { taskArgs, type TaskName } from "../security/task_args.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** For a command that only works through what is there; generous, for the machine may be busy. */
const COMMAND_MS = 180_000;
const POLL_MS = 50;

/** How a program ended. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A wait that took too long; the message holds what the program had said. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/** One call of the program. Disposing of it kills it if it still runs. */
export class Program implements AsyncDisposable {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly #child: Deno.ChildProcess;
  readonly #finished: Promise<Finished>;
  readonly #name: string;

  /** Starts it with exactly this environment and the permissions of a task. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>>, task: TaskName = "tally") {
    this.#name = `${task} ${args.join(" ")}`;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...taskArgs(task), ...args],
      cwd: ROOT,
      env,
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.stdout = new Output(this.#child.stdout);
    this.stderr = new Output(this.#child.stderr);
    this.#finished = this.#finish();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when it has ended by itself. @throws {DeadlineError} (rejects) */
  async finished(withinMs: number = COMMAND_MS): Promise<Finished> {
    return await this.#within(this.#finished, withinMs, "end");
  }

  /** Resolves with the first match on stdout or stderr. @throws {DeadlineError} (rejects) */
  async said(pattern: RegExp, withinMs: number = COMMAND_MS): Promise<string> {
    const said = Promise.race([this.stdout.matched(pattern), this.stderr.matched(pattern)]);
    const ended = this.#finished.then(({ code }) => {
      throw new DeadlineError(`Cannot wait for ${pattern}: ${this.#name} ended with ${code}${this.#tail()}`);
    });
    return await this.#within(Promise.race([said, ended]), withinMs, `say ${pattern}`);
  }

  /** Where its page is. */
  async url(): Promise<string> {
    return await this.said(/http:\/\/(?:127\.0\.0\.1|localhost):\d+/);
  }

  /** Sends a signal; nothing happens when it has ended. */
  signal(name: Deno.Signal): void {
    try {
      this.#child.kill(name);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // What Deno throws for a process that has ended.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    await this.#finished;
  }

  async #finish(): Promise<Finished> {
    const [{ code }, stdout, stderr] = await Promise.all([
      this.#child.status,
      this.stdout.complete,
      this.stderr.complete,
    ]);
    return { code, stdout, stderr };
  }

  async #within<T>(promise: Promise<T>, withinMs: number, what: string): Promise<T> {
    const late = Promise.withResolvers<never>();
    using _timer = systemClock.after(withinMs, () => {
      late.reject(new DeadlineError(`Cannot see ${this.#name} ${what}: ${withinMs} ms have passed${this.#tail()}`));
    });
    return await Promise.race([promise, late.promise]);
  }

  #tail(): string {
    return `\nstdout: ${this.stdout.text.slice(-1_000)}\nstderr: ${this.stderr.text.slice(-3_000)}`;
  }
}

/** What a program has written to one of its streams. */
export class Output {
  /** All of it, once the stream has ended. */
  readonly complete: Promise<string>;
  #text = "";
  #grown = Promise.withResolvers<void>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.complete = this.#collect(stream);
  }

  /** So far. */
  get text(): string {
    return this.#text;
  }

  /** Resolves with the first match; never, when none comes. */
  async matched(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match !== null) return match[0];
      await this.#grown.promise;
    }
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<string> {
    const utf8 = new TextDecoder();
    for await (const chunk of stream) {
      this.#text += utf8.decode(chunk, { stream: true });
      this.#grown.resolve();
      this.#grown = Promise.withResolvers();
    }
    return this.#text;
  }
}

/** Asks again and again until the answer is not undefined, and resolves to it. @throws {DeadlineError} (rejects) */
export async function eventually<T>(
  ask: () => Promise<T | undefined>,
  options: { readonly what: string; readonly withinMs?: number },
): Promise<T> {
  const { what, withinMs = COMMAND_MS } = options;
  const giveUpAtMs = systemClock.elapsedMs() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (systemClock.elapsedMs() > giveUpAtMs) {
      throw new DeadlineError(`Cannot see ${what}: ${withinMs} ms have passed`);
    }
    await sleep(systemClock, POLL_MS);
  }
}

/** The JSON that a page answers. */
export async function json<T>(url: string): Promise<T> {
  const response = await fetch(url);
  assert.equal(response.status, 200, `${url}: ${await response.clone().text()}`);
  return await response.json();
}
