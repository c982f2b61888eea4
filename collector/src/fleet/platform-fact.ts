import { type Answer, type Entry, SHA256_BYTES, sameBytes } from '@farola/shared';
import type { PlatformFact } from './derived-state.js';

/** Where an entry stands, and the answer that brought it. */
export interface PlatformSource {
  readonly lcuNo: number;
  readonly receivedAtMs: number;
  /** The id of the chain that it is of; what a branch tells is of none that is present. */
  readonly epoch: Uint8Array;
  readonly answer: Pick<Answer, 'openEpochs'>;
  readonly n: number;
}

/**
 * What an entry tells of what its LCU runs on: a start entry that this is not known yet, an event of the platform its hash; undefined
 * for any other entry, and for those of an epoch that was over when the LCU answered. Pure.
 */
export function platformFact({ lcuNo, receivedAtMs, epoch, answer, n }: PlatformSource, entry: Entry): PlatformFact | undefined {
  const hash = hashIn(entry);
  if (hash === undefined || !isPresent(epoch, answer)) return undefined;
  return { lcuNo, epoch, n, hash, receivedAtMs };
}

/** Whether what was told takes the place of the other, of the same LCU: in one epoch by number, else by the receipt. */
export function isLaterPlatform(fact: PlatformFact, than: PlatformFact): boolean {
  if (sameBytes(fact.epoch, than.epoch)) return fact.n > than.n;
  return fact.receivedAtMs > than.receivedAtMs;
}

/** An answer names the present epoch as the last of those that are open. */
function isPresent(epoch: Uint8Array, { openEpochs }: PlatformSource['answer']): boolean {
  const [present] = openEpochs.at(-1) ?? [];
  return present !== undefined && sameBytes(present, epoch);
}

/** A copy, so that 32 bytes do not keep a whole answer in memory. */
function hashIn(entry: Entry): Uint8Array | null | undefined {
  if (entry.kind === 'start') return null;
  if (entry.kind !== 'event') return undefined;
  const { code, facts } = entry;
  const told = code === 'platform-measured' ? facts[0] : code === 'platform-changed' ? facts[1] : undefined;
  if (told === null) return null;
  return told instanceof Uint8Array && told.length === SHA256_BYTES ? new Uint8Array(told) : undefined;
}
