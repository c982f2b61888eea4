import { decodeEntry, trialSecondsOf } from '@farola/shared';
import type { CommandsBook, OrderedCommand } from './commands-book.js';
import type { EpochReader, LatestReader } from './derived-state.js';

/** How the trial of a configuration that an LCU took ended. `why` as the LCU says it. */
export type TrialEnd = { readonly kept: true } | { readonly kept: false; readonly why: string };

/** The trial of a configuration that an LCU took, and of whose end it has told nothing yet. */
export interface OpenTrial {
  readonly sequence: number;
  /** When its time is over, wall time, ms; null of an older agent, which does not say how long it tries one. */
  readonly untilMs: number | null;
}

/** What is asked of what an LCU told. */
export type TrialTold = Pick<LatestReader & EpochReader, 'events' | 'platform' | 'start'>;

/** What the LCU recorded of its trial of a configuration, as far as it has come here; undefined before. Errors: those of the port. */
export function trialEnd(
  { lcuNo, sequence, orderedAtMs }: Pick<OrderedCommand, 'lcuNo' | 'sequence' | 'orderedAtMs'>,
  derived: Pick<LatestReader, 'events'>,
): TrialEnd | undefined {
  const told = derived.events(orderedAtMs, lcuNo).flatMap(({ entry: bytes }) => {
    const entry = decodeEntry(bytes);
    return entry.kind === 'event' && entry.facts[0] === sequence ? [entry] : [];
  });
  const last = told.findLast(({ code }) => code === 'config-applied' || code === 'config-rolled-back');
  if (!last) return undefined;
  return last.code === 'config-applied'
    ? { kept: true }
    : { kept: false, why: typeof last.facts[2] === 'string' ? last.facts[2] : '?' };
}

/** The newest configuration that an LCU took, while it has not told how its trial ended. Errors: those of the ports. */
export function openTrial(lcuNo: number, commands: Pick<CommandsBook, 'lastTaken'>, derived: TrialTold): OpenTrial | undefined {
  const taken = commands.lastTaken(lcuNo);
  return taken && !trialEnd(taken, derived) ? trialOf(taken, derived) : undefined;
}

/** The trial of a configuration that was taken. Errors: those of the port. */
export function trialOf(taken: OrderedCommand, derived: Pick<TrialTold, 'platform' | 'start'>): OpenTrial {
  const seconds = trialSecondsOf(taken.detail);
  return { sequence: taken.sequence, untilMs: seconds === undefined ? null : beganMs(taken, derived) + seconds * 1000 };
}

/** Each start of the agent begins an epoch, and what is on trial is tried anew from there on, for its whole time. */
function beganMs({ lcuNo, answeredAtMs, orderedAtMs }: OrderedCommand, derived: Pick<TrialTold, 'platform' | 'start'>): number {
  const epoch = derived.platform(lcuNo)?.epoch;
  const start = epoch && derived.start(lcuNo, epoch);
  return Math.max(answeredAtMs ?? orderedAtMs, start?.atMs ?? 0);
}
