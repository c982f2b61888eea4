import { isGlitch } from './counter-glitch.js';
import { counterStep, type StepFacts } from './counter-step.js';
import { BREAKS_KEPT, type CounterCore, type CounterPoint, type CounterSummary, type SeriesBreak } from './quarter-summary.js';

/** Samples at each end of a quarter of which one, the outermost, is told by its neighbours in other quarters. */
const OF_END = 2;

/**
 * The series of a counter in one quarter. What did not last is left out of what lies between the first and the last sample; of
 * these two the samples of the quarters beside it tell (counter-chain.ts), so that no quarter depends on another.
 * @param points in time, without those that their LCU marks as glitches
 */
export function summariseSeries(
  points: readonly CounterPoint[],
  signed: boolean,
  shownW: NonNullable<StepFacts['shownW']>,
): Pick<CounterSummary, 'leftOut' | 'head' | 'tail' | 'begin' | 'core' | 'end'> {
  const facts: StepFacts = { marked: points.filter(({ isOfOther }) => isOfOther), shownW };
  const between = points.slice(1, -1);
  const lasting = between.filter((point, i) => !isGlitch(points[i], point, points[i + 2], signed, facts));
  const core = coreOf(lasting, signed, facts);
  const [first, last] = [points[0], points.at(-1)];
  const step = (from?: CounterPoint, to?: CounterPoint): CounterSummary['begin'] =>
    from && to && from !== to ? counterStep(from, to, signed, facts) : null;
  return {
    leftOut: between.length - lasting.length,
    head: points.slice(0, OF_END),
    tail: points.slice(-OF_END),
    begin: step(first, core?.first ?? last),
    core,
    end: step(core?.last, last),
  };
}

function coreOf(points: readonly CounterPoint[], signed: boolean, facts: StepFacts): CounterCore | null {
  const [first] = points;
  if (!first) return null;
  let last = first;
  let counted = 0n;
  let steps = 0;
  const breaks: SeriesBreak[] = [];
  for (const point of points.slice(1)) {
    const step = counterStep(last, point, signed, facts);
    if ('counted' in step) {
      counted += step.counted;
      steps++;
    } else if (breaks.length < BREAKS_KEPT) breaks.push({ atMs: point.at.takenAtMs, reason: step.reason });
    last = point;
  }
  return { first, last, counted, steps, breaks };
}
