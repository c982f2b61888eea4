import {
  CLOCK_QUALITY,
  ENTRY_KINDS,
  EVENT_CODES,
  KINDS,
  type Kind,
  LABELS,
  LIMITS,
  QUANTITIES,
  type Quantity,
  SAMPLE_FLAGS,
  SAMPLE_STATUS,
} from '@farola/shared';
import { code, table } from './markdown.js';

function numbered(names: Readonly<Record<string, number>>, heading: string): string {
  const rows = Object.entries(names).sort(([, a], [, b]) => a - b);
  return table(
    ['number', heading],
    rows.map(([name, number]) => [String(number), code(name)]),
  );
}

function kinds(): string {
  const rows = Object.entries<Kind>(KINDS).sort(([, a], [, b]) => a.number - b.number);
  return table(
    ['number', 'kind', 'content type', 'signed by', 'purpose'],
    rows.map(([name, kind]) => [
      String(kind.number),
      code(name),
      kind.contentType === undefined ? '' : code(kind.contentType),
      kind.signedBy === undefined ? '' : `${kind.signedBy} key`,
      kind.purpose,
    ]),
  );
}

function quantities(): string {
  const rows: readonly Quantity[] = [...QUANTITIES].sort((a, b) => a.id - b.id);
  return table(
    ['id', 'name', 'unit', 'decimals', 'OBIS', 'TALQ', 'FIWARE'],
    rows.map(({ id, name, unit, decimals, obis, talq, fiware }) => [
      String(id),
      code(name),
      unit,
      String(decimals),
      obis ?? '',
      talq ?? '',
      fiware ?? '',
    ]),
  );
}

/** The tables of docs/protocol.md, by the name of their marker. */
export function protocolTables(): ReadonlyMap<string, string> {
  return new Map([
    ['labels', numbered(LABELS, 'label')],
    ['kinds', kinds()],
    ['entry-kinds', numbered(ENTRY_KINDS, 'entry')],
    ['sample-flags', numbered(SAMPLE_FLAGS, 'flag')],
    ['sample-status', numbered(SAMPLE_STATUS, 'status')],
    ['event-codes', numbered(EVENT_CODES, 'event')],
    ['clock-quality', numbered(CLOCK_QUALITY, 'quality')],
    [
      'limits',
      table(
        ['limit', 'value'],
        Object.entries<number>(LIMITS).map(([name, value]) => [code(name), String(value)]),
      ),
    ],
    ['quantities', quantities()],
  ]);
}
