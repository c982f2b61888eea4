import type { z } from 'zod';

/** Whether a value fits a schema. */
export type QuickCheck = (value: unknown) => boolean;

type CheckDef = z.core.$ZodChecks['_zod']['def'];

/**
 * Makes a predicate of a zod schema: it decides as zod does whether a value fits, without the objects that zod makes for
 * each value that it checks. Only of schemas that leave what fits as it is, and only of the kinds, checks and options
 * that messages are made of. Any other anywhere in the schema, such as a transformation, gives undefined: then zod alone
 * decides. Whoever wants to know why a value does not fit asks zod.
 */
export function quickCheck(schema: z.core.$ZodType): QuickCheck | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'number') return integer(def);
  if (def.type === 'string') return text(def);
  if (def.type === 'array') return list(def);
  if (def.checks?.length) return undefined;
  switch (def.type) {
    case 'custom':
      return (value) => def.fn(value) === true;
    case 'literal':
      return (value) => def.values.includes(value as z.core.util.Literal);
    case 'nullable':
      return nullable(def);
    case 'union':
      return union(def);
    case 'tuple':
      return tuple(def);
    case 'object':
      return record(def);
    default:
      return undefined;
  }
}

function integer(def: z.core.$ZodNumberDef): QuickCheck | undefined {
  if (!('format' in def) || def.format !== 'safeint') return undefined;
  let least = Number.MIN_SAFE_INTEGER;
  let most = Number.MAX_SAFE_INTEGER;
  for (const bound of checksOf(def)) {
    if (bound.check !== 'greater_than' && bound.check !== 'less_than') return undefined;
    if (!bound.inclusive || typeof bound.value !== 'number') return undefined;
    if (bound.check === 'greater_than') least = Math.max(least, bound.value);
    else most = Math.min(most, bound.value);
  }
  return (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

function text(def: z.core.$ZodStringDef): QuickCheck | undefined {
  if ('format' in def) return undefined;
  let most = Number.POSITIVE_INFINITY;
  const patterns: RegExp[] = [];
  for (const check of checksOf(def)) {
    if (check.check === 'max_length') most = Math.min(most, check.maximum);
    else if (isPlainPattern(check)) patterns.push(check.pattern);
    else return undefined;
  }
  return (value) => {
    if (typeof value !== 'string' || !isWithin(value, most)) return false;
    for (const pattern of patterns) if (!pattern.test(value)) return false;
    return true;
  };
}

/** Whether the check is a regular expression that keeps no state between two texts. */
function isPlainPattern(check: CheckDef): check is z.core.$ZodCheckRegexDef {
  return check.check === 'string_format' && check.format === 'regex' && check.pattern?.flags === '';
}

/** zod counts characters of Unicode, of which each may take two units of a string. */
function isWithin(value: string, most: number): boolean {
  return value.length <= most || Array.from(value).length <= most;
}

function list(def: z.core.$ZodArrayDef): QuickCheck | undefined {
  const fits = quickCheck(def.element);
  let least = 0;
  let most = Number.POSITIVE_INFINITY;
  for (const bound of checksOf(def)) {
    if (bound.check === 'min_length') least = Math.max(least, bound.minimum);
    else if (bound.check === 'max_length') most = Math.min(most, bound.maximum);
    else return undefined;
  }
  return fits && ((value) => Array.isArray(value) && value.length >= least && value.length <= most && eachFits(value, fits));
}

function nullable(def: z.core.$ZodNullableDef): QuickCheck | undefined {
  const fits = quickCheck(def.innerType);
  return fits && ((value) => value === null || fits(value));
}

function union(def: z.core.$ZodUnionDef): QuickCheck | undefined {
  if ('discriminator' in def || def.inclusive === false) return undefined;
  const options = allOf(def.options);
  if (!options) return undefined;
  return (value) => {
    for (const fits of options) if (fits(value)) return true;
    return false;
  };
}

function tuple(def: z.core.$ZodTupleDef): QuickCheck | undefined {
  if (def.rest) return undefined;
  const items = allOf(def.items);
  if (!items) return undefined;
  return (value) => {
    if (!Array.isArray(value) || value.length !== items.length) return false;
    for (let i = 0; i < items.length; i++) if (!items[i]?.(value[i])) return false;
    return true;
  };
}

/** The names are counted, so that none is missing when each is known. */
function record(def: z.core.$ZodObjectDef): QuickCheck | undefined {
  const fields = new Map<string, QuickCheck>();
  for (const [name, schema] of Object.entries(def.shape)) {
    const fits = quickCheck(schema);
    if (!fits) return undefined;
    fields.set(name, fits);
  }
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const names = Object.keys(value);
    if (names.length !== fields.size) return false;
    for (const name of names) if (!fields.get(name)?.((value as Record<string, unknown>)[name])) return false;
    return true;
  };
}

function allOf(schemas: readonly z.core.$ZodType[]): readonly QuickCheck[] | undefined {
  const checks: QuickCheck[] = [];
  for (const schema of schemas) {
    const fits = quickCheck(schema);
    if (!fits) return undefined;
    checks.push(fits);
  }
  return checks;
}

/** As `every`, but for holes: they count as undefined. */
function eachFits(values: readonly unknown[], fits: QuickCheck): boolean {
  let i = 0;
  while (i < values.length && fits(values[i])) i++;
  return i === values.length;
}

function checksOf({ checks = [] }: z.core.$ZodTypeDef): CheckDef[] {
  return checks.map((check) => (check as z.core.$ZodChecks)._zod.def);
}
