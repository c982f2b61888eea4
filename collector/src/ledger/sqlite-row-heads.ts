import { ANSWER, chainHeads, cutItems, cutSigned, FarolaError, parseMessage, sameBytes } from '@farola/shared';
import type { AnswerColumns } from './sqlite-ledger-reads.js';

/**
 * h(first - 1) to h(last) of a row, computed from its base and entries. They must lead to the head that the answer
 * signs: `ledger-corrupt` otherwise, so that a bit lost on our disk is never taken for a fork of the LCU.
 */
export function rowHeads(path: string, row: AnswerColumns): readonly Uint8Array[] {
  const heads = chainHeads(row.base, entriesOf(path, row));
  const signed = signedHead(row);
  if (!signed || !sameBytes(signed, heads.at(-1) ?? row.base))
    throw corruptRow(path, row.key, 'its entries do not hash to the signed head');
  return heads;
}

/** The entries of a row. `ledger-corrupt` when they are not a CBOR array of byte strings. */
export function entriesOf(path: string, row: AnswerColumns): readonly Uint8Array[] {
  try {
    return cutItems(row.entries).items;
  } catch (error) {
    throw corruptRow(path, row.key, 'its entries cannot be read', error);
  }
}

function signedHead({ answer }: AnswerColumns): Uint8Array | undefined {
  const cut = cutSigned(answer);
  const parsed = cut.ok ? parseMessage(ANSWER, cut.value.payload) : cut;
  return parsed.ok ? parsed.value.head : undefined;
}

/** A row that contradicts itself. */
export function corruptRow(path: string, key: number, what: string, cause?: unknown): FarolaError {
  return new FarolaError('ledger-corrupt', { path, reason: `row ${key}: ${what}` }, { cause });
}
