import { toHex } from '@farola/shared';
import { isFirstBranch } from '../branch-id.js';
import type { HoldingReader } from '../ledger/ledger.js';

/**
 * What is stored of an LCU as one text, `EPOCH:FROM-TO+FROM-TO` with commas between, epochs in hexadecimal: by it a decision tells
 * what came before it also where the rows are lost and delivered again. Branches are left out, since nothing of them ever counts.
 */
export function storedText(ledger: Pick<HoldingReader, 'epochsOf' | 'holding'>, lcuNo: number): string {
  return ledger
    .epochsOf(lcuNo)
    .filter(isFirstBranch)
    .map(
      (epoch) =>
        `${toHex(epoch)}:${ledger
          .holding(lcuNo, epoch)
          .runs.map(({ from, to }) => `${from}-${to}`)
          .join('+')}`,
    )
    .join(',');
}

/** Whether an entry is among what such a text tells. */
export function isStoredIn(text: string, epoch: Uint8Array, n: number): boolean {
  const name = `${toHex(epoch)}:`;
  const runs = text.split(',').find((one) => one.startsWith(name));
  if (runs === undefined) return false;
  return runs
    .slice(name.length)
    .split('+')
    .some((run) => {
      const [from = NaN, to = NaN] = run.split('-').map(Number);
      return from <= n && n <= to;
    });
}
