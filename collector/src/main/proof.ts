import { codeOf, FarolaError, systemClock, systemTimers, type Verify } from '@farola/shared';
import type { CollectorConfig } from '../config.js';
import { FailureLog } from '../log/failure-log.js';
import type { FleetReader, LcuRecords } from '../fleet/fleet.js';
import { lcuIdentities } from '../fleet/lcu-identities.js';
import { NightlyProof, proveWhileDue } from '../proof/nightly-proof.js';
import { nodeLedgerProver } from '../proof/node-ledger-prover.js';
import type { ProofBook } from '../proof/proof-book.js';
import { openSqliteProofBook } from '../proof/sqlite-proof-book.js';
import type { CollectorIdentity } from '../link/collector-identity.js';
import type { Log } from '../log/log.js';
import { repeat } from './repeat.js';
import { statePaths } from '../config/state-paths.js';
import { pollKeysOf } from '../trust/poll-keys.js';

/** How often it is looked whether the nightly proof is due, ms. */
const LOOK_MS = 60_000;

/** What the nightly proof works with. */
export interface ProofParts {
  readonly config: CollectorConfig;
  readonly log: Log;
  readonly identity: CollectorIdentity;
  readonly fleet: FleetReader & LcuRecords;
  readonly verify: Verify;
}

/**
 * Proves the ledger by night, on a thread of its own. While `proof.db` cannot be opened, that is told and the collector serves
 * without; it is tried again each minute. Resolves with what stops it, which puts down the slice that runs.
 */
export async function proveByNight({ config, log, identity, fleet, verify }: ProofParts): Promise<() => Promise<void>> {
  const paths = statePaths(config);
  const prover = nodeLedgerProver({
    folder: paths.ledger,
    pollKeys: pollKeysOf(identity, verify),
    fleetVersion: () => fleet.version(),
    lcus: () => lcuIdentities(fleet),
  });
  const { awayBefore } = config.proof;
  const onBook = new FailureLog(log, 'the ledger is not proven by night: what it keeps of that cannot be opened');
  const onProof = new FailureLog(log, 'the ledger cannot be proven');
  const failed = (error: unknown): void => onProof.failed(codeOf(error), { err: error });
  let book: ProofBook | undefined;
  let proof: NightlyProof | undefined;
  const open = async (): Promise<void> => {
    try {
      book = await openSqliteProofBook(paths.proof);
      proof = new NightlyProof({ book, prover, clock: systemClock(), log, ...config.proof, awayBefore });
      onBook.worked();
    } catch (error) {
      onBook.failed(codeOf(error), { err: error }, error instanceof FarolaError ? error.facts : {});
    }
  };
  let stopped = false;
  const prove = async (): Promise<void> => {
    if (!proof) await open();
    if (proof) await proveWhileDue(proof, () => stopped, failed);
  };
  let running = prove();
  const look = async (): Promise<void> => {
    await running;
    running = prove();
    await running;
  };
  const stopLooking = repeat(systemTimers, LOOK_MS, look, failed);
  return async () => {
    stopped = true;
    stopLooking();
    await prover.close();
    await running;
    book?.close();
  };
}
