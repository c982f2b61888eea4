import {
  ANSWER,
  chainHead,
  chainSeed,
  encodeEntry,
  encodeItems,
  ENROL_REQUEST,
  KEYS,
  POLL,
  sha256,
  type Signer,
  signMessage,
} from '@farola/shared';
import type { ProofParts } from '@farola/collector/proof/build-proof.js';
import type { LedgerRow } from '@farola/collector/ledger/ledger.js';
import { testSigner } from '../fakes/test-signer.js';

const fill = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

export const LCU_ID = 'malaga-0042';
export const COLLECTOR_ID = 'costa-1';
export const EPOCH = fill(8, 0x0e);
/** 2026-11-22 18:00 UTC, when the first answer came. */
export const START_MS = Date.UTC(2026, 10, 22, 18, 0, 0);

export const ROOT = testSigner(1);
export const POLL_KEY = testSigner(2);
export const LCU = testSigner(4);
export const OTHER_LCU = testSigner(5);

/** Entries 1 to 6: a start and five samples. */
export const ENTRIES: readonly Uint8Array[] = [1, 2, 3, 4, 5, 6].map((n) => {
  const at = { monoMs: 60_000 * n, wallMs: START_MS - 600_000 + 60_000 * n, quality: 'synchronised' } as const;
  if (n > 1) {
    const values = [23_012 + n, 41_235, 1_234_567 + 9 * n];
    return encodeEntry({ kind: 'sample', at, analyser: 0, spanMs: 180, status: 'complete', values });
  }
  const analyser = {
    ...{ index: 0, id: 'main', line: 'rs485-1', unit: 1, profileId: 'circutor-cvm-c10', profileHash: fill(32, 0xf1) },
    ...{
      profileOrigin: 'shipped' as const,
      serialNumber: null,
      ctRatio: null,
      vtRatio: null,
      quantities: [1, 19, 20],
      periodS: 60,
    },
  };
  return encodeEntry({
    ...{ kind: 'start', at, boot: fill(16, 0x0b), previous: null, codeHash: null, configHash: fill(32, 0xf2) },
    ...{ agentVersion: '0.1.0', analysers: [analyser] },
  });
});

/** h(n) of the epoch. */
export function headAt(n: number): Uint8Array {
  return chainHead(chainSeed(LCU_ID, EPOCH), ENTRIES.slice(0, n));
}

/** What a row may differ in from what it should be. */
export interface RowChanges {
  readonly from?: number;
  readonly to?: number;
  readonly first?: number;
  readonly base?: Uint8Array;
  readonly receivedAtMs?: number;
  readonly entries?: readonly Uint8Array[];
  readonly signer?: Signer;
  readonly pollSigner?: Signer;
  readonly poll?: Record<string, unknown>;
  readonly answer?: Record<string, unknown>;
  /** The poll of the row, where the answer was to another. */
  readonly shownPoll?: Uint8Array;
}

/** A row of the ledger with entries from..to, `first` and on stored. */
export function ledgerRow(ordinal: number, changes: RowChanges = {}): LedgerRow {
  const from = changes.from ?? 1;
  const to = changes.to ?? 3;
  const first = changes.first ?? from;
  const nonce = fill(16, ordinal);
  const poll = signPoll(ordinal, changes);
  const answer = signMessage(
    ANSWER,
    {
      ...{ version: 1, lcuId: LCU_ID, pollId: ordinal, nonce, pollHash: sha256(poll), boot: fill(16, 0x0b), epoch: EPOCH },
      ...{ now: [60_000 * (to + 1), START_MS + ordinal * 300_000, 2], from, to, prev: headAt(from - 1), head: headAt(to) },
      ...{ openEpochs: [[EPOCH, 1, to]], gaps: [], codeHash: null, programHash: null, circuits: [], health: new Map() },
      ...changes.answer,
    },
    changes.signer ?? LCU,
  );
  return {
    key: ordinal,
    lcuNo: 0,
    receivedAtMs: changes.receivedAtMs ?? START_MS + ordinal * 300_000,
    poll: changes.shownPoll ?? poll,
    answer,
    epoch: EPOCH,
    first,
    base: changes.base ?? headAt(first - 1),
    entries: encodeItems(changes.entries ?? ENTRIES.slice(first - 1, to)),
  };
}

/** The poll of a row. */
export function signPoll(ordinal: number, changes: RowChanges = {}): Uint8Array {
  return signMessage(
    POLL,
    {
      ...{ version: 1, lcuId: LCU_ID, collectorId: COLLECTOR_ID, lcuNonce: fill(16, 0xa1), pollId: ordinal },
      ...{ nonce: fill(16, ordinal), deadlineMs: 20_000, issuedAt: START_MS + ordinal * 300_000, acks: [] },
      want: [1, EPOCH, 0],
      ...changes.poll,
    },
    changes.pollSigner ?? POLL_KEY,
  );
}

/** The keys statement, with changes. */
export function signKeys(changes: Record<string, unknown> = {}, signer = ROOT): Uint8Array {
  return signMessage(
    KEYS,
    {
      ...{ version: 1, collectorId: COLLECTOR_ID, sequence: 1, rootKey: ROOT.publicKey, pollKeys: [POLL_KEY.publicKey] },
      ...{ commandKeys: [fill(32, 7)], pins: [fill(32, 0x91)], issuedAt: START_MS - 86_400_000 },
      ...changes,
    },
    signer,
  );
}

/** The enrol-request of the LCU, with changes. */
export function signRequest(changes: Record<string, unknown> = {}, signer = LCU): Uint8Array {
  return signMessage(
    ENROL_REQUEST,
    {
      ...{ version: 1, lcuId: LCU_ID, collectorId: COLLECTOR_ID, nonce: fill(16, 0xa4), publicKey: signer.publicKey },
      ...{ tokenHash: fill(32, 0x70), agentVersion: '0.1.0', assurance: 0, evidence: [] },
      ...changes,
    },
    signer,
  );
}

/** What an honest proof of three rows is made of: 1-3, 2-5 of which 4-5 are stored, and 6 with nothing new after it. */
export function honestParts(): ProofParts {
  return {
    ...{ collectorId: COLLECTOR_ID, lcuId: LCU_ID, rootKey: ROOT.publicKey, keys: [signKeys()] },
    lcuKeys: [{ publicKey: LCU.publicKey, fromMs: START_MS - 3_600_000, toMs: null, request: signRequest() }],
    ...{ fromMs: START_MS, toMs: START_MS + 3_600_000, issuedAtMs: START_MS + 7_200_000 },
    rows: [
      ledgerRow(1),
      ledgerRow(2, { from: 2, to: 5, first: 4 }),
      ledgerRow(3, { from: 6, to: 6 }),
      ledgerRow(4, { from: 7, to: 6 }),
    ],
  };
}
