import { counted, FarolaError, printable } from '@farola/shared';
import type { CollectorConfig } from '../config.js';
import { openSqliteState } from '../fleet/sqlite-state.js';
import type { LedgerReader } from '../ledger/ledger.js';
import { openSqliteLedger } from '../ledger/sqlite-ledger.js';
import { openSqliteLedgerMonths } from '../ledger/sqlite-ledger-month.js';
import { describeFinding, type Findings } from '../proof/finding.js';
import { LeftOutRows } from '../proof/left-out.js';
import { provenRows } from '../proof/proven-rows.js';
import { type StatePaths, statePaths } from '../config/state-paths.js';
import { checkInitialised } from './check-initialised.js';
import type { CommandOptions } from './command-options.js';
import { derivedParts } from './derived-parts.js';
import { findingJson, findingLines } from './finding-lines.js';
import { ProgressLine } from './progress-line.js';
import { type LedgerProof, proveLedger } from './prove-ledger.js';
import { withConfig } from './with-config.js';

/** Options of `ledger rebuild`. */
export interface RebuildOptions extends CommandOptions {
  readonly json?: boolean;
}

/**
 * Proves the ledger, and makes everything that is derived from it anew from what agrees, while no collector runs. Errors: `already-running`;
 * `fleet-lost` when the fleet is not that of the ledger; `rebuild-incomplete` behind the work where something was left out; those of
 * configuration, keys and stores.
 */
export async function rebuildCommand(options: RebuildOptions): Promise<void> {
  const findings = await withConfig(options.config, (config) => rebuildAll(config, options));
  throwIfIncomplete(findings);
}

async function rebuildAll(config: CollectorConfig, options: RebuildOptions): Promise<Findings> {
  const paths = statePaths(config);
  checkInitialised(paths);
  const ledger = await openSqliteLedger({ folder: paths.ledger });
  try {
    const { proof, leftOut } = await proveOwn(config, options);
    tellProof(proof, leftOut, options);
    await makeParts(paths, ledger, leftOut, options);
    return proof.report.findings;
  } finally {
    ledger.close();
  }
}

interface OwnProof {
  readonly proof: LedgerProof;
  readonly leftOut: LeftOutRows;
}

/** Proves the ledger, and gathers what has to be left out. */
async function proveOwn(config: CollectorConfig, { note }: RebuildOptions): Promise<OwnProof> {
  const state = await openSqliteState({ path: statePaths(config).state });
  try {
    const leftOut = new LeftOutRows((lcuId) => state.fleet.find(lcuId)?.lcuNo);
    const proof = await proveLedger(state, config, { by: 'rebuild', note, told: (finding) => leftOut.add(finding) });
    return { proof, leftOut };
  } finally {
    state.close();
  }
}

function tellProof({ report, seconds }: LedgerProof, { keys }: LeftOutRows, { json, out }: RebuildOptions): void {
  const { rows, months, findings } = report;
  const { damaged, gone } = findings.counts;
  if (json) {
    const found = findings.kept.filter(({ kind }) => kind !== 'owed').map(findingJson);
    const counts = { answers: rows, leftOut: keys.size, damaged, gone };
    return out(JSON.stringify({ part: 'proof', ...counts, tookSeconds: Number(seconds.toFixed(3)), findings: found }));
  }
  const lines = [
    ...findingLines('does not agree, and is left out', findings, 'damaged'),
    ...findingLines('was here and is gone', findings, 'gone'),
    `${counted(rows, 'answer')} of ${counted(months.length, 'file')} proven in ${seconds.toFixed(1)} s, ${keys.size} left out`,
  ];
  lines.forEach((line) => out(printable(line)));
}

async function makeParts(
  paths: StatePaths,
  ledger: LedgerReader,
  leftOut: LeftOutRows,
  { json, out, note }: RebuildOptions,
): Promise<void> {
  const months = await openSqliteLedgerMonths(paths.ledger);
  const progress = new ProgressLine();
  try {
    const proven = provenRows(ledger, months, leftOut.keys);
    const onSetAside = (damaged: string): void => (note ?? out)(`note: the old file was damaged, and lies at ${damaged}`);
    for (const part of derivedParts(paths, { leftOut: () => leftOut.all, onSetAside })) {
      const began = performance.now();
      const rebuilding = part.rebuild(proven);
      let step = await rebuilding.next();
      for (; !step.done; step = await rebuilding.next()) progress.show(part.name, step.value.rows, step.value.share);
      progress.end();
      const seconds = Number(((performance.now() - began) / 1000).toFixed(3));
      if (json) out(JSON.stringify({ part: part.name, answers: step.value, tookSeconds: seconds }));
      else out(`${part.name}: made anew from ${counted(step.value, 'answer')} in ${seconds.toFixed(1)} s`);
    }
  } finally {
    progress.end();
    months.close();
  }
}

function throwIfIncomplete(findings: Findings): void {
  const { damaged, gone } = findings.counts;
  const first = findings.first('damaged') ?? findings.first('gone');
  if (first) throw new FarolaError('rebuild-incomplete', { count: damaged + gone, first: describeFinding(first) });
}
