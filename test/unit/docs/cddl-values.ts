import type { Cbor } from '@farola/shared';
import type { CddlType, Times } from './cddl.js';

/** Whether a value is of the type. */
export function fits(type: CddlType, value: Cbor): boolean {
  switch (type.kind) {
    case 'any':
      return true;
    case 'null':
      return value === null;
    case 'int':
      return isInteger(value) && value >= type.least && value <= type.most;
    case 'bytes':
      return value instanceof Uint8Array && (type.size === undefined || value.length === type.size);
    case 'text':
      return typeof value === 'string' && type.pattern.test(value);
    case 'choice':
      return type.of.some((one) => fits(one, value));
    case 'list':
      return isList(value) && within(type, value.length) && value.every((item) => fits(type.item, item));
    case 'tuple':
      return isList(value) && value.length === type.items.length && type.items.every((item, i) => fits(item, value[i]!));
    case 'table':
      if (!isMap(value) || !within(type, value.size)) return false;
      return [...value].every(([key, of]) => fits(type.key, key) && fits(type.value, of));
    case 'message':
      return isMap(value) && value.size === type.fields.size && [...value].every((field) => fitsField(type, field));
  }
}

function fitsField({ fields }: Extract<CddlType, { kind: 'message' }>, [label, value]: readonly [Cbor, Cbor]): boolean {
  const type = fields.get(Number(label));
  return type !== undefined && fits(type, value);
}

/** A value of the type. */
export function exampleOf(type: CddlType): Cbor {
  switch (type.kind) {
    case 'choice':
      return exampleOf(type.of[0]!);
    case 'list':
      return copies(exampleOf(type.item), type.least);
    case 'tuple':
      return type.items.map(exampleOf);
    case 'table':
      return new Map();
    case 'message':
      return new Map([...type.fields].map(([label, of]) => [label, exampleOf(of)]));
    default:
      return POOL.find((value) => fits(type, value))!;
  }
}

/** Values in which one thing is at a bound of the type or beyond it: some are of the type, some are not. */
export function* variantsOf(type: CddlType): Generator<Cbor> {
  yield* POOL;
  const example = exampleOf(type);
  if (type.kind === 'int') {
    const around = [type.least - 1n, type.least, type.most, type.most + 1n];
    yield* around.filter((bound) => bound >= -(2n ** 64n) && bound < 2n ** 64n).map(narrow);
  } else if (type.kind === 'choice') {
    for (const one of type.of) yield* variantsOf(one);
  } else if (type.kind === 'list') {
    yield* lengthsAround(type).map((length) => copies(exampleOf(type.item), length));
    for (const item of variantsOf(type.item)) yield [item, ...copies(exampleOf(type.item), type.least).slice(1)];
  } else if (type.kind === 'tuple') {
    const items = example as Cbor[];
    yield items.slice(0, -1);
    yield [...items, 0];
    for (const [i, of] of type.items.entries()) for (const item of variantsOf(of)) yield items.with(i, item);
  } else if (type.kind === 'table') {
    yield* lengthsAround(type).map((size) => new Map(Array.from({ length: size }, (_, key) => [key, 0])));
    for (const number of INTEGERS) yield new Map([[0, number]]);
    for (const number of INTEGERS) if (typeof number === 'number') yield new Map([[number, 0]]);
  } else if (type.kind === 'message') {
    const fields = example as Map<number, Cbor>;
    for (const label of fields.keys()) yield new Map([...fields].filter(([other]) => other !== label));
    yield new Map([...fields, [UNKNOWN_LABEL, 0]]);
    for (const [label, of] of type.fields) for (const value of variantsOf(of)) yield new Map([...fields, [label, value]]);
  }
}

const UNKNOWN_LABEL = 999;

/** Integers small and large, whatever the bounds. */
const INTEGERS: readonly (number | bigint)[] = [
  ...[0, 1, 2, 3, 4, 255, 2 ** 48, Number.MAX_SAFE_INTEGER].flatMap((bound) => [bound - 1, bound, bound + 1]),
  Number.MIN_SAFE_INTEGER,
].map((number) => (Number.isSafeInteger(number) ? number : BigInt(number)));

const LENGTHS = [0, 1, 2, 62, 63, 64, 65, 128, 129, 200, 201, 4000, 4001];

/** Values of every sort, small and at all bounds. */
const POOL: readonly Cbor[] = [
  ...INTEGERS,
  -(2n ** 53n),
  2n ** 64n - 1n,
  ...[0, 7, 8, 9, 15, 16, 17, 31, 32, 33].map((size) => new Uint8Array(size)),
  ...LENGTHS.map((length) => 'a'.repeat(length)),
  ...LENGTHS.map((length) => '\u{1f4a1}'.repeat(length)),
  ...['A', '-a', 'a-', 'a b', 'malaga-0042\n', 'malaga-0042'],
  null,
  true,
  [],
  new Map(),
];

/** The code takes integers below 2^53 as numbers. */
function narrow(integer: bigint): Cbor {
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

function lengthsAround({ least, most }: Times): number[] {
  const around = [least - 1, least, least + 1, ...(Number.isFinite(most) ? [most - 1, most, most + 1] : [])];
  return around.filter((length) => length >= 0);
}

function copies(value: Cbor, times: number): Cbor[] {
  return Array.from({ length: times }, () => value);
}

function within({ least, most }: Times, length: number): boolean {
  return length >= least && length <= most;
}

function isInteger(value: Cbor): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isList(value: Cbor): value is Cbor[] {
  return Array.isArray(value);
}

function isMap(value: Cbor): value is Map<number, Cbor> {
  return value instanceof Map;
}
