/** Partitions that several processes have had in turn, each with some of them. */
import { virtual } from "../../src/actor/mod.ts";
import { MemoryLog } from "../fakes/memory_log.ts";
import { MemoryPipeline } from "../fakes/memory_pipeline.ts";
import { appendEvents, assertExact, eventAt, SCRIPT_START_MS, type StandingEvent } from "../fakes/memory_script.ts";
import { MemoryLetters, MemoryStore } from "../fakes/memory_store.ts";

const CATEGORIES = ["travel", "food_dining"] as const;

/** One event a second of a partition's own category. */
function appendSeconds(log: MemoryLog, partition: 0 | 1, { from, to }: { from: number; to: number }): StandingEvent[] {
  return Array.from({ length: to - from }, (_, second) => {
    const timestampMs = SCRIPT_START_MS + (from + second) * 1_000;
    const event = eventAt(timestampMs, { category: CATEGORIES[partition] });
    return appendEvents(log, partition, { events: [event], timestampMs });
  }).flat();
}

for (const end of ["drains", "dies"] as const) {
  Deno.test(`shared out: a partition that comes to another one further on, whose owner ${end}, loses nothing`, async () => {
    const log = new MemoryLog(2), store = new MemoryStore(), letters = new MemoryLetters();
    const shared = { log, store, letters };
    const events: StandingEvent[] = [];
    {
      await using ahead = await MemoryPipeline.start(shared);
      ahead.source.assign([0]);
      events.push(...appendSeconds(log, 0, { from: 0, to: 400 }));
      await ahead.time.advance(3_000);
      await ahead.drain();
    }
    const behind = await MemoryPipeline.start({ ...shared, time: virtual({ seed: 2 }) });
    behind.source.assign([1]);
    events.push(...appendSeconds(log, 1, { from: 0, to: 200 }));
    await behind.time.advance(3_000);
    if (end === "drains") await behind.drain();
    await behind.kill();
    events.push(...appendSeconds(log, 1, { from: 200, to: 500 }));
    await using both = await MemoryPipeline.start({ ...shared, time: virtual({ seed: 3 }), untilCaughtUp: true });
    await both.finish();
    assertExact({ store, letters, events });
  });
}
