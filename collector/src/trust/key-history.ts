import { type Keys, kidOf, sameBytes, toHex } from '@farola/shared';

/** Where a key stands: made, and LCUs are taking it; in use; replaced, and some LCUs may not know; nobody goes by it. */
export type KeyState = 'next' | 'current' | 'retiring' | 'gone';

/** A key that a statement ever listed. */
export interface KeyRecord {
  readonly what: 'poll' | 'command' | 'tls';
  readonly state: KeyState;
  /** First 8 bytes of the SHA-256 of the public key, in hexadecimal; of an authority, of its SubjectPublicKeyInfo. */
  readonly fingerprint: string;
  /** When the first statement that lists it was issued, wall time, ms. */
  readonly sinceMs: number;
}

const ORDER: readonly KeyState[] = ['current', 'next', 'retiring', 'gone'];
const FINGERPRINT_BYTES = 8;

/**
 * Every key of the statements of a collector: those in use first.
 * @param statements oldest first
 * @param allTaken whether every LCU in use goes by the newest statement
 */
export function keyHistory(statements: readonly Keys[], allTaken: boolean): readonly KeyRecord[] {
  return [
    ...recordsOf('poll', statements, ({ pollKeys }) => pollKeys, kidOf, allTaken),
    ...recordsOf('command', statements, ({ commandKeys }) => commandKeys, kidOf, allTaken),
    ...recordsOf(
      'tls',
      statements,
      ({ pins }) => pins,
      (pin) => pin.slice(0, FINGERPRINT_BYTES),
      allTaken,
    ),
  ];
}

function recordsOf(
  what: KeyRecord['what'],
  statements: readonly Keys[],
  listOf: (keys: Keys) => readonly Uint8Array[],
  fingerprintOf: (key: Uint8Array) => Uint8Array,
  allTaken: boolean,
): KeyRecord[] {
  const newest = statements.at(-1);
  const now = newest ? listOf(newest) : [];
  const stateOf = (key: Uint8Array): KeyState => {
    const place = now.findIndex((one) => sameBytes(one, key));
    if (place >= 0) return place === 0 ? 'current' : 'next';
    return allTaken ? 'gone' : 'retiring';
  };
  const seen = new Map<string, KeyRecord>();
  for (const statement of statements) {
    for (const key of listOf(statement)) {
      const id = toHex(key);
      if (seen.has(id)) continue;
      seen.set(id, { what, state: stateOf(key), fingerprint: toHex(fingerprintOf(key)), sinceMs: statement.issuedAt });
    }
  }
  return [...seen.values()].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.sinceMs - a.sinceMs);
}
