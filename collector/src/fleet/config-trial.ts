import { decodeEntry } from '@farola/shared';
import type { OrderedCommand } from './commands-book.js';
import type { LatestReader } from './derived-state.js';

/** How the trial of a configuration that an LCU took ended. `why` as the LCU says it. */
export type TrialEnd = { readonly kept: true } | { readonly kept: false; readonly why: string };

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
