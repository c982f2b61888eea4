import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { FarolaError } from '@farola/shared';
import { sodiumVerify } from '../trust/sodium-signer.js';
import type { LedgerMonths } from '../ledger/ledger-month.js';
import type { MonthSpan } from '../proof/plan-night.js';
import { proveSlice, type SliceOutcome } from '../proof/proof-slice.js';
import type { ProveReply, ProveRequest, ProveThreadData } from '../proof/prove-request.js';
import { RowProver } from '../proof/prove-row.js';
import { openSqliteLedgerMonths } from '../ledger/sqlite-ledger-month.js';
import { isUnreadable } from '../proof/walk-rows.js';

/** A thread that proves the ledger, see node-ledger-prover.ts. It runs when nothing else wants to. */
const { folder, pollKeys } = workerData as ProveThreadData;
yieldToOthers();
const verify = await sodiumVerify();
const months = await openSqliteLedgerMonths(folder);
let prover = new RowProver({ pollKeys, lcus: [], verify });

/** On Linux the priority of a process is that of a thread, which /proc names. */
function yieldToOthers(): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), constants.priority.PRIORITY_LOW);
  } catch {
    // Elsewhere it runs with the others' priority, in short slices.
  }
}

function answer(request: ProveRequest): readonly MonthSpan[] | SliceOutcome {
  if (request.do === 'spans') return spansOf(months);
  if (request.lcus) prover = new RowProver({ pollKeys, lcus: request.lcus, verify });
  return proveSlice(request.task, request.cursor, months, prover);
}

function spansOf(of: LedgerMonths): MonthSpan[] {
  return of.list().map((month) => {
    try {
      return { month, keys: of.open(month).keySpan() };
    } catch (error) {
      if (isUnreadable(error)) return { month, keys: undefined };
      throw error;
    }
  });
}

function reply(request: ProveRequest): ProveReply {
  try {
    return { ok: true, value: answer(request) };
  } catch (error) {
    if (error instanceof FarolaError) return { ok: false, code: error.code, facts: error.facts };
    return { ok: false, code: 'internal', facts: { reason: String(error) } };
  }
}

parentPort?.on('message', (request: ProveRequest) => parentPort?.postMessage(reply(request)));
