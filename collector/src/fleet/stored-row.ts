import { ANSWER, type Answer, cutSigned, FarolaError, parseMessage } from '@farola/shared';
import type { LedgerRow, OwnedRange } from '../ledger/ledger.js';
import { entriesOf } from '../row-entries.js';
import type { StoredAnswer } from './derive-change.js';

/** A row as what it changes is derived from, without what was known beside it. Error: `ledger-corrupt`. */
export function storedRow(row: LedgerRow, adds: readonly OwnedRange[]): Omit<StoredAnswer, 'start' | 'standing' | 'answer'> {
  const { lcuNo, receivedAtMs, epoch, first } = row;
  return { lcuNo, receivedAtMs, epoch, first, entries: entriesOf(row), adds };
}

/** The answer was verified before it was stored: that it cannot be read now is a fault of the disk. Error: `ledger-corrupt`. */
export function answerOf({ key, answer }: LedgerRow): Answer {
  const cut = cutSigned(answer);
  const parsed = cut.ok ? parseMessage(ANSWER, cut.value.payload) : cut;
  if (parsed.ok) return parsed.value;
  throw new FarolaError('ledger-corrupt', { path: 'ledger', reason: `answer of row ${key} cannot be read: ${parsed.code}` });
}
