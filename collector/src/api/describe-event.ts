import { type Cbor, decodeEntry, toHex } from '@farola/shared';
import { branchOf, epochOf } from '../branch-id.js';
import type { EventFact } from '../fleet/derived-state.js';

/** An event as an operator sees it. */
export interface DescribedEvent {
  /** Wall time when it happened, as far as it is known, ms. */
  readonly atMs: number;
  readonly receivedAtMs: number;
  /** Whether it came too late to act on at once. */
  readonly late: boolean;
  /** Age at the receipt, ms. */
  readonly ageMs: number;
  /** Name of the event; `unknown` when this version does not know it. */
  readonly code: string;
  /** What the LCU told with it, byte strings in hexadecimal. */
  readonly facts: readonly string[];
  /** Identity of the entry: its epoch in hexadecimal, the chain of that (0: the first that was stored), and its number. */
  readonly epoch: string;
  readonly branch: number;
  readonly n: number;
}

/** Reads an event for people and programs. */
export function describeEvent({ epoch, n, entry: bytes, atMs, receivedAtMs, late }: EventFact): DescribedEvent {
  const entry = decodeEntry(bytes);
  const { code, facts } = entry.kind === 'event' ? entry : { code: 'unknown', facts: [] };
  const ageMs = Math.max(0, receivedAtMs - atMs);
  return {
    atMs,
    receivedAtMs,
    late,
    ageMs,
    code,
    facts: facts.map(textOf),
    epoch: toHex(epochOf(epoch)),
    branch: branchOf(epoch),
    n,
  };
}

function textOf(fact: Cbor): string {
  if (fact instanceof Uint8Array) return toHex(fact);
  if (fact instanceof Map) return [...(fact as ReadonlyMap<number, Cbor>)].map(([key, of]) => `${key}: ${textOf(of)}`).join(' ');
  if (typeof fact === 'object' && fact !== null) return (fact as readonly Cbor[]).map(textOf).join(' ');
  return String(fact);
}
