import { breachesOf } from "./check.ts";
import { scenarioOf, type ScenarioOptions } from "./scenario.ts";
import { World } from "./world.ts";

/** Plays the scenario of a seed. */
export function play(seed: number, options: ScenarioOptions = {}): World {
  const world = new World(scenarioOf(seed, options));
  world.run();
  return world;
}

/** Plays the scenario of a seed and returns every breach of a law in it; empty when the laws hold. */
export function breaches(seed: number, options: ScenarioOptions = {}): string[] {
  return breachesOf(play(seed, options));
}
