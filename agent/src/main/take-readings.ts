import type { ValueFlag } from '@farola/shared';
import type { AnalyserHealth } from '../config/analyser-health.js';
import { settingFlags } from '../meter/identity/setting-flags.js';
import type { MeterOutcomes } from '../meter/meter-outcomes.js';
import type { Meter } from '../meter/meter.js';
import type { ReadingSink } from '../meter/sampled-line.js';
import type { PanelPlausibility } from './plausibility.js';
import type { SampleRecorder } from './record-samples.js';

/** Whom a reading is told. */
export interface TakeReadingsDeps {
  readonly meter: Pick<Meter, 'analysers'>;
  readonly health: Pick<AnalyserHealth, 'sampled'>;
  readonly outcomes: Pick<MeterOutcomes, 'sampled'>;
  readonly plausibility: Pick<PanelPlausibility, 'judge'>;
  readonly recorder: Pick<SampleRecorder, 'take' | 'note'>;
}

/** Makes the sink of the sampler: each reading is judged, and put into the journal with what was found. */
export function takeReadings({ meter, health, outcomes, plausibility, recorder }: TakeReadingsDeps): ReadingSink {
  return (index, reading) => {
    health.sampled(index, reading.status);
    outcomes.sampled(index, reading);
    const quantities = meter.analysers[index]?.quantities ?? [];
    const settings = settingFlags(reading.deviceMarks ?? [], quantities, reading.values);
    const { flags, events } = plausibility.judge(index, reading);
    recorder.take(index, reading, joinFlags(flags, settings));
    for (const { code, facts } of events) recorder.note(code, facts);
  };
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
