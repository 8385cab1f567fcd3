/** What a page's main thread did, task by task, from Chromium's own trace. */
import type { Browser, Page } from "playwright-core";

/** One task of the main thread: script, style, layout and paint of a frame are one. */
export interface MainTask {
  /** How long the thread was on a processor for it, ms: other work on the machine does not count. */
  readonly cpuMs: number;
  /** From its begin to its end by the clock, ms. */
  readonly wallMs: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** The tasks of the page's main thread while `body` runs. @throws {TypeError} when the trace has no time on processors */
export async function tasksDuring(browser: Browser, page: Page, body: () => Promise<void>): Promise<MainTask[]> {
  await browser.startTracing(page, { categories: ["disabled-by-default-devtools.timeline", "__metadata"] });
  await body();
  const { traceEvents }: { readonly traceEvents: readonly TraceEvent[] } = JSON.parse(
    new TextDecoder().decode(await browser.stopTracing()),
  );
  const mains = new Set(traceEvents.filter(({ args }) => args?.name === "CrRendererMain").map(threadOf));
  const tasks = traceEvents.filter((event) =>
    event.name === "RunTask" && event.ph === "X" && mains.has(threadOf(event))
  );
  if (!tasks.some(({ tdur }) => tdur !== undefined)) {
    throw new TypeError("Cannot read trace: no task has a thread time");
  }
  // One that the trace begins or ends in has none: its time by the clock is never less.
  return tasks.map(({ dur = 0, tdur = dur }) => ({ cpuMs: tdur / 1_000, wallMs: dur / 1_000 }));
}

function threadOf({ pid, tid }: TraceEvent): string {
  return `${pid} ${tid}`;
}
