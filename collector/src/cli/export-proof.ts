import { basename } from 'node:path';
import { counted, FarolaError, isoTime, systemClock, toHex } from '@farola/shared';
import type { Lcu } from '../fleet/fleet.js';
import type { SqliteState } from '../fleet/sqlite-state.js';
import type { LedgerReader } from '../ledger/ledger.js';
import { buildProof } from '../proof/build-proof.js';
import { proofRows } from '../proof/proof-rows.js';
import { RowProver } from '../proof/prove-row.js';
import { openSqliteProofBook } from '../proof/sqlite-proof-book.js';
import { isUnreadable } from '../proof/walk-rows.js';
import { type StatePaths, statePaths } from '../config/state-paths.js';
import { ledgerFiles } from '../ledger/sqlite-store-facts.js';
import { loadCollectorKeys } from '../trust/fs-collector-keys.js';
import { PUBLIC } from '../trust/fs-key-file.js';
import { pollKeysOf } from '../trust/poll-keys.js';
import { sodiumVerify } from '../trust/sodium-signer.js';
import { type CommandOptions, say } from './command-options.js';
import { openBeside, withLedger } from './open-store.js';
import { noteFuture, parseSpan } from './parse-time.js';
import { checkOutput, writeOutput } from './write-output.js';

/** Options of `ledger export`. */
export interface ExportOptions extends CommandOptions {
  /** The LCU. */
  readonly proof: string;
  readonly from: string;
  readonly to?: string;
  readonly output?: string;
}

/**
 * Writes a proof of what one LCU signed in a span of receipt, with the start entry of each epoch in it, and with what
 * contradicts these epochs, whenever that came. Every row is proven before; the file appears whole or not at all, and replaces none. What of
 * the ledger could not be looked at for contradictions is told. Errors: `lcu-unknown`, `time-invalid`, `proof-empty`, `ledger-corrupt`, `output-exists`, `permission-denied`, `path-unusable`.
 */
export async function exportProof(options: ExportOptions): Promise<void> {
  const path = options.output ?? `${options.proof}.farola-proof`;
  checkOutput(path);
  const { proof, lcuId, rootKey, answers, forked, unseen } = await proofOf(options);
  await writeOutput(path, proof, PUBLIC);
  const told = { path, lcuId, answers, forkedEpochs: forked, unseen };
  const facts = { ...told, bytes: proof.length, rootKey: toHex(rootKey) };
  const found = forked.map(
    (epoch) => `\nforked: answers about epoch ${epoch} disagree, which verify-proof.py shows, and ends with 2`,
  );
  say(
    options,
    facts,
    `${path}: ${counted(answers, 'answer')} of ${lcuId}, ${proof.length} bytes, root key ${toHex(rootKey)}${found.join('')}`,
    ...unseen.map((place) => `not looked at for what contradicts it: ${place}`),
  );
}

/** Both ends included, wall time in ms. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A proof, and what is told of it. */
interface MadeProof {
  readonly proof: Uint8Array;
  readonly lcuId: string;
  readonly rootKey: Uint8Array;
  readonly answers: number;
  readonly forked: readonly string[];
  /** What could not be looked at for what contradicts it, in words. */
  readonly unseen: readonly string[];
}

async function proofOf(options: ExportOptions): Promise<MadeProof> {
  return withLedger(options.config, async (state, ledger, config) => {
    const { fleet } = state;
    const lcu = fleet.find(options.proof);
    if (!lcu) throw new FarolaError('lcu-unknown', { lcu: options.proof });
    const { wallMs } = systemClock().now();
    const span = parseSpan({ from: options.from, begin: options.from, to: options.to }, wallMs);
    noteFuture(options, span.toMs, wallMs, options.note);
    const paths = statePaths(config);
    const { identity } = await loadCollectorKeys(paths.keys, config.collectorId);
    const verify = await sodiumVerify();
    const lcuKeys = fleet.keyHistory(lcu.lcuNo);
    const publicKeys = lcuKeys.map(({ publicKey }) => publicKey);
    const prover = new RowProver({ pollKeys: pollKeysOf(identity, verify), lcus: [{ ...lcu, publicKeys }], verify });
    const away = await monthsAway(paths);
    const { rows, answers, forked, unseen: damaged } = proofRows(ledger, lcu.lcuNo, span, prover);
    if (answers === 0) throw nothingOf(lcu, span, ledger, state);
    const unseen = [...away, ...damaged];
    const { collectorId, rootKey, pollSigner } = identity;
    const parts = {
      collectorId,
      rootKey,
      keys: identity.keys,
      lcuId: lcu.lcuId,
      lcuKeys,
      ...span,
      rows,
      issuedAtMs: wallMs,
    };
    return { proof: buildProof(parts, pollSigner), lcuId: lcu.lcuId, rootKey, answers, forked, unseen };
  });
}

/** Says of which time there is something: a span that is named blindly again may be as empty. */
function nothingOf({ lcuNo, lcuId }: Lcu, { fromMs, toMs }: Span, ledger: LedgerReader, { derived }: SqliteState): FarolaError {
  const facts = { lcu: lcuId, from: isoTime(fromMs), to: isoTime(toMs) };
  for (const { receivedAtMs } of ledger.rows(lcuNo, 0, Number.MAX_SAFE_INTEGER)) {
    const newestMs = Math.max(receivedAtMs, derived.contact(lcuNo)?.lastGoodAtMs ?? 0);
    const here = `answers of it are here from ${isoTime(receivedAtMs)} to ${isoTime(newestMs)}`;
    return new FarolaError('proof-empty', { ...facts, remedy: `${here}: name a span with some of them` });
  }
  const remedy = `no answer of it is in the ledger at all: \`farola-collector status ${lcuId}\` says how it is`;
  return new FarolaError('proof-empty', { ...facts, remedy });
}

/** Sealed months of which no file is here, in words. Which these are is known from the seals alone. */
async function monthsAway({ proof, ledger }: StatePaths): Promise<string[]> {
  try {
    const book = await openBeside(proof, (how) => openSqliteProofBook(proof, how));
    try {
      const here = new Set(ledgerFiles(ledger).map((path) => basename(path, '.db')));
      const months = (book?.seals() ?? []).map(({ month }) => month);
      return months.filter((month) => !here.has(month)).map((month) => `${month}, whose file is not here`);
    } finally {
      book?.close();
    }
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return [`months that were moved away, if there are any: ${error.message}`];
  }
}
