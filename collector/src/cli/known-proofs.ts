import { counted, FarolaError, isoTime, jsonTime, printable } from '@farola/shared';
import { statePaths } from '../config/state-paths.js';
import type { CollectorConfig } from '../config.js';
import { describeFinding } from '../proof/finding.js';
import { type AskedFigures, type ProofBehind, StandingProofs } from '../proof/proof-behind.js';
import { openSqliteProofBook } from '../proof/sqlite-proof-book.js';
import type { CommandOptions } from './command-options.js';
import { openBeside } from './open-store.js';

/** What is known of the proofs of the ledger, or why it cannot be said. */
export type ProofsOrWhyNot = StandingProofs | FarolaError;

/** Reads what proofs of the ledger came to: figures are shown also where that cannot be read. */
export async function readProofs(config: CollectorConfig): Promise<ProofsOrWhyNot> {
  const { proof: path } = statePaths(config);
  try {
    const book = await openBeside(path, (how) => openSqliteProofBook(path, how));
    try {
      const none = { progress: { provenUpTo: 0, night: null, last: null }, found: [], records: [] };
      return new StandingProofs(book ? { progress: book.progress(), found: book.findings(0), records: book.records() } : none);
    } finally {
      book?.close();
    }
  } catch (error) {
    if (error instanceof FarolaError) return error;
    throw error;
  }
}

const BY: Readonly<Record<NonNullable<ProofBehind['by']>, string>> = {
  night: 'the nightly proof',
  verify: '`farola-collector ledger verify`',
  rebuild: '`farola-collector ledger rebuild`',
};

/** Says something of figures below their table; beside CSV as a note. JSON has it with the figures. */
export function tellBeside(
  { csv, json, out, note }: Pick<CommandOptions, 'out' | 'note' | 'json'> & { readonly csv?: boolean },
  lines: readonly string[],
): void {
  if (json) return;
  for (const line of lines) {
    if (csv) note?.(`note: ${line}`);
    else out(line);
  }
}

/**
 * What is said of the proof of the ledger beside figures, a line each.
 * @param onlyUnsound where figures go to another program, or there are none: that all is well, or not proven yet, is not said then
 */
export function proofLines(proofs: ProofsOrWhyNot, asked: readonly AskedFigures[], onlyUnsound = false): string[] {
  if (proofs instanceof FarolaError)
    return [`WHETHER THE LEDGER BEHIND THESE WAS PROVEN CANNOT BE SAID: ${printable(proofs.message)}`];
  const { provenUpToMs, provenAtMs, by, damaged, gone, first } = proofs.behind(asked);
  const at = provenAtMs === null ? ', which goes on' : ` of ${isoTime(provenAtMs)}`;
  const proven =
    provenUpToMs === null || by === null
      ? 'NOT PROVEN SINCE IT WAS STORED: `farola-collector ledger verify` proves the ledger behind these'
      : `proven: what was received before ${isoTime(provenUpToMs)}, by ${BY[by]}${at}`;
  const how = onlyUnsound ? [] : [proven];
  if (damaged + gone === 0) return how;
  const told = first ? `the first: ${printable(describeFinding(first))}` : 'which of them are behind these is not kept';
  return [
    ...how,
    `DOES NOT AGREE WITH WHAT WAS SIGNED: ${counted(damaged, 'place')} of the ledger behind these; gone: ${gone}; ${told}`,
    'mend the ledger as `farola-collector ledger verify` says, then `farola-collector ledger rebuild`',
  ];
}

/** The same for programs; null where it cannot be said. */
export function proofJson(proofs: ProofsOrWhyNot, asked: readonly AskedFigures[]): object | null {
  if (proofs instanceof FarolaError) return null;
  const { provenUpToMs, provenAtMs, by, damaged, gone } = proofs.behind(asked);
  return { provenUpTo: jsonTime(provenUpToMs), provenAt: jsonTime(provenAtMs), provenBy: by, damaged, gone };
}
