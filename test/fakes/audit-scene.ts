import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { ExecutionContext } from 'ava';
import { auditLedger, type AuditReport, type AuditScope } from '@farola/collector/proof/audit-ledger.js';
import type { KnownOfLedger } from '@farola/collector/proof/audit-seals.js';
import type { NewAnswer } from '@farola/collector/ledger/ledger.js';
import { RowProver } from '@farola/collector/proof/prove-row.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { openSqliteLedgerMonths } from '@farola/collector/ledger/sqlite-ledger-month.js';
import { temporaryFolder } from './temporary-folder.js';
import { sodiumVerify } from './sodium-verify.js';
import { testSigner } from './test-signer.js';

/** Nothing known but the files. */
export const ONLY_FILES: KnownOfLedger = { seals: [], awayBefore: undefined, provenUpTo: 0 };

/** Proves rows of `testAnswer` of the LCUs 0 to 3, which share name and key. */
export function testProver(lcuId = 'malaga-0042', count = 4): RowProver {
  const lcus = Array.from({ length: count }, (_, lcuNo) => ({ lcuNo, lcuId, publicKeys: [testSigner(1).publicKey] }));
  return new RowProver({ pollKeys: [testSigner(100).publicKey], lcus, verify: sodiumVerify });
}

/** A ledger on disk that is written, then harmed, then proven. */
export class AuditScene {
  readonly folder: string;
  /** Keys of all rows in the order in which they were appended. */
  readonly keys: number[] = [];

  constructor(t: ExecutionContext) {
    this.folder = temporaryFolder(t);
  }

  /** Appends answers, each by itself. */
  async append(...answers: readonly NewAnswer[]): Promise<void> {
    const ledger = await openSqliteLedger({ folder: this.folder });
    for (const answer of answers) this.keys.push(...ledger.append([answer]));
    ledger.close();
  }

  path(month: string): string {
    return join(this.folder, `${month}.db`);
  }

  /** Changes the file of a month behind the back of the ledger. */
  harm(month: string, sql: string, ...parameters: unknown[]): void {
    const db = new Database(this.path(month));
    const { changes } = db.prepare(sql).run(...parameters);
    db.close();
    if (changes === 0) throw new RangeError(`nothing was harmed: ${sql}`);
  }

  async audit(scope: AuditScope = {}, known: KnownOfLedger = ONLY_FILES, prover = testProver()): Promise<AuditReport> {
    const months = await openSqliteLedgerMonths(this.folder);
    try {
      const audit = auditLedger(months, prover, known, scope);
      let step = audit.next();
      while (!step.done) step = audit.next();
      return step.value;
    } finally {
      months.close();
    }
  }
}

/** What a report says, one line a finding: kind, month, entries, row, what. */
export function told({ findings }: AuditReport): string[] {
  return findings.kept.map(({ kind, month, from, to, what }) =>
    [kind, month, ...(from === undefined ? [] : [`${from}..${to ?? from}`]), what].join(' '),
  );
}
