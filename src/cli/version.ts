/** The version of the program: that of its `deno.json`. */
import manifest from "../../deno.json" with { type: "json" };

/** Semantic version. */
export const version: string = manifest.version;
