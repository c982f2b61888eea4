import { quantityByName } from '@farola/shared';
import type { Profile } from '../../profile/profile.js';
import { hex } from '../../profile/hex.js';
import { ordersOf } from '../register-order.js';
import { changedRow, orderOfRow } from './changed-row.js';
import type { Diagnosis } from './diagnose.js';
import type { FoundPlaces } from './search-registers.js';

/** Rows of one reading prove little about rows that nobody held against the display. */
const LEAST_FITTING = 2;

/** A row as it is proposed. */
interface ProposedRow {
  readonly quantity: string;
  readonly zeroIsMissing?: boolean;
  readonly [field: string]: unknown;
}

/** What a proposal stands on. */
export interface ProposalHead {
  readonly id: string;
  readonly vendor: string;
  readonly models: readonly string[];
  readonly functionCode: 3 | 4;
  /** Day of the values of the display, `2026-11-23`. */
  readonly day: string;
}

/**
 * A corrected profile as YAML, which `profile check` accepts: the rows that fit what the display shows, and, where at least two do, all others with the
 * same offset and order, to be verified. undefined when nothing fits.
 */
export function correctedProfile(profile: Profile, { findings, change, fitting }: Diagnosis, day: string): string | undefined {
  if (fitting === 0) return undefined;
  const rows = profile.rows.flatMap((row): ProposedRow[] => {
    const fits = findings.find(({ quantity }) => quantity === row.quantity)?.fits;
    if (!fits && fitting < LEAST_FITTING) return [];
    const changed = changedRow(row, change ?? { offset: 0, order: orderOfRow(row, profile) }, fits?.power ?? 0, profile);
    const { source: _source, trust: _trust, ...plain } = changed;
    return [fits ? plain : { ...plain, trust: 'verify' }];
  });
  const { id, vendor, models, functionCode, wordOrder, byteOrder } = profile;
  const { maxRegisters, evenCountOnly, maxHoleRegisters, exclusive, barriers, unreadable, minGapMs, timeoutMs, invalid } =
    profile;
  const limits = { maxRegisters, evenCountOnly, maxHoleRegisters, exclusive, barriers, unreadable, minGapMs, timeoutMs };
  return profileText(
    { id: `${id}-checked`.slice(0, 63), vendor, models, functionCode, day },
    { wordOrder, byteOrder, ...limits, invalid },
    rows,
  );
}

/** A profile of the places that were found; undefined when none was. */
export function foundProfile(head: ProposalHead, found: readonly FoundPlaces[]): string | undefined {
  const rows = found.flatMap(({ quantity, places: [place] }): ProposedRow[] => {
    if (!place) return [];
    const { addr, type, registers, order, scale } = place;
    const { wordOrder, byteOrder } = ordersOf(order);
    const orders = order === 'ABCD' ? {} : { wordOrder, byteOrder };
    return [{ quantity, addr, type, ...(type === 'bcd' ? { registers } : {}), scale, ...orders }];
  });
  return rows.length === 0 ? undefined : profileText(head, {}, rows);
}

function profileText(
  { id, vendor, models, functionCode, day }: ProposalHead,
  limits: object,
  rows: readonly ProposedRow[],
): string {
  const head = { id, vendor, models, functionCode, ...limits, trust: 'verify' };
  return [
    ...Object.entries(head).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
    'sources:',
    `  - { id: display, document: "display of the meter, ${day}" }`,
    'rows:',
    ...rows.map((row) => `  - ${rowText(row)}`),
    '',
  ].join('\n');
}

/** JSON is YAML; addresses as maps print them. */
function rowText({ zeroIsMissing, ...row }: ProposedRow): string {
  const unit = quantityByName(row.quantity)?.unit;
  const told = { ...row, unit, ...(zeroIsMissing ? { zeroIsMissing } : {}) };
  return JSON.stringify(told).replaceAll(/"addr":(\d+)/g, (_, addr: string) => `"addr": ${hex(Number(addr))}`);
}
