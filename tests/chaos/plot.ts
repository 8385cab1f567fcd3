/** The skeleton of a scenario on real servers: a stage, processors that begin, the same done again and again, the verdict. */
import { type Dose, RATE, settingsFor } from "./scenario.ts";
import type { Seat } from "./seat.ts";
import type { Play } from "./stage.ts";
import type { ServiceStage, Theatre } from "./theatre.ts";

/** What happens on a stage. */
export interface Plot {
  /** Who runs from the beginning. */
  readonly begins: readonly Seat[];
  /** One round of it. */
  round(): Promise<unknown>;
}

/** How often it happens: in the short version, in the long one. */
export interface Times {
  readonly short: number;
  readonly long: number;
}

/** Plays a plot so often. */
export async function playRounds(
  { theatre, dose }: { readonly theatre: Theatre; readonly dose: Dose },
  times: Times,
  plot: (set: ServiceStage) => Plot,
): Promise<Play> {
  await using set = await theatre.stage({ seed: dose.seed, rate: RATE, env: settingsFor(dose) });
  const { begins, round } = plot(set);
  await set.stage.begin(...begins);
  for (let left = dose.isShort ? times.short : times.long; left > 0; left--) await round();
  return await set.stage.end();
}
