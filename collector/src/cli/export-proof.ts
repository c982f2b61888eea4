import { open, rename } from 'node:fs/promises';
import { FarolaError, systemClock, toHex } from '@farola/shared';
import { buildProof } from '../ledger/build-proof.js';
import type { LedgerReader, LedgerRow } from '../ledger/ledger.js';
import { statePaths } from '../state-paths.js';
import { loadCollectorKeys } from '../trust/fs-collector-keys.js';
import type { CommandOptions } from './command-options.js';
import { withLedger } from './open-store.js';
import { parseTime } from './parse-time.js';

/** Options of `ledger export`. */
export interface ExportOptions extends CommandOptions {
  /** The LCU. */
  readonly proof: string;
  readonly from: string;
  readonly to?: string;
  readonly output?: string;
}

/**
 * Writes a proof of what one LCU signed in a span of receipt, with the start entry of each epoch in it. The file
 * appears whole or not at all. Errors: `lcu-unknown`, `time-invalid`, `proof-empty`, `permission-denied`.
 */
export async function exportProof(options: ExportOptions): Promise<void> {
  await withLedger(options.config, async ({ fleet }, ledger, config) => {
    const lcu = fleet.find(options.proof);
    if (!lcu) throw new FarolaError('lcu-unknown', { lcu: options.proof });
    const { wallMs } = systemClock().now();
    const fromMs = parseTime(options.from, wallMs);
    const toMs = parseTime(options.to ?? '-0s', wallMs);
    const { identity } = await loadCollectorKeys(statePaths(config).keys, config.collectorId);
    const rows = [...ledger.rows(lcu.lcuNo, fromMs, toMs)];
    const proof = buildProof(
      {
        collectorId: config.collectorId,
        lcuId: lcu.lcuId,
        rootKey: identity.rootKey,
        keys: identity.keys,
        lcuKeys: fleet.keyHistory(lcu.lcuNo),
        fromMs,
        toMs,
        rows: rows.length === 0 ? rows : [...rows, ...startRows(ledger, lcu.lcuNo, rows)],
        issuedAtMs: wallMs,
      },
      identity.pollSigner,
    );
    const path = options.output ?? `${lcu.lcuId}.farola-proof`;
    await writeWhole(path, proof);
    options.out(`${path}: ${rows.length} answers of ${lcu.lcuId}, ${proof.length} bytes`);
  });
}

/** The rows that hold entry 1 of each epoch, which names the analysers. */
function startRows(ledger: LedgerReader, lcuNo: number, rows: readonly LedgerRow[]): LedgerRow[] {
  const epochs = new Map(rows.map(({ epoch }) => [toHex(epoch), epoch]));
  return [...epochs.values()].flatMap((epoch) => ledger.rowOf(lcuNo, epoch, 1) ?? []);
}

async function writeWhole(path: string, content: Uint8Array): Promise<void> {
  try {
    const file = await open(`${path}.part`, 'w', 0o644);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.part`, path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'ENOENT' && code !== 'EROFS' && code !== 'ENOSPC' && code !== 'EISDIR') throw error;
    if (code === 'ENOSPC') throw new FarolaError('disk-failure', { path, reason: message });
    throw new FarolaError('permission-denied', { path, remedy: 'name a file in a folder that is yours with --output' });
  }
}
