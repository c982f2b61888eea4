import { z } from 'zod';

/** One field of a configuration file. */
export interface ConfigField {
  /** `poll.everyS`, `lines[].path`; `*` is a name that the file chooses. */
  readonly path: string;
  readonly type: string;
  /** The default as YAML would have it; `required` where there must be a value; empty where none is needed. */
  readonly fallback: string;
  /** Allowed values or size; empty where the type says it all. */
  readonly range: string;
  readonly description: string;
}

/** What is read of a JSON Schema (2020-12), as zod writes it. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly format?: string;
}

const TYPES: Readonly<Record<string, string>> = { string: 'text', boolean: 'true or false', object: 'section', array: 'list' };

function shown(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function span(low: number | undefined, high: number | undefined, unit: string): string {
  // zod bounds every integer by what a double holds exactly: no bound of ours.
  const from = low === undefined || low <= Number.MIN_SAFE_INTEGER ? undefined : String(low);
  const to = high === undefined || high >= Number.MAX_SAFE_INTEGER ? undefined : String(high);
  if (from !== undefined && to !== undefined) return from === to ? from + unit : `${from} to ${to}${unit}`;
  if (from !== undefined) return `at least ${from}${unit}`;
  return to === undefined ? '' : `at most ${to}${unit}`;
}

function variants(schema: Schema): readonly Schema[] {
  return schema.anyOf ?? schema.oneOf ?? [];
}

function typeOf(schema: Schema): string {
  const alternatives = variants(schema);
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeOf))].join(' or ');
  if (schema.const !== undefined || schema.enum !== undefined) return 'choice';
  if (schema.type === 'array' && schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  return TYPES[schema.type ?? ''] ?? schema.type ?? 'any';
}

function rangeOf(schema: Schema): string {
  const alternatives = variants(schema);
  if (alternatives.length > 0)
    return alternatives
      .map(rangeOf)
      .filter((text) => text !== '')
      .join(' or ');
  if (schema.const !== undefined) return shown(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(shown).join(', ');
  const parts = [
    span(schema.minimum, schema.maximum, ''),
    schema.exclusiveMinimum === undefined ? '' : `above ${String(schema.exclusiveMinimum)}`,
    schema.exclusiveMaximum === undefined ? '' : `below ${String(schema.exclusiveMaximum)}`,
    schema.minLength === 1 && schema.maxLength === undefined
      ? 'not empty'
      : span(schema.minLength, schema.maxLength, ' characters'),
    span(schema.minItems, schema.maxItems, ' items'),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** The choice that tells one variant of a section from the others: `kind: serial`. */
function markOf(variant: Schema): string {
  const mark = Object.entries(variant.properties ?? {}).find(([, field]) => field.const !== undefined);
  return mark === undefined ? '' : ` (${mark[0]}: ${String(mark[1].const)})`;
}

function* walk(path: string, schema: Schema, required: boolean): Generator<ConfigField> {
  const sections = [schema, ...(schema.allOf ?? [])];
  const children = sections.some(({ properties }) => properties !== undefined);
  const alternatives = variants(schema).filter(({ properties }) => properties !== undefined);
  const description = schema.description ?? '';
  // A section that may be left out has the defaults of its fields.
  const fallback = schema.default === undefined ? (required ? 'required' : '') : children ? '' : shown(schema.default);
  if (path !== '' && ((!children && alternatives.length === 0) || description !== '')) {
    yield { path, type: typeOf(schema), fallback, range: rangeOf(schema), description };
  }
  const below = path === '' ? '' : `${path}.`;
  for (const { properties = {}, required: needed = [] } of sections) {
    for (const [name, field] of Object.entries(properties)) yield* walk(below + name, field, needed.includes(name));
  }
  for (const variant of alternatives) yield* walk(path + markOf(variant), { ...variant, description: '' }, required);
  if (schema.items !== undefined) yield* inner(`${path}[]`, schema.items);
  if (typeof schema.additionalProperties === 'object') yield* inner(`${below}*`, schema.additionalProperties);
}

/** The fields of a list's items or a map's values, where these are sections. */
function* inner(path: string, schema: Schema): Generator<ConfigField> {
  const holdsFields =
    schema.properties !== undefined || schema.allOf !== undefined || variants(schema).some((one) => one.properties);
  if (holdsFields) yield* walk(path, schema, true);
}

/** Every field of a configuration schema, in the order of the schema. */
export function configFields(schema: z.ZodType): ConfigField[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return [...walk('', json as Schema, true)];
}
