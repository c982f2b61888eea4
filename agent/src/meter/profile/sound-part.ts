import type { YamlProblem } from '@farola/shared';
import { profileSchema } from './profile-schema.js';
import type { Profile, ProfileRow } from './profile.js';

/** What of a profile with mistakes of form can be judged all the same. */
export interface SoundPart {
  /** The fields and rows that are right in form; of what is not, what says nothing. */
  readonly profile: Profile;
  /** Place in the file of each row of it. */
  readonly rowPlaces: readonly number[];
  /** What the other rows say of themselves, as far as it can be read. */
  readonly halfRows: readonly HalfRow[];
  /** Fields of the profile that are not as they stand in the file. */
  readonly leftOut: ReadonlySet<string>;
}

/** A row whose registers are not known. */
export interface HalfRow {
  /** Place in the file. */
  readonly place: number;
  readonly quantity: ProfileRow['quantity'];
  readonly unit: string | undefined;
}

/** What must be told and is not, so that no rule finds anything in it. */
const NOTHING_SAID = { id: '', vendor: '', models: [], functionCode: 3, trust: 'manual', sources: [] };

const { rows: rowsSchema, ...fieldSchemas } = profileSchema.shape;
const halfRow = rowsSchema.element.options[0].pick({ quantity: true });

/** The part of a document that is right in form. undefined when the document is no group of fields. */
export function soundPart(raw: unknown, problems: readonly YamlProblem[]): SoundPart | undefined {
  const known = structuredClone(raw);
  for (const { kind, path } of problems) if (kind === 'unknown-field') removeAt(known, path);
  if (!isGroup(known)) return undefined;
  const leftOut = new Set<string>();
  const fields = Object.entries(fieldSchemas).map(([name, schema]) => {
    const read = schema.safeParse(known[name]);
    if (read.success) return [name, read.data] as const;
    leftOut.add(name);
    return [name, schema.safeParse(undefined).data] as const;
  });
  const told = fields.filter(([, value]) => value !== undefined);
  const written = Array.isArray(known['rows']) ? (known['rows'] as unknown[]) : [];
  const rows = written.map((row, place) => ({ place, row, read: rowsSchema.element.safeParse(row) }));
  const sound = rows.flatMap(({ place, read }) => (read.success ? [{ place, row: read.data }] : []));
  return {
    profile: { ...NOTHING_SAID, ...Object.fromEntries(told), rows: sound.map(({ row }) => row) } as unknown as Profile,
    rowPlaces: sound.map(({ place }) => place),
    halfRows: rows.flatMap(({ place, row, read }) => (read.success ? [] : halfOf(row, place))),
    leftOut,
  };
}

function halfOf(row: unknown, place: number): HalfRow[] {
  if (!isGroup(row)) return [];
  const { quantity, unit } = row;
  const read = halfRow.safeParse({ quantity });
  return read.success ? [{ place, quantity: read.data.quantity, unit: typeof unit === 'string' ? unit : undefined }] : [];
}

function removeAt(value: unknown, path: readonly PropertyKey[]): void {
  const inside = path.slice(0, -1).reduce<unknown>((at, step) => (isGroup(at) ? at[String(step)] : undefined), value);
  if (isGroup(inside)) Reflect.deleteProperty(inside, String(path.at(-1)));
}

/** A list is one as well: its places are its names. */
function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
