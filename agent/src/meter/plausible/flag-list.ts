import { SAMPLE_FLAGS, type SampleFlag, type ValueFlag } from '@farola/shared';

/** Gathers the flags of one sample by quantity, as its marks carry them by place: codes and places ascend, none is there twice. */
export class FlagList {
  readonly #placeOf: (id: number) => number;
  readonly #places = new Map<number, Set<number>>();

  /** @param placeOf where a quantity stands in the sample; below 0 when it does not */
  constructor(placeOf: (id: number) => number) {
    this.#placeOf = placeOf;
  }

  /** Marks the value of a quantity, if the sample has it. */
  mark(flag: SampleFlag, id: number): void {
    const place = this.#placeOf(id);
    if (place < 0) return;
    const code = SAMPLE_FLAGS[flag];
    const places = this.#places.get(code);
    if (places) places.add(place);
    else this.#places.set(code, new Set([place]));
  }

  /** What was marked. */
  get flags(): readonly ValueFlag[] {
    if (this.#places.size === 0) return [];
    const byCode = [...this.#places].toSorted(([a], [b]) => a - b);
    return byCode.map(([code, places]) => ({ code, places: [...places].toSorted((a, b) => a - b) }));
  }
}

/** The flags of both, by code; what both say of one value is said once. */
export function joinFlags(some: readonly ValueFlag[], others: readonly ValueFlag[]): readonly ValueFlag[] {
  if (others.length === 0) return some;
  const places = new Map<number, Set<number>>();
  for (const { code, places: of } of [...some, ...others]) {
    const known = places.get(code) ?? new Set();
    places.set(code, known);
    for (const place of of) known.add(place);
  }
  const flags = [...places].map(([code, of]) => ({ code, places: [...of].sort((a, b) => a - b) }));
  return flags.sort((a, b) => a.code - b.code);
}
