import { codeOf, systemClock, systemTimers, type Verify } from '@farola/shared';
import type { CollectorConfig } from '../config.js';
import { FailureLog } from '../log/failure-log.js';
import type { FleetReader, LcuRecords } from '../fleet/fleet.js';
import { lcuIdentities } from '../fleet/lcu-identities.js';
import { NightlyProof, proveWhileDue } from '../proof/nightly-proof.js';
import { nodeLedgerProver } from '../proof/node-ledger-prover.js';
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
 * Proves the ledger by night, on a thread of its own. Resolves with what stops it, which puts down the slice that runs.
 * Errors: those of the store.
 */
export async function proveByNight({ config, log, identity, fleet, verify }: ProofParts): Promise<() => Promise<void>> {
  const paths = statePaths(config);
  const book = await openSqliteProofBook(paths.proof);
  const prover = nodeLedgerProver({
    folder: paths.ledger,
    pollKeys: pollKeysOf(identity, verify),
    fleetVersion: () => fleet.version(),
    lcus: () => lcuIdentities(fleet),
  });
  const { awayBefore } = config.proof;
  const proof = new NightlyProof({ book, prover, clock: systemClock(), log, ...config.proof, awayBefore });
  const onProof = new FailureLog(log, 'the ledger cannot be proven');
  const failed = (error: unknown): void => onProof.failed(codeOf(error), { err: error });
  let stopped = false;
  let running = proveWhileDue(proof, () => stopped, failed);
  const look = async (): Promise<void> => {
    await running;
    running = proveWhileDue(proof, () => stopped, failed);
    await running;
  };
  const stopLooking = repeat(systemTimers, LOOK_MS, look, failed);
  return async () => {
    stopped = true;
    stopLooking();
    await prover.close();
    await running;
    book.close();
  };
}
