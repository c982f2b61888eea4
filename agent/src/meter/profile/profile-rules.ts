import { counted, quantityByName, isCounter } from '@farola/shared';
import type { Profile, ProfileRow, RegisterSpan } from './profile.js';
import { partsOf, spanOf, spanOfPart } from './profile.js';
import { hex } from './hex.js';
import { identityFindings } from './identity-rules.js';
import { lengthOf } from './register-type.js';
import { sentinelWidth } from './sentinel.js';
import type { HalfRow, SoundPart } from './sound-part.js';

/** What a profile that fits the schema gets wrong (`error`), or leaves open (`warning`). */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Says what is wrong at a path. */
export type Say = (severity: Finding['severity'], path: readonly PropertyKey[], message: string) => void;

/** Register space: addresses have 16 bits. */
const SPACE = 0x10000;

/** Where the rows of a profile stand in its file, and what stands there beside them; as they are counted when it is not told. */
export type RowsInFile = Pick<SoundPart, 'rowPlaces' | 'halfRows'>;

/** Everything that no schema can say about a profile. */
export function profileFindings(profile: Profile, inFile?: RowsInFile): Finding[] {
  const findings: Finding[] = [];
  const placeOf = (index: number): number => inFile?.rowPlaces[index] ?? index;
  const halfRows = inFile?.halfRows ?? [];
  const say: Say = (severity, [field = '', index, ...rest], message) => {
    const place = field === 'rows' && typeof index === 'number' ? placeOf(index) : index;
    findings.push({ severity, path: [field, ...(place === undefined ? [] : [place]), ...rest], message });
  };
  limits(profile, say);
  identityFindings(profile, say);
  sources(profile, say);
  profile.rows.forEach((row, index) => {
    rowRegisters(row, index, profile, say);
    rowMeaning(row, index, say);
  });
  overlaps(profile, placeOf, say);
  // These know the place in the file of each row.
  const sayInFile: Say = (severity, path, message) => void findings.push({ severity, path, message });
  for (const row of halfRows) quantityUnit(row, row.place, sayInFile);
  twice([...profile.rows.map(({ quantity }, index) => ({ quantity, place: placeOf(index) })), ...halfRows], sayInFile);
  return findings;
}

function limits({ maxRegisters, evenCountOnly, unreadable, timeoutMs, neverWrite, invalid, models }: Profile, say: Say): void {
  if (evenCountOnly && maxRegisters % 2 === 1) {
    say('warning', ['maxRegisters'], `is odd, and evenCountOnly leaves ${maxRegisters - 1} of it`);
  }
  unreadable.forEach(({ from, to }, index) => {
    if (to < from) say('error', ['unreadable', index, 'to'], `${hex(to)} lies before ${hex(from)}`);
  });
  const { least, most } = timeoutMs;
  if (least !== undefined && most !== undefined && least > most) {
    say('error', ['timeoutMs', 'least'], `${least} is more than the ${most} after which no answer comes`);
  }
  neverWrite.forEach(({ register, coil, to }, index) => {
    const named = [register, coil].filter((one) => one !== undefined);
    if (named.length !== 1) say('error', ['neverWrite', index], 'names neither or both of register and coil; it must be one');
    else if (to !== undefined && to < Math.min(...named)) say('error', ['neverWrite', index, 'to'], 'lies before the first one');
  });
  for (const [type, texts] of Object.entries(invalid)) {
    const width = type === 'bcd' ? 64 : 16 * lengthOf({ type: type as 'u16' });
    texts.forEach((text, index) => tooWide(text, width, type, ['invalid', type, index], say));
  }
  if (new Set(models).size < models.length) say('warning', ['models'], 'names a model twice');
}

function sources({ sources: known, defaultSource, rows, trust }: Profile, say: Say): void {
  const ids = known.map(({ id }) => id);
  const isKnown = (named: string | readonly string[] | undefined, path: readonly PropertyKey[]): void => {
    for (const id of named === undefined ? [] : [named].flat()) {
      if (!ids.includes(id)) say('error', path, `there is no source \`${id}\`; there is ${ids.join(', ')}`);
    }
  };
  ids.forEach((id, index) => {
    if (ids.indexOf(id) < index) say('error', ['sources', index, 'id'], `\`${id}\` is the id of an earlier source`);
  });
  known.forEach((source, index) => sourcePage(source, index, say));
  isKnown(defaultSource, ['defaultSource']);
  const open = rows.flatMap((row, index) => {
    isKnown(row.source, ['rows', index, 'source']);
    return row.source === undefined && defaultSource === undefined && known.length > 1 ? [index] : [];
  });
  const [first] = open;
  if (first !== undefined) {
    const which = open.length === 1 ? 'it has' : `it and ${counted(open.length - 1, 'more row')} have`;
    say(
      'warning',
      ['rows', first],
      `${which} no source, of ${known.length}: set \`source\`, or \`defaultSource\` of the profile`,
    );
  }
  rows.forEach((row, index) => {
    const quantity = quantityByName(row.quantity);
    if ((row.trust ?? trust) !== 'verify' || !quantity || !isCounter(quantity)) return;
    say(
      'warning',
      ['rows', index, ...(row.trust ? ['trust'] : [])],
      `${row.quantity} is to be verified on a device before anything is billed by it`,
    );
  });
}

/** Whoever doubts a row looks it up: a document has a page, or says why none is told. */
function sourcePage({ kind = 'document', page, whyNoPage, file }: Profile['sources'][number], index: number, say: Say): void {
  const path = ['sources', index];
  if (kind === 'document') {
    if (page === undefined && whyNoPage === undefined)
      say('warning', path, 'names no page: tell `page`; or the `kind` of what has no pages; or `whyNoPage`');
    if (page !== undefined && whyNoPage !== undefined) say('error', [...path, 'whyNoPage'], 'stands beside a `page`');
  } else if (whyNoPage !== undefined) say('error', [...path, 'whyNoPage'], `is of a document; this is a ${kind}`);
  if (file !== undefined && kind !== 'program') say('error', [...path, 'file'], `is of a program; this is a ${kind}`);
}

function rowRegisters(row: ProfileRow, index: number, profile: Profile, say: Say): void {
  const { maxRegisters, evenCountOnly, exclusive, barriers, unreadable } = profile;
  const path = ['rows', index];
  const { from, to } = spanOf(row);
  const needed = evenCountOnly ? 2 * Math.ceil((to - from) / 2) : to - from;
  if (to > SPACE) say('error', path, 'reaches beyond register 0xFFFF');
  if (needed > maxRegisters)
    say('error', path, `needs ${counted(needed, 'register')} in one request, maxRegisters is ${maxRegisters}`);
  const barrier = barriers.find((at) => from < at && at < to);
  if (barrier !== undefined) say('error', path, `no request can read it: the barrier ${hex(barrier)} lies inside`);
  const closed = unreadable.find((span) => from <= span.to && span.from < to);
  if (closed) say('error', path, `lies in ${hex(closed.from)} to ${hex(closed.to)}, which \`unreadable\` says the model refuses`);
  const alone = exclusive.find((at) => partsOf(row).some(({ addr }) => addr === at));
  if (alone === undefined) return;
  if ('composite' in row)
    say('error', [...path, 'composite'], `${hex(alone)} is exclusive: it cannot be read together with the other half`);
  else if (evenCountOnly && (to - from) % 2 === 1)
    say(
      'error',
      path,
      `${hex(alone)} is exclusive and is asked for alone, but evenCountOnly allows no request of ${counted(to - from, 'register')}`,
    );
}

function rowMeaning(row: ProfileRow, index: number, say: Say): void {
  const path = ['rows', index];
  const quantity = quantityByName(row.quantity);
  if (!quantity) return;
  quantityUnit(row, index, say);
  if (row.counter && !isCounter(quantity)) say('error', [...path, 'counter'], `${row.quantity} is no counter`);
  const parts =
    'composite' in row
      ? (['high', 'low'] as const).map((half) => [[...path, 'composite', half], row.composite[half]] as const)
      : [[path, row] as const];
  for (const [at, part] of parts) {
    if ((part.type === 'bcd') !== (part.registers !== undefined)) {
      say(
        'error',
        [...at, 'registers'],
        part.type === 'bcd' ? 'is missing: bcd does not say how many' : `is told for ${part.type}, which has ${lengthOf(part)}`,
      );
    }
    part.invalid?.forEach((text, place) => tooWide(text, 16 * lengthOf(part), part.type, [...at, 'invalid', place], say));
    if (!part.type.startsWith('float') && part.scale * 10 ** quantity.decimals < 1 - 1e-9) {
      say(
        'warning',
        [...at, 'scale'],
        `is finer than ${row.quantity} is kept, with ${counted(quantity.decimals, 'decimal')}: the rest is rounded`,
      );
    }
  }
  if ('composite' in row) composite(row.composite, path, say);
}

function quantityUnit(row: Pick<ProfileRow, 'quantity' | 'unit'>, index: number, say: Say): void {
  const quantity = quantityByName(row.quantity);
  if (!quantity || row.unit === undefined || row.unit === quantity.unit) return;
  say(
    'error',
    ['rows', index, 'unit'],
    `${row.quantity} is kept in ${quantity.unit}, not in ${row.unit}: set \`scale\` so that raw * scale is in ${quantity.unit}`,
  );
}

function composite(
  { high, low }: Extract<ProfileRow, { composite: unknown }>['composite'],
  path: readonly PropertyKey[],
  say: Say,
): void {
  if (high.scale <= low.scale)
    say('error', [...path, 'composite', 'high', 'scale'], `is not above that of \`low\`, ${low.scale}`);
  if (overlap(spanOfPart(high), spanOfPart(low)))
    say('error', [...path, 'composite', 'low', 'addr'], 'lies in the registers of `high`');
}

function twice(rows: readonly Pick<HalfRow, 'quantity' | 'place'>[], say: Say): void {
  const seen = new Map<string, number>();
  for (const { quantity, place } of rows.toSorted((a, b) => a.place - b.place)) {
    const first = seen.get(quantity);
    if (first === undefined) seen.set(quantity, place);
    else say('error', ['rows', place, 'quantity'], `${quantity} stands in an earlier row, rows[${first}]`);
  }
}

function overlaps(profile: Profile, placeOf: (index: number) => number, say: Say): void {
  const parts = profile.rows.flatMap((row, index) =>
    partsOf(row).map((part) => ({
      ...spanOfPart(part),
      index,
      quantity: row.quantity,
      type: part.type,
      functionCode: row.functionCode ?? profile.functionCode,
    })),
  );
  parts.forEach((part, at) => {
    const other = parts
      .slice(0, at)
      .find((one) => one.index !== part.index && one.functionCode === part.functionCode && overlap(one, part));
    if (!other) return;
    const same = other.from === part.from && other.to === part.to && other.type === part.type;
    const path = ['rows', part.index];
    if (same) say('warning', path, `reads the same registers as ${other.quantity}, rows[${placeOf(other.index)}]`);
    else
      say(
        'error',
        path,
        `${part.type} at ${hex(part.from)} overlaps ${other.quantity}, ${other.type} at ${hex(other.from)}, rows[${placeOf(other.index)}]`,
      );
  });
}

function tooWide(text: string, width: number, type: string, path: readonly PropertyKey[], say: Say): void {
  if (sentinelWidth(text) > width) say('error', path, `${text} is wider than ${type}, which has ${width} bits`);
}

function overlap(a: RegisterSpan, b: RegisterSpan): boolean {
  return a.from < b.to && b.from < a.to;
}
