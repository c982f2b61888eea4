import { cutItems, decodeEntry, type PreviousEpoch, sameBytes } from '@farola/shared';
import type { HeldRange } from '../ledger/held-range.js';
import { type KnownLineage, judgeLineage, type LineageFinding } from './judge-lineage.js';
import type { Session } from './session.js';
import type { TakeDeps } from './take-answer.js';

/** What of an answer is new. */
interface NewEntries {
  readonly epoch: Uint8Array;
  readonly first: number;
  /** The entries from `first` on. */
  readonly items: readonly Uint8Array[];
  readonly adds: readonly HeldRange[];
}

/**
 * Judges what an answer adds against the line of epochs. Of the present epoch that is done once for a connection, and
 * when its start entry comes: another branch can only come by another connection, which would replace this one.
 */
export function lineageOf(added: NewEntries, receivedAtMs: number, session: Session, deps: TakeDeps): LineageFinding | undefined {
  const { epoch, first, items, adds } = added;
  if (adds.length === 0) return undefined;
  const isPresent = sameBytes(epoch, session.hello.epoch);
  const startIsNew = first === 1;
  if (isPresent && session.lineageGood && !startIsNew) return undefined;
  const known = knownLineage(session, deps);
  const start = startIsNew ? newStart(items[0], receivedAtMs) : deps.derived.start(session.lcu.lcuNo, epoch);
  const finding = judgeLineage({ epoch, adds, start, startIsNew }, known);
  if (isPresent) session.lineageGood = finding?.grave !== true;
  return finding;
}

function newStart(bytes: Uint8Array | undefined, atMs: number): { previous: PreviousEpoch | null; atMs: number } | undefined {
  const entry = bytes && decodeEntry(bytes);
  return entry?.kind === 'start' ? { previous: entry.previous, atMs } : undefined;
}

function knownLineage({ lcu: { lcuNo }, keyFromMs }: Session, { holdings, ledger, derived }: TakeDeps): KnownLineage {
  return {
    holdingOf: (epoch) => holdings.of(lcuNo, epoch),
    headAt: (epoch, n) => ledger.headAt(lcuNo, epoch, n),
    entryAt(epoch, n) {
      const row = ledger.rowOf(lcuNo, epoch, n);
      return row && cutItems(row.entries).items[n - row.first];
    },
    successorsOf: (epoch) => derived.successors(lcuNo, epoch).filter(({ atMs }) => epoch !== null || atMs >= keyFromMs),
  };
}
