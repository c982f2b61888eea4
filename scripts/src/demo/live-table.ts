import { latestReadings } from '@farola/collector/api/query-readings.js';
import { ageOf, type Reading } from '@farola/collector/api/reading.js';
import { epochCounts, standingOf } from '@farola/collector/fleet/counting.js';
import type { CountsAt } from '@farola/collector/fleet/counts-at.js';
import type { SqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { counted, textTable } from '@farola/shared';

const PHASES = ['L1', 'L2', 'L3'] as const;
const COLUMNS = [
  { title: 'analyser' },
  { title: 'age' },
  { title: 'V L1/L2/L3', align: 'right' },
  { title: 'A L1/L2/L3', align: 'right' },
  { title: 'W L1/L2/L3', align: 'right' },
  { title: 'kWh total', align: 'right' },
] as const;

/** Without the ledger an LCU counts as it stands. */
const NO_ROWS = { rowOf: () => undefined };

/**
 * The fleet for a terminal of 80 columns: of each LCU the verdict and the entries stored, and a table with the age of the newest sample,
 * values per phase and energy of each analyser. @param nowMs wall time
 */
export function liveTable({ fleet, derived }: SqliteState, nowMs: number): string[] {
  return fleet.list().flatMap((lcu) => {
    const contact = derived.contact(lcu.lcuNo);
    const countsAt: CountsAt = (lcuNo, epoch) => epochCounts(standingOf(lcu), derived.start(lcuNo, epoch)?.atMs);
    const readings = latestReadings({ ledger: NO_ROWS, derived, countsAt }, { lcu });
    const stored = counted(contact?.entriesStored ?? 0, 'entry', 'entries');
    const rows = readings.map((reading) => [analyserOf(reading), age(reading, nowMs), ...cells(reading)]);
    const counts = readings.every((reading) => reading.counts) ? '' : ', what it measures does not count';
    const head = `${lcu.lcuId}: ${contact?.verdict ?? lcu.state}, ${stored} stored${counts}`;
    return [head, ...(rows.length > 0 ? textTable(COLUMNS, rows) : [])];
  });
}

/** Without the panel, which is that of the LCU. */
function analyserOf({ point }: Reading): string {
  return point.slice(point.indexOf('/') + 1);
}

function age(reading: Reading, nowMs: number): string {
  const ageMs = ageOf(reading, nowMs);
  return ageMs === undefined ? '?' : `${Math.round(ageMs / 1000)} s`;
}

function cells(reading: Reading): string[] {
  const value = (name: string): string => reading.values.find(({ quantity }) => quantity === name)?.value ?? '-';
  const phases = (base: string, digits: number): string => PHASES.map((phase) => rounded(value(base + phase), digits)).join(' ');
  const energy = value('activeEnergyImportTotal');
  return [
    phases('voltage', 1),
    phases('current', 1),
    phases('activePower', 0),
    energy === '-' ? '-' : (Number(energy) / 1000).toFixed(3),
  ];
}

function rounded(text: string, digits: number): string {
  return text === '-' ? text : Number(text).toFixed(digits);
}
