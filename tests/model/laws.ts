import { breachesOf } from "./check.ts";
import { scenarioOf, type ScenarioOptions } from "./scenario.ts";
import type { RaiseProtocol } from "./process.ts";
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

/**
 * (b) The finals that a disturbed run has otherwise than an undisturbed one over the same topic, although no raise decided.
 *
 * A window is compared when both runs judged every record in it alike; gaps, lost commits and changed rules are left out.
 */
export function differsFromUndisturbed(seed: number, protocol: RaiseProtocol): string[] {
  const disturbed = play(seed, { protocol, kinds: ["kill", "stall", "move"] });
  const quiet = play(seed, { protocol, noEvents: true });
  const { topic } = disturbed.scenario;
  const split = topic.partitions.flatMap((entries, partition) =>
    entries.filter(({ offset }) => {
      const key = `${partition}|${offset}`;
      return disturbed.cluster.letters.get(key) !== quiet.cluster.letters.get(key);
    })
  );
  const found: string[] = [];
  for (const [key, point] of quiet.cluster.points) {
    const from = point.end - disturbed.scenario.rules.window - disturbed.scenario.rules.zeroFill;
    const raised = split.some(({ event, category }) =>
      category === point.category && event >= from && event < point.end
    );
    const other = disturbed.cluster.points.get(key);
    const same = other?.final === point.final && other.count === point.count;
    if (!raised && !same) found.push(`${key} is ${other?.count}, undisturbed ${point.count}`);
  }
  return found;
}
