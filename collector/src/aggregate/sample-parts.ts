import { type AnalyserRow, SAMPLE_FLAGS, type SampleEntry, type SampleValue, type ValueFlag } from '@farola/shared';
import { broughtValues, offsetOf } from '../api/sample-values.js';

/** Values of a sample that were asked at one instant. */
export interface SamplePart {
  /** When they were asked, ms after the time of the sample. */
  readonly offsetMs: number;
  /** Ids, in the order of the values. */
  readonly quantities: readonly number[];
  /** Empty when nothing was read. */
  readonly values: readonly SampleValue[];
  /** Ids of those whose values a rule finds not plausible. */
  readonly flagged: ReadonlySet<number>;
  /** Ids of the counters that another meter shows from here on. */
  readonly exchanged: ReadonlySet<number>;
  /** Ids of the counters whose value the LCU finds to be none that they have. */
  readonly glitches: ReadonlySet<number>;
}

const NONE: ReadonlySet<number> = new Set();
/** A counter at 0 that was not reset, and one that is not where it can have come to. */
const GLITCHES: ReadonlySet<number> = new Set([SAMPLE_FLAGS['counter-zero'], SAMPLE_FLAGS['counter-jumped']]);

/**
 * A sample by the requests that read it: each part has an instant of its own, so that a counter stands at the end of an interval as
 * near as it was asked, and in the quarter in which it was. A sample that brought no values is one part.
 */
export function partsOf(sample: SampleEntry, { quantities }: Pick<AnalyserRow, 'quantities'>): SamplePart[] {
  const { status, values, marks } = sample;
  if (!broughtValues(status)) return [{ offsetMs: 0, quantities, values: [], flagged: NONE, exchanged: NONE, glitches: NONE }];
  const flags = marks?.flags ?? [];
  const found = {
    flagged: idsOf(flags, quantities),
    exchanged: idsOf(
      flags.filter(({ code }) => code === SAMPLE_FLAGS['meter-exchanged']),
      quantities,
    ),
    glitches: idsOf(
      flags.filter(({ code }) => GLITCHES.has(code)),
      quantities,
    ),
  };
  const runs = marks?.offsets ?? [];
  const [first] = runs;
  if (runs.length <= 1) return [{ offsetMs: first ? offsetOf(first) : 0, quantities, values, ...found }];
  let from = 0;
  return runs.map((run) => {
    const to = from + run.count;
    const part = { offsetMs: offsetOf(run), quantities: quantities.slice(from, to), values: values.slice(from, to) };
    from = to;
    return { ...part, ...found };
  });
}

function idsOf(flags: readonly ValueFlag[], quantities: readonly number[]): ReadonlySet<number> {
  if (flags.length === 0) return NONE;
  return new Set(flags.flatMap(({ places }) => places.map((place) => quantities[place] ?? -1)));
}
