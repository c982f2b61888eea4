import { z } from 'zod';

/** One key of a line. */
export interface JsonField {
  /** `lcus[].clock.quality`. */
  readonly path: string;
  readonly type: string;
  readonly description: string;
}

/** What is read of a JSON Schema (2020-12), as zod writes it, with the kinds of kinds.ts. */
interface Schema {
  /** Several where it may be null. */
  readonly type?: string | readonly string[];
  readonly kind?: string;
  /** Document that tells of the kind. */
  readonly href?: string;
  /** Told by that document whole. */
  readonly whole?: boolean;
  readonly description?: string;
  readonly const?: string | boolean;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly minItems?: number;
  readonly maxItems?: number;
}

const TYPES: Readonly<Record<string, string>> = { boolean: 'true or false', object: 'object', integer: 'count' };

/** Every key of a shape, with the names of objects before those in them, in the order of the shape. */
export function jsonFields(shape: z.ZodType): JsonField[] {
  const schema = z.toJSONSchema(shape, { io: 'output', unrepresentable: 'any' }) as Schema;
  return [...inObject('', schema)];
}

function* inObject(path: string, { properties = {}, whole }: Schema): Generator<JsonField> {
  if (whole) return;
  for (const [name, field] of Object.entries(properties)) yield* walk(path === '' ? name : `${path}.${name}`, field);
}

function* walk(path: string, field: Schema): Generator<JsonField> {
  const [schema, nullable] = withoutNull(field);
  const description = field.description ?? schema.description ?? '';
  yield { path, type: typeOf(schema) + (nullable ? ' or null' : ''), description };
  if (schema.items) yield* inObject(`${path}[]`, withoutNull(schema.items)[0]);
  else yield* inObject(path, schema);
}

function withoutNull(schema: Schema): [Schema, boolean] {
  if (typeof schema.type === 'object') return [{ ...schema, type: schema.type.find((type) => type !== 'null') ?? 'null' }, true];
  const others = schema.anyOf?.filter(({ type }) => type !== 'null');
  if (!others || others.length === schema.anyOf?.length) return [schema, false];
  const [only] = others;
  return [others.length === 1 && only ? only : { ...schema, anyOf: others }, true];
}

function typeOf({ kind, href, items, minItems, maxItems, ...schema }: Schema): string {
  if (kind !== undefined) return href === undefined ? kind : `[${kind}](${href})`;
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return schema.enum.map((word) => `\`${String(word)}\``).join(', ');
  if (items) return `list of ${minItems !== undefined && minItems === maxItems ? `${minItems} ` : ''}${typeOf(items)}`;
  const name = String(schema.type ?? 'any');
  return TYPES[name] ?? name;
}
