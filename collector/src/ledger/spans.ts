/** Entries from..to of one epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The parts of the spans that lie within from..to, in their order; none where that is empty. */
export function clip(spans: readonly Span[], from: number, to: number): Span[] {
  if (to < from) return [];
  return spans
    .filter((span) => span.from <= to && span.to >= from)
    .map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) }));
}

/** The parts of the spans that none of the others cover, ascending. @param spans apart from each other, in any order */
export function without(spans: readonly Span[], others: readonly Span[]): Span[] {
  const covers = [...others].sort(byBegin);
  return [...spans].sort(byBegin).flatMap((span) => {
    const left: Span[] = [];
    let next = span.from;
    for (const { from, to } of covers) {
      if (to < next) continue;
      if (from > span.to) break;
      if (from > next) left.push({ from: next, to: from - 1 });
      next = to + 1;
    }
    return next <= span.to ? [...left, { from: next, to: span.to }] : left;
  });
}

function byBegin(a: Span, b: Span): number {
  return a.from - b.from;
}
