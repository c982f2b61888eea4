import type { Reading, ReadingSample, ReadingValue } from '@farola/collector/api/reading.js';

/** What of a value a test tells; the rest is of its sample. */
export type ToldValue = Pick<ReadingValue, 'quantity' | 'unit' | 'value'> & Partial<ReadingValue>;

const SAMPLE: ReadingSample = {
  takenAtMs: Date.UTC(2026, 10, 22, 18),
  dating: 'lcu-clock',
  observedAtMs: null,
  notBeforeMs: null,
  notAfterMs: null,
  status: 'complete',
  profileId: 'circutor-cvm-c10',
  profileOrigin: 'shipped',
  periodS: 60,
  epoch: '0e0e0e0e0e0e0e0e',
  n: 7,
  branch: 0,
  counts: true,
};

/** What is known of a sample, otherwise where it is said. */
export function readingSample(change: Partial<ReadingSample> = {}): ReadingSample {
  return { ...SAMPLE, ...change };
}

/** A reading of one sample, otherwise where it is said. */
export function testReading(change: Partial<ReadingSample> & { readonly values: readonly ToldValue[] }): Reading {
  const { values, ...of } = change;
  const sample = readingSample(of);
  const { takenAtMs, observedAtMs } = sample;
  const told = values.map((value) => ({ takenAtMs, observedAtMs, flags: [], sample, ...value }));
  return { lcuId: 'malaga-0042', point: 'alameda-7/mains', ...sample, values: told, assurance: 'A0' };
}
