import { isDeepStrictEqual } from 'node:util';
import { type MessageType, PROOF } from '@farola/shared';
import { quickCheck } from '@farola/shared/protocol/quick-check.js';
import test from 'ava';
import fc from 'fast-check';
import { z } from 'zod';
import { cborValues } from '../arbitraries.js';
import { runs } from '../runs.js';
import { COLLECTOR_ID, EXAMPLES, fill, LCU_ID, SIGNED_KEYS, SIGNERS, WALL_MS } from '../vectors/examples.js';

const proofValue: z.input<typeof PROOF.schema> = {
  version: 1,
  collectorId: COLLECTOR_ID,
  lcuId: LCU_ID,
  rootKey: SIGNERS.root.publicKey,
  keys: [SIGNED_KEYS],
  lcuKeys: [
    [SIGNERS.otherLcu.publicKey, 0, WALL_MS, fill(9, 1)],
    [SIGNERS.lcu.publicKey, WALL_MS, null, fill(9, 2)],
  ],
  fromMs: 0,
  toMs: WALL_MS,
  rows: [[WALL_MS, fill(9, 3), fill(9, 4), 1, fill(32, 5), [fill(9, 6)]]],
  issuedAt: WALL_MS,
};
const MESSAGES: readonly { readonly type: MessageType<z.ZodObject>; readonly value: Readonly<Record<string, unknown>> }[] = [
  ...EXAMPLES,
  { type: PROOF, value: proofValue },
];

/** Values at the bounds of what fields may be. */
const near: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(-1, -0, 0, 1, 2, 3, 4, 16, 17, 255, 256, 2 ** 48, 2 ** 48 + 1, Number.MAX_SAFE_INTEGER, 2 ** 53),
  fc.constantFrom(0.5, Number.NaN, Number.POSITIVE_INFINITY, 1n, 2n ** 60n, null, undefined, true, {}, []),
  fc.constantFrom(0, 7, 8, 9, 15, 16, 17, 31, 32, 33).map((length) => fill(length, 1)),
  fc.constantFrom('', 'a', 'a-', '-a', 'A', 'a\n', '\ud83d', 'é'),
  fc.constantFrom(63, 64, 65).chain((length) => fc.constantFrom('x'.repeat(length), '\u{1f4a1}'.repeat(length))),
  fc.constantFrom(32, 33).map((size) => new Map(Array.from({ length: size }, (_, i) => [i, i]))),
  fc.constantFrom(new Map<unknown, unknown>([['a', 1]]), new Map<unknown, unknown>([[1, 1n]])),
  fc.constantFrom([1, fill(8, 1), 5], [2, fill(8, 1), 5, 9], [2, fill(8, 1), 5], [3, fill(8, 1), 5]),
  cborValues(3),
);

interface Change {
  /** Which member of what holds members, from the outside in. */
  readonly path: readonly number[];
  readonly how: 'vary' | 'replace' | 'remove' | 'add' | 'repeat';
  readonly by: unknown;
  readonly seed: number;
}
const changes: fc.Arbitrary<Change> = fc.record({
  path: fc.array(fc.nat(40), { minLength: 1, maxLength: 4 }),
  how: fc.constantFrom('vary', 'vary', 'vary', 'replace', 'replace', 'remove', 'add', 'repeat'),
  by: near,
  seed: fc.nat(255),
});

const NUMBERS = [0, 1, 2, 3, 255, 2 ** 48, Number.MAX_SAFE_INTEGER];
const TEXTS = ['a', 'a-1', 'x'.repeat(63), '0'];

/** Another value of the same kind, as good as the first unless the field has bounds. */
function varied(value: unknown, seed: number): unknown {
  if (value instanceof Uint8Array) return fill(value.length, seed);
  if (typeof value === 'number') return NUMBERS[seed % NUMBERS.length];
  if (typeof value === 'string') return TEXTS[seed % TEXTS.length];
  return value === null ? fill(32, seed) : value;
}

function changed(value: unknown, change: Change): unknown {
  const { path, how, by, seed } = change;
  const [step, ...rest] = path;
  const inside = rest.length > 0 || how === 'vary' || how === 'replace';
  if (Array.isArray(value) && value.length > 0 && step !== undefined) {
    const at = step % value.length;
    if (inside) return value.with(at, changed(value[at], { ...change, path: rest }));
    if (how === 'repeat') return Array.from({ length: 1 + step }, () => value[at] as unknown);
    return how === 'remove' ? value.toSpliced(at, 1) : value.toSpliced(at, 0, by);
  }
  if (isPlainObject(value) && step !== undefined) {
    const names = Object.keys(value);
    const name = names[step % names.length] ?? 'colour';
    if (inside) return { ...value, [name]: changed(value[name], { ...change, path: rest }) };
    if (how === 'remove')
      return Object.fromEntries(names.filter((other) => other !== name).map((other) => [other, value[other]]));
    return { ...value, colour: by };
  }
  return how === 'vary' ? varied(value, seed) : by;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** The verdict of zod; a value that it alters is none that may be decided beside it. */
function zodTakes(schema: z.ZodType, value: unknown): boolean {
  const parsed = schema.safeParse(value);
  if (parsed.success && !isDeepStrictEqual(parsed.data, value)) throw new Error('zod altered the value');
  return parsed.success;
}

for (const { type, value } of MESSAGES) {
  test(`${type.kind}: what is decided beside zod is what zod decides`, (t) => {
    const verdicts = { true: 0, false: 0 };
    t.true(type.quickCheck?.(value));
    const values = fc.oneof(
      {
        weight: 9,
        arbitrary: fc.array(changes, { minLength: 1, maxLength: 3 }).map((list) => list.reduce<unknown>(changed, value)),
      },
      { weight: 1, arbitrary: near },
    );
    fc.assert(
      fc.property(values, (other) => {
        const fits = type.quickCheck?.(other);
        verdicts[fits ? 'true' : 'false']++;
        return fits === zodTakes(type.schema, other);
      }),
      runs(3000),
    );
    t.true(verdicts.true > 100 && verdicts.false > 100, JSON.stringify(verdicts));
  });
}

const KNOWN: readonly (readonly [string, z.ZodType, readonly unknown[]])[] = [
  ['z.int()', z.int(), [0, -1, 2 ** 53 - 1, 2 ** 53, 0.5, Number.NaN, 1n, '1', null, undefined]],
  ['an int with two of each bound', z.int().min(1).min(3).max(9).max(7), [0, 1, 2, 3, 7, 8, 9, 10]],
  ['text', z.string().max(2), ['', 'ab', 'abc', '\u{1f4a1}\u{1f4a1}', '\u{1f4a1}\u{1f4a1}a', '\ud83d\ud83d', 1]],
  ['text of two patterns', z.string().regex(/^a/).regex(/z$/), ['az', 'a', 'z', '']],
  ['an array', z.array(z.int()).min(1).max(2), [[], [1], [1, 2], [1, 2, 3], ['a'], Array(1), new Map(), { length: 1 }]],
  ['a tuple', z.tuple([z.int(), z.string()]), [[1, 'a'], [1], [1, 'a', 1], ['a', 1], Array(2), 'ab']],
  ['a literal', z.literal([1, 'a', null]), [1, 'a', null, '1', undefined, -1]],
  ['a union', z.union([z.int(), z.string().max(1).nullable()]), [1, 'a', null, 'ab', 0.5, undefined]],
  [
    'an object',
    z.strictObject({ a: z.custom(() => true) }),
    [{ a: 1 }, { a: undefined }, { a: 1, b: 1 }, { b: 1 }, null, [1], 1],
  ],
];
for (const [what, schema, values] of KNOWN) {
  test(`${what} is decided as zod does`, (t) => {
    const check = quickCheck(schema);
    for (const value of values) t.is(check?.(value), zodTakes(schema, value), String(value));
  });
}

test('only zod decides where it alters the value, or by what is not known', (t) => {
  const number = z.int();
  const unknown: Readonly<Record<string, z.ZodType>> = {
    transform: number.transform(String),
    pipe: number.pipe(z.int()),
    preprocess: z.preprocess(Number, number),
    default: number.default(1),
    prefault: number.prefault(1),
    catch: number.catch(1),
    optional: number.optional(),
    readonly: number.readonly(),
    lazy: z.lazy(() => number),
    refine: number.refine((n) => n > 1),
    multipleOf: number.multipleOf(2),
    greater: number.gt(1),
    less: number.lt(1),
    float: z.number(),
    int32: z.int32(),
    coerced: z.coerce.number(),
    trim: z.string().trim(),
    lowercase: z.string().lowercase(),
    least: z.string().min(1),
    email: z.email(),
    global: z.string().regex(/a/g),
    sticky: z.string().regex(/a/y),
    rest: z.tuple([number], number),
    refinedTuple: z.tuple([number]).refine(() => true),
    length: z.array(number).length(2),
    discriminated: z.discriminatedUnion('a', [z.strictObject({ a: z.literal(1) }), z.strictObject({ a: z.literal(2) })]),
    xor: z.xor([number, z.string()]),
    bigint: z.bigint(),
    map: z.map(number, number),
    record: z.record(z.string(), number),
    any: z.any(),
  };
  for (const [name, schema] of Object.entries(unknown)) {
    const around = [
      schema,
      schema.nullable(),
      z.array(schema),
      z.tuple([number, schema]),
      z.union([number, schema]),
      z.strictObject({ a: number, b: schema }),
    ];
    for (const outer of around) t.is(quickCheck(outer), undefined, `${name} in ${outer.type}`);
  }
});
