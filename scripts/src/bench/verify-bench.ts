import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditLedger } from '@farola/collector/proof/audit-ledger.js';
import type { NewAnswer } from '@farola/collector/ledger/ledger.js';
import { RowProver } from '@farola/collector/proof/prove-row.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { openSqliteLedgerMonths } from '@farola/collector/ledger/sqlite-ledger-month.js';
import { sodiumVerify } from '@farola/collector/trust/sodium-signer.js';
import { cutSigned, sha256, toBeSigned, type Verify } from '@farola/shared';
import { LedgerRows, SAMPLES_OF_ANSWER } from './ledger-rows.js';
import { median } from './measure.js';

/** What was measured: medians over pairs of measurements. */
export interface VerifyFigures {
  readonly rows: number;
  /** Answers that `ledger verify` proves each second, with tables and seams. */
  readonly rowsPerS: number;
  readonly samplesPerS: number;
  /** Bare verification of both signatures and one SHA-256 of each of the same bytes, in memory. */
  readonly floorRowsPerS: number;
  readonly ratio: number;
}

const LCUS = 100;
const PAIRS = 5;

interface BareRow {
  readonly signed: readonly { readonly publicKey: Uint8Array; readonly message: Uint8Array; readonly signature: Uint8Array }[];
  readonly bytes: readonly Uint8Array[];
}

/** Proves a ledger of so many answers again and again, by turns with the floor. */
export async function benchVerify(rows: number): Promise<VerifyFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'farola-bench-'));
  try {
    const made = await LedgerRows.of(LCUS);
    const bare = await fill(folder, made, Math.max(1, Math.round(rows / LCUS)));
    const verify = await sodiumVerify();
    const prover = new RowProver({ pollKeys: [made.pollSigner.publicKey], lcus: made.lcus, verify });
    const months = await openSqliteLedgerMonths(folder);
    const pairs: { real: number; floor: number }[] = [];
    for (let pair = 0; pair <= PAIRS; pair++) {
      const real = secondsOf(() => audit(months, prover, bare.length));
      const floor = secondsOf(() => bareVerify(bare, verify));
      if (pair > 0) pairs.push({ real, floor });
    }
    months.close();
    const rowsPerS = bare.length / median(pairs.map((pair) => pair.real));
    return {
      rows: bare.length,
      rowsPerS: Math.round(rowsPerS),
      samplesPerS: Math.round(rowsPerS * SAMPLES_OF_ANSWER),
      floorRowsPerS: Math.round(bare.length / median(pairs.map((pair) => pair.floor))),
      ratio: Number(median(pairs.map((pair) => pair.floor / pair.real)).toFixed(2)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(folder: string, made: LedgerRows, rounds: number): Promise<BareRow[]> {
  const ledger = await openSqliteLedger({ folder });
  const bare: BareRow[] = [];
  for (let round = 0; round < rounds; round++) {
    const answers = made.round();
    ledger.append(answers);
    for (const answer of answers) bare.push(bareRow(answer, made));
  }
  ledger.close();
  return bare;
}

function bareRow({ lcuNo, poll, answer, entries }: NewAnswer, { pollSigner, lcus }: LedgerRows): BareRow {
  const lcuKey = lcus[lcuNo]?.publicKeys[0] ?? new Uint8Array(0);
  const part = (signed: Uint8Array, publicKey: Uint8Array): BareRow['signed'][number] => {
    const cut = cutSigned(signed);
    if (!cut.ok) throw new RangeError(cut.code);
    const { protectedHeader, payload, signature } = cut.value;
    return { publicKey, signature, message: toBeSigned(protectedHeader, payload) };
  };
  return { signed: [part(poll, pollSigner.publicKey), part(answer, lcuKey)], bytes: [poll, answer, entries] };
}

function audit(months: Awaited<ReturnType<typeof openSqliteLedgerMonths>>, prover: RowProver, expected: number): void {
  const steps = auditLedger(months, prover, { seals: [], awayBefore: undefined, provenUpTo: 0 });
  let step = steps.next();
  while (!step.done) step = steps.next();
  const { rows, findings } = step.value;
  if (rows !== expected || findings.kept.length > 0) throw new RangeError(`${rows} rows, ${findings.kept.length} findings`);
}

function bareVerify(rows: readonly BareRow[], verify: Verify): void {
  for (const { signed, bytes } of rows) {
    for (const { publicKey, message, signature } of signed) {
      if (!verify(publicKey, message, signature)) throw new RangeError('signature');
    }
    for (const part of bytes) sha256(part);
  }
}

function secondsOf(work: () => void): number {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}
