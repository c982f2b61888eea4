import type { AnalyserHealth } from '../config/analyser-health.js';
import type { MeterOutcomes } from '../meter/meter-outcomes.js';
import type { ReadingSink } from '../meter/sampled-line.js';
import type { PanelPlausibility } from './plausibility.js';
import type { SampleRecorder } from './record-samples.js';

/** Whom a reading is told. */
export interface TakeReadingsDeps {
  readonly health: Pick<AnalyserHealth, 'sampled'>;
  readonly outcomes: Pick<MeterOutcomes, 'sampled'>;
  readonly plausibility: Pick<PanelPlausibility, 'judge'>;
  readonly recorder: Pick<SampleRecorder, 'take' | 'note'>;
}

/** Makes the sink of the sampler: each reading is judged, and put into the journal with what was found. */
export function takeReadings({ health, outcomes, plausibility, recorder }: TakeReadingsDeps): ReadingSink {
  return (index, reading) => {
    health.sampled(index, reading.status);
    outcomes.sampled(index, reading);
    const { flags, events } = plausibility.judge(index, reading);
    recorder.take(index, reading, flags);
    for (const { code, facts } of events) recorder.note(code, facts);
  };
}
