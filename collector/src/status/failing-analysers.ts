import { type SampleStatus, sameBytes } from '@farola/shared';
import { analyserOf, sampleOf } from '../api/reading.js';
import { broughtValues } from '../api/sample-values.js';
import type { EpochTable, HeldSample } from '../fleet/derived-state.js';
import type { LcuFacts } from './lcu-facts.js';

/** What befalls some registers of a device and not others: a good sample of another scan group says nothing of it. */
const OF_THE_GROUP: ReadonlySet<SampleStatus> = new Set(['exception', 'malformed']);

/** The newest sample of one scan group. */
interface Newest {
  readonly n: number;
  readonly status: SampleStatus;
}

/**
 * The analysers of the present epoch of which values are missing, each once. Its scan groups are looked at from the newest sample on:
 * what befalls a device or its line is over as soon as any of them brings values, however long the others take to ask again.
 */
export function failingOf(latest: readonly HeldSample[], table: EpochTable | undefined): LcuFacts['failing'] {
  if (!table) return [];
  const analysers = new Map<string, Newest[]>();
  for (const { epoch, n, analyser: index, entry } of latest) {
    const sample = sameBytes(epoch, table.epoch) && !table.retired.includes(index) ? sampleOf(entry) : undefined;
    if (!sample) continue;
    const id = analyserOf(table, sample)?.id ?? `#${index}`;
    analysers.set(id, [...(analysers.get(id) ?? []), { n, status: sample.status }]);
  }
  return [...analysers].flatMap(([analyser, groups]) => {
    const status = failureOf(groups.sort((a, b) => b.n - a.n));
    return status === undefined ? [] : [{ analyser, status }];
  });
}

/** @param groups the newest first */
function failureOf(groups: readonly Newest[]): SampleStatus | undefined {
  let answers = false;
  for (const { status } of groups) {
    if (broughtValues(status)) answers = true;
    else if (!answers || OF_THE_GROUP.has(status)) return status;
  }
  return undefined;
}
