/**
 * Windows folded from panes, at a cost that does not grow with their length.
 *
 * Panes are taken in chunks of about √n for windows of n panes, aligned to pane 0. A window is
 *
 *     (its panes before the first whole chunk ⊕ its whole chunks) ⊕ its panes after the last whole chunk
 *
 * the first part folded from its newest pane to its oldest, the other two from the oldest on, each chunk by itself.
 *
 * I1. What is merged with what depends on the window alone, never on what was asked or changed before: equal panes give
 *     equal bits.
 * I2. Everything folded on the way is kept for the windows after it until a pane in it changes. So a window that follows
 *     on another costs about four merges, and a changed pane at most three times √n.
 *
 * Source: M. van Herk, A fast algorithm for local minimum and maximum filters (1992): prefixes and suffixes of blocks.
 */
import { type Fold, mergeFolds, NOTHING } from "./fold.ts";

/** Folds of one category's panes. */
export class WindowFolds {
  readonly #panes: number;
  readonly #chunk: number;
  readonly #contentOf: (pane: number) => Fold;
  /** By chunk: at `i` the fold of its panes from the `i`-th on. */
  readonly #suffixes = new Map<number, readonly Fold[]>();
  /** By chunk: at `i` the fold of its first `i` panes. */
  readonly #prefixes = new Map<number, Fold[]>();
  /** By chunk: the fold of all its panes. */
  readonly #totals = new Map<number, Fold>();
  /** By first chunk: at `i` the fold of `i` chunks from it on. */
  readonly #runs = new Map<number, Fold[]>();

  /** `panes`: those of a window. `contentOf` gives `NOTHING` for a pane without events. */
  constructor(panes: number, contentOf: (pane: number) => Fold) {
    this.#panes = panes;
    this.#chunk = Math.ceil(Math.sqrt(panes));
    this.#contentOf = contentOf;
  }

  /** The window that ends where pane `end` begins. */
  windowTo(end: number): Fold {
    const size = this.#chunk, start = end - this.#panes;
    const first = Math.ceil(start / size), last = Math.floor(end / size);
    const head = start === first * size ? NOTHING : this.#suffix(first - 1, start - (first - 1) * size);
    const tail = end === last * size ? NOTHING : this.#prefix(last, end - last * size);
    return mergeFolds(mergeFolds(head, this.#run(first, last - first)), tail);
  }

  /** Forgets what was folded from a pane, which has changed. */
  change(pane: number): void {
    const chunk = Math.floor(pane / this.#chunk), place = pane - chunk * this.#chunk;
    this.#suffixes.delete(chunk);
    this.#totals.delete(chunk);
    shorten(this.#prefixes.get(chunk), place + 1);
    for (const [first, folds] of this.#runs) if (first <= chunk) shorten(folds, chunk - first + 1);
  }

  /** Forgets what only windows that end before pane `end` need. */
  forgetBefore(end: number): void {
    const oldest = Math.floor((end - this.#panes) / this.#chunk), newest = Math.floor(end / this.#chunk);
    for (const kept of [this.#suffixes, this.#totals, this.#runs]) {
      for (const chunk of kept.keys()) if (chunk < oldest) kept.delete(chunk);
    }
    for (const chunk of this.#prefixes.keys()) if (chunk < newest) this.#prefixes.delete(chunk);
  }

  #suffix(chunk: number, from: number): Fold {
    const known = this.#suffixes.get(chunk) ?? this.#suffixesOf(chunk);
    this.#suffixes.set(chunk, known);
    return known[from] ?? NOTHING;
  }

  #suffixesOf(chunk: number): readonly Fold[] {
    const folds = new Array<Fold>(this.#chunk).fill(NOTHING);
    let fold = NOTHING;
    for (let place = this.#chunk - 1; place >= 0; place--) {
      folds[place] = fold = mergeFolds(this.#contentOf(chunk * this.#chunk + place), fold);
    }
    return folds;
  }

  #prefix(chunk: number, count: number): Fold {
    const folds = this.#prefixes.get(chunk) ?? [NOTHING];
    this.#prefixes.set(chunk, folds);
    return grown(folds, count, (place) => this.#contentOf(chunk * this.#chunk + place));
  }

  #run(first: number, count: number): Fold {
    const folds = this.#runs.get(first) ?? [NOTHING];
    this.#runs.set(first, folds);
    return grown(folds, count, (place) => this.#total(first + place));
  }

  #total(chunk: number): Fold {
    let total = this.#totals.get(chunk);
    if (total !== undefined) return total;
    total = NOTHING;
    for (let place = 0; place < this.#chunk; place++) {
      total = mergeFolds(total, this.#contentOf(chunk * this.#chunk + place));
    }
    this.#totals.set(chunk, total);
    return total;
  }
}

/** The fold of the first `count` parts, from the folds of fewer. */
function grown(folds: Fold[], count: number, partAt: (place: number) => Fold): Fold {
  let fold = folds[Math.min(count, folds.length - 1)] ?? NOTHING;
  while (folds.length <= count) folds.push(fold = mergeFolds(fold, partAt(folds.length - 1)));
  return fold;
}

function shorten(folds: Fold[] | undefined, length: number): void {
  if (folds !== undefined && folds.length > length) folds.length = length;
}
