import { flagName, type OffsetRun, type SampleEntry, type SampleStatus } from '@farola/shared';

/** Name of a rule of plausibility, as `flagName` has it. */
export type FlagName = ReturnType<typeof flagName>;

const BROUGHT: ReadonlySet<SampleStatus> = new Set(['complete', 'partial']);

/** Whether a reading that went so brought values; those of any other are none, whatever the LCU wrote. */
export function broughtValues(status: SampleStatus): boolean {
  return BROUGHT.has(status);
}

/** Longest that a reading can take, ms: the longest period. An LCU can sign any span; no value is taken for later than this. */
const LONGEST_READING_MS = 3_600_000;

/** The instant of a run of values as it is believed, ms after the time of the sample. */
export function offsetOf({ ms }: OffsetRun): number {
  return Math.min(ms, LONGEST_READING_MS);
}

/** What is known of one value beside its size. */
export interface ValueMarks {
  /** When it was asked, ms after the time of its sample. */
  readonly offsetMs: number;
  /** The rules that find it not plausible, by their numbers ascending. */
  readonly flags: readonly FlagName[];
}

const NONE: ValueMarks = { offsetMs: 0, flags: [] };

/** What the marks of a sample say of each of its values, by place. */
export function marksByPlace({ marks }: Pick<SampleEntry, 'marks'>): (place: number) => ValueMarks {
  if (!marks) return () => NONE;
  const flags = new Map<number, FlagName[]>();
  for (const { code, places } of marks.flags) {
    for (const place of places) flags.set(place, [...(flags.get(place) ?? []), flagName(code)]);
  }
  const offsets = marks.offsets.flatMap((run) => Array<number>(run.count).fill(offsetOf(run)));
  return (place) => ({ offsetMs: offsets[place] ?? 0, flags: flags.get(place) ?? NONE.flags });
}
