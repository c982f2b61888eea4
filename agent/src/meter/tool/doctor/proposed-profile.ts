import { quantityByName } from '@farola/shared';
import { spanOf } from '../../profile/profile.js';
import type { Profile } from '../../profile/profile.js';
import type { NumberType } from '../../profile/register-type.js';
import { hex } from '../../profile/hex.js';
import { ordersOf } from '../register-order.js';
import { changedRow, orderOfRow } from './changed-row.js';
import type { Diagnosis, QuantityFinding } from './diagnose.js';
import { movedModel } from './moved-model.js';
import type { FoundPlaces } from './search-registers.js';

/** Rows of one reading prove little about rows that nobody held against the display. */
const LEAST_FITTING = 2;
/** Register space: addresses have 16 bits. */
const SPACE = 0x10000;

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

/** Name of the display among the sources. */
const DISPLAY = 'display';

/**
 * A corrected profile as YAML, which `profile check` accepts: the rows that fit what the display shows, and, where at least two do, all others with the
 * same offset and order, to be verified. All else that is known of the model stays, moved alike. undefined when nothing fits.
 */
export function correctedProfile(profile: Profile, { findings, change, fitting }: Diagnosis, day: string): string | undefined {
  if (fitting === 0) return undefined;
  const types = newTypes(profile, findings);
  const rows = profile.rows.flatMap((row): ProposedRow[] => {
    const fits = findings.find(({ quantity }) => quantity === row.quantity)?.fits;
    if (!fits && fitting < LEAST_FITTING) return [];
    const type = fits ? (fits.type ?? undefined) : 'composite' in row ? undefined : types.get(row.type);
    const place = change ?? { offset: 0, order: orderOfRow(row, profile) };
    const changed = changedRow(row, { ...place, type }, fits?.power ?? 0, profile);
    const { from, to } = spanOf(changed);
    if (from < 0 || to > SPACE) return [];
    const { source: _source, trust: _trust, ...plain } = changed;
    return [fits ? { ...plain, source: DISPLAY } : { ...plain, source: row.source ?? ownSource(profile), trust: 'verify' }];
  });
  const { id, vendor, models, functionCode } = profile;
  const head = { id: `${id}-checked`.slice(0, 63), vendor, models, functionCode, day };
  return profileText(head, movedModel(profile, change), rows, profile.sources);
}

function ownSource({ defaultSource, sources: [only, more] }: Profile): Profile['defaultSource'] {
  return defaultSource ?? (more ? DISPLAY : only?.id);
}

/** The types that at least two quantities have to be read as, by the type of their rows: so are other rows of that type. */
function newTypes({ rows }: Profile, findings: readonly QuantityFinding[]): ReadonlyMap<NumberType, NumberType> {
  const pairs = findings.flatMap(({ quantity, fits }) => {
    const row = rows.find((one) => one.quantity === quantity);
    return row && !('composite' in row) && fits?.type ? [[row.type, fits.type] as const] : [];
  });
  return new Map(pairs.filter(([from, to]) => pairs.filter((one) => one[0] === from && one[1] === to).length >= LEAST_FITTING));
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
  model: object,
  rows: readonly ProposedRow[],
  sources: Profile['sources'] = [],
): string {
  const display = { id: DISPLAY, document: `display of the meter, ${day}`, kind: 'display' };
  const others = sources.filter((source) => source.id !== DISPLAY);
  const head = { id, vendor, models, functionCode, ...model, trust: 'verify', sources: [...others, display] };
  return [
    ...Object.entries(head).flatMap(([key, value]) => fieldLines(key, value)),
    'rows:',
    ...rows.map((row) => `  - ${rowText(row)}`),
    '',
  ].join('\n');
}

/** A list stands one entry in a line. */
function fieldLines(key: string, value: unknown): string[] {
  if (value === undefined) return [];
  const isLong = Array.isArray(value) && value.some((one) => typeof one === 'object');
  return isLong ? [`${key}:`, ...value.map((one) => `  - ${written(one)}`)] : [`${key}: ${written(value)}`];
}

/** JSON is YAML; addresses as maps print them. */
function written(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /"(addr|register|coil)":(\d+)/g,
    (_, name: string, addr: string) => `"${name}": ${hex(Number(addr))}`,
  );
}

function rowText({ zeroIsMissing, ...row }: ProposedRow): string {
  const unit = quantityByName(row.quantity)?.unit;
  return written({ ...row, unit, ...(zeroIsMissing ? { zeroIsMissing } : {}) });
}
