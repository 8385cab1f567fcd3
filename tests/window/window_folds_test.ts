import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import { Customers } from "../../src/window/customers.ts";
import { type Fold, mergeFolds, NOTHING } from "../../src/window/fold.ts";
import { Frequent } from "../../src/window/frequent.ts";
import { PaneMoments } from "../../src/window/moments.ts";
import { QuantileSketch } from "../../src/window/quantile_sketch.ts";
import { WindowFolds } from "../../src/window/window_folds.ts";

/** What a pane of these amounts holds; each amount is its own customer and merchant. */
function contentOf(amounts: readonly number[]): Fold {
  const moments = new PaneMoments(), sketch = new QuantileSketch(), keys = new Uint32Array(amounts.length);
  moments.add({ amounts: Float64Array.from(amounts), frauds: new Uint8Array(amounts.length) }, 0, amounts.length);
  amounts.forEach((amount, index) => {
    sketch.add(amount);
    keys[index] = Math.imul(amount * 1_000, 0x9e3779b1) >>> 0;
  });
  const customers = new Customers(), merchants = new Frequent();
  customers.addAll(keys, 0, keys.length);
  merchants.addAll(keys, 0, keys.length);
  return { moments: moments.data(), amounts: sketch.data(), customers: customers.data(), merchants: merchants.data() };
}

/** Panes that hold amounts, by index. */
class Panes {
  readonly #amounts = new Map<number, number[]>();
  reads = 0;

  add(pane: number, amount: number): void {
    this.#amounts.set(pane, [...this.#amounts.get(pane) ?? [], amount]);
  }

  amountsIn(from: number, to: number): readonly number[] {
    return Array.from({ length: to - from }, (_, index) => this.#amounts.get(from + index) ?? []).flat();
  }

  folds(panes: number): WindowFolds {
    return new WindowFolds(panes, (pane) => {
      this.reads++;
      const amounts = this.#amounts.get(pane);
      return amounts === undefined ? NOTHING : contentOf(amounts);
    });
  }
}

function sameBits(got: Fold, wanted: Fold, message: string): void {
  assert.deepStrictEqual(got.moments, wanted.moments, message);
  assert.deepStrictEqual(got.amounts, wanted.amounts, message);
  assert.deepStrictEqual(got.customers, wanted.customers, message);
  assert.deepStrictEqual(got.merchants, wanted.merchants, message);
}

Deno.test("WindowFolds.windowTo() gives the bits of a first reading, whatever was asked and changed before", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed), below = (limit: number) => Math.floor(random() * limit);
    const length = 1 + below(20), panes = new Panes(), folds = panes.folds(length);
    for (let step = 0; step < 80; step++) {
      const now = 100 + Math.floor(step / 2);
      const changed = Math.max(0, now - below(3 * length));
      panes.add(changed, Math.round(random() * 1e5) / 100);
      folds.change(changed);
      if (random() < 0.3) folds.forgetBefore(now - below(4));
      const end = now + below(length + 3);
      const message = `seed ${seed}, step ${step}, ${length} panes up to ${end}`;
      sameBits(folds.windowTo(end), panes.folds(length).windowTo(end), message);
    }
  }
});

Deno.test("WindowFolds.windowTo() holds the events of its panes and no others", () => {
  for (const length of [1, 2, 3, 4, 12, 37]) {
    const panes = new Panes();
    for (let pane = 0; pane < 120; pane++) if (pane % 3 !== 1) panes.add(pane, pane + 0.25);
    const folds = panes.folds(length);
    for (let end = 1; end < 150; end++) {
      const amounts = panes.amountsIn(end - length, end), { moments } = folds.windowTo(end);
      assert.deepStrictEqual(
        [moments.count, moments.sum, moments.min, moments.max],
        [amounts.length, amounts.reduce((sum, amount) => sum + amount, 0), Math.min(...amounts), Math.max(...amounts)],
        `${length} panes up to ${end}`,
      );
    }
  }
});

Deno.test("WindowFolds reads few panes for the next window: about two, and as many after a change as a chunk has", () => {
  const length = 1_440, chunk = Math.ceil(Math.sqrt(length)), panes = new Panes(), folds = panes.folds(length);
  for (let pane = 0; pane < 4 * length; pane++) panes.add(pane, pane);
  folds.windowTo(length);
  panes.reads = 0;
  for (let end = length + 1; end <= 3 * length; end++) {
    folds.change(end);
    folds.forgetBefore(end);
    folds.windowTo(end);
  }
  assert.ok(panes.reads <= 3.1 * 2 * length, `${panes.reads} panes for ${2 * length} windows`);
  panes.reads = 0;
  folds.change(3 * length - 1);
  folds.windowTo(3 * length);
  assert.ok(panes.reads <= 2 * chunk, `${panes.reads} panes after one change`);
});

Deno.test("mergeFolds() with nothing changes nothing", () => {
  const some = contentOf([3, -4, 0, 1e-3]);
  assert.strictEqual(mergeFolds(some, NOTHING), some);
  assert.strictEqual(mergeFolds(NOTHING, some), some);
});
