/** The command lines of deno.json's tasks. */
import manifest from "../../deno.json" with { type: "json" };

/** A task that runs one module of ours. */
export type TaskName = keyof typeof manifest.tasks;

/** What `deno` is called with by a task; a permission that is missing is an error, never a question. */
export function taskArgs(name: TaskName): readonly string[] {
  const [deno, command, ...rest] = manifest.tasks[name].command.split(" ");
  if (deno !== "deno" || command === undefined) {
    throw new TypeError(`Cannot split task ${name}: it is more than a call`);
  }
  return [command, "--no-prompt", ...rest];
}
