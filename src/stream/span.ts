/** Spans of event time, half-open `[fromMs, toMs)`; in a list they are sorted and do not touch. */

/** Event time from one instant up to another. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The spans sorted, those that overlap or touch made one, empty ones left out. */
export function joined(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (!(span.fromMs < span.toMs)) continue;
    const last = result.at(-1);
    if (last === undefined || span.fromMs > last.toMs) result.push(span);
    else result[result.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
  }
  return result;
}

/** Whether one of the spans of a list holds the instant. Cost: a binary search. */
export function holds(spans: readonly Span[], timeMs: number): boolean {
  let low = 0, high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle]?.fromMs ?? Infinity) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return timeMs < (spans[low - 1]?.toMs ?? -Infinity);
}

/** A list in two of about equal length, cut between spans or, when there is but one, at a multiple of the slide. */
export function halves(
  spans: readonly Span[],
  slideMs: number,
): readonly [readonly Span[], readonly Span[]] | undefined {
  const [only] = spans;
  if (only === undefined) return undefined;
  if (spans.length > 1) {
    const middle = spans.length >>> 1;
    return [spans.slice(0, middle), spans.slice(middle)];
  }
  const cutMs = only.fromMs + Math.ceil((only.toMs - only.fromMs) / slideMs / 2) * slideMs;
  return cutMs < only.toMs ? [[{ fromMs: only.fromMs, toMs: cutMs }], [{ fromMs: cutMs, toMs: only.toMs }]] : undefined;
}
