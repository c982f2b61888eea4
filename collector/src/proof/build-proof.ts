import {
  cutItems,
  FarolaError,
  isoTime,
  PROOF,
  type Proof,
  type ProofRow,
  PROTOCOL_VERSIONS,
  type Signer,
  sha256,
  signMessage,
  toHex,
} from '@farola/shared';
import type { LedgerRow } from '../ledger/ledger.js';

/** A key of the LCU, when it was in force, and the signed enrol-request that brought it. */
export interface ProofKey {
  readonly publicKey: Uint8Array;
  /** Wall time, ms since 1970 UTC. */
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly request: Uint8Array;
}

/** What a proof is made of. */
export interface ProofParts {
  readonly collectorId: string;
  readonly lcuId: string;
  readonly rootKey: Uint8Array;
  /** Every signed keys statement, oldest first. */
  readonly keys: readonly Uint8Array[];
  readonly lcuKeys: readonly ProofKey[];
  /** The asked span of receipt, ms since 1970 UTC; both ends included. */
  readonly fromMs: number;
  readonly toMs: number;
  /**
   * Rows of the span, and beyond it those that hold the start entry of an epoch, without which values have no names, and those
   * that contradict others (proof-rows.ts). In any order; an answer that comes twice is taken once.
   */
  readonly rows: Iterable<LedgerRow>;
  readonly issuedAtMs: number;
}

/**
 * Part of the ledger of one LCU as a file that anyone can check (docs/evidence.md): a PROOF message, one COSE_Sign1.
 * Error: `proof-empty` when there is no row.
 * @param signer the poll key
 */
export function buildProof(parts: ProofParts, signer: Signer): Uint8Array {
  const { collectorId, lcuId, rootKey, keys, lcuKeys, fromMs, toMs, issuedAtMs } = parts;
  const rows = [...new Map([...parts.rows].map((row) => [toHex(sha256(row.answer)), row])).values()];
  if (rows.length === 0) {
    const remedy = 'name a wider span';
    throw new FarolaError('proof-empty', { lcu: lcuId, from: isoTime(fromMs), to: isoTime(toMs), remedy });
  }
  return signMessage(
    PROOF,
    {
      version: Math.max(...PROTOCOL_VERSIONS),
      collectorId,
      lcuId,
      rootKey,
      keys: [...keys],
      lcuKeys: lcuKeys.map(proofKey),
      fromMs,
      toMs,
      rows: rows.sort((a, b) => a.receivedAtMs - b.receivedAtMs || a.key - b.key).map(proofRow),
      issuedAt: issuedAtMs,
    },
    signer,
  );
}

function proofKey({ publicKey, fromMs, toMs, request }: ProofKey): Proof['lcuKeys'][number] {
  return [publicKey, fromMs, toMs, request];
}

function proofRow({ receivedAtMs, poll, answer, first, base, entries }: LedgerRow): ProofRow {
  return [receivedAtMs, poll, answer, first, base, [...cutItems(entries).items]];
}
