import type { Decided } from '../fleet/counting.js';
import type { LcuFrame } from './aggregate-store.js';

/** The moment from which two frames of an LCU differ, ms; undefined when they do not. */
export function changedFromMs(before: LcuFrame | undefined, now: LcuFrame): number | undefined {
  if (!before) return 0;
  const stays = changes(before.stays, now.stays, ({ panel, fromMs }) => `${fromMs} ${panel}`).map(({ of, index }) =>
    // What was measured before the first stay counts for it (meter-stays.ts).
    index === 0 ? 0 : of.fromMs,
  );
  const ends = changes(before.stays, now.stays, ({ toMs }) => String(toMs)).flatMap(({ of: { toMs } }) => toMs ?? []);
  const text = ({ decision, atMs, held, takenAtMs }: Decided): string => [atMs, decision, takenAtMs, held].join(' ');
  const decisions = changes(before.decisions, now.decisions, text).map(({ of }) => of.atMs);
  const fromMs = Math.min(...stays, ...ends, ...decisions);
  return fromMs === Infinity ? undefined : fromMs;
}

/** What stands in one list and not at the same place of the other. */
function changes<Of>(before: readonly Of[], now: readonly Of[], text: (of: Of) => string): { of: Of; index: number }[] {
  const differing = (list: readonly Of[], other: readonly Of[]): { of: Of; index: number }[] =>
    list.flatMap((of, index) => {
      const there = other[index];
      return there !== undefined && text(there) === text(of) ? [] : [{ of, index }];
    });
  return [...differing(before, now), ...differing(now, before)];
}
