/** A law broken on purpose, and who must notice. */
export interface Mutation {
  /** What the program no longer keeps. */
  readonly law: string;
  readonly file: string;
  /** Stands in the file once; a mutation whose text is gone must be written anew. */
  readonly find: string;
  readonly replace: string;
  readonly noticed: Witness;
}

/**
 * Who must notice: the simulation, that begins with a seed known to do so and goes on through others while none does; or
 * test files.
 */
export type Witness = { readonly seed: number } | { readonly tests: readonly string[] };
