import { rememberColumns, readingOf, type Delivery } from '@farola/collector/api/make-reading.js';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import { quantityByName, type SampleEntry } from '@farola/shared';
import test from 'ava';
import { analyser } from '../../fakes/test-chain.js';

const RECEIVED_MS = Date.UTC(2026, 10, 22, 18);
const idOf = (name: string): number => quantityByName(name)?.id ?? 0;
const GROUPS = [
  analyser(0, 'mains', { quantities: [idOf('voltageL1'), idOf('currentL1')], periodS: 5 }),
  analyser(1, 'mains', { quantities: [idOf('activeEnergyImportTotal')] }),
];
const TABLE = {
  lcuNo: 0,
  epoch: new Uint8Array(8),
  boot: new Uint8Array(16),
  agentVersion: '0.1.0',
  analysers: GROUPS,
  retired: [],
};
const DELIVERY: Delivery = { table: TABLE, epoch: '00', branch: 0, counts: true, receivedAtMs: RECEIVED_MS };

/** What of samples of the two groups, and of one that no table names, is read of these quantities. */
function read(quantities?: readonly string[]): (string[] | undefined)[] {
  const only = quantities && new Set(quantities);
  const lcu = { lcuId: 'malaga-0042', panel: 'plaza', assurance: 1 } as Lcu;
  const asked = { query: { lcu, quantities: only }, stays: [], columns: rememberColumns(only) };
  return [0, 1, 2].map((index) => {
    const at = { monoMs: 1, wallMs: RECEIVED_MS, quality: 'synchronised' } as const;
    const values = index === 0 ? [1, 2] : [3];
    const sample: SampleEntry = { kind: 'sample', at, analyser: index, spanMs: 0, status: 'complete', values };
    return readingOf(asked, DELIVERY, { n: 2 + index, sample, ageMs: 0 })?.values.map(({ quantity }) => quantity);
  });
}

test('samples of a scan group that has none of the quantities asked are left out', (t) => {
  t.deepEqual(read(['activeEnergyImportTotal']), [undefined, ['activeEnergyImportTotal'], []]);
  t.deepEqual(read(['currentL1']), [['currentL1'], undefined, []]);
});

test('without quantities asked every sample is read', (t) => {
  t.deepEqual(read(), [['voltageL1', 'currentL1'], ['activeEnergyImportTotal'], []]);
});
