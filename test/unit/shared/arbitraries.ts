import type { AnalyserRow, Cbor, Instant, KnownEntry, SampleEntry, SampleMarks, ValueFlag } from '@farola/shared';
import fc from 'fast-check';

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Integers as they are read back: bigint only beyond 2^53. */
export const integers: fc.Arbitrary<number | bigint> = fc.oneof(
  fc.integer({ min: -30, max: 300 }),
  fc.maxSafeInteger(),
  fc.bigInt({ min: SAFE + 1n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 64n), max: -SAFE - 1n }),
);

const bytes = fc.uint8Array({ maxLength: 40 });
const leaves: fc.Arbitrary<Cbor> = fc.oneof(
  fc.constantFrom(null, false, true, '\ufeff', 'é\u{1f4a1}'),
  integers,
  bytes,
  fc.string({ unit: 'binary', maxLength: 30 }),
);

/** Values of our CBOR subset, at most `depth` containers deep. */
export function cborValues(depth = 6): fc.Arbitrary<Cbor> {
  if (depth === 0) return leaves;
  const inner = cborValues(depth - 1);
  const maps = fc.array(fc.tuple(fc.maxSafeInteger(), inner), { maxLength: 4 });
  return fc.oneof(
    { weight: 2, arbitrary: leaves },
    { weight: 1, arbitrary: fc.array(inner, { maxLength: 5 }) },
    { weight: 1, arbitrary: maps.map((pairs) => new Map(pairs)) },
  );
}

/** A record like those of the code, with the prototype of an object. */
function record<T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

const fixed = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const uints = fc.maxSafeInteger().map(Math.abs);
/** Numbers of entries, at most 2^48. */
const lastNumbers = uints.map((n) => n % (2 ** 48 + 1));
const instants: fc.Arbitrary<Instant> = record({
  monoMs: uints,
  wallMs: uints,
  quality: fc.constantFrom('none', 'held', 'synchronised', 'rtc'),
});
const texts = fc.string({ maxLength: 40 });
const ratios = fc.option(fc.tuple(uints, uints));
const analysers: fc.Arbitrary<AnalyserRow> = record({
  index: uints,
  id: texts,
  line: texts,
  unit: fc.integer({ min: 1, max: 247 }),
  profileId: texts,
  profileHash: fixed(32),
  profileOrigin: fc.constantFrom('shipped', 'own'),
  serialNumber: fc.option(texts),
  ctRatio: ratios,
  vtRatio: ratios,
  quantities: fc.array(fc.nat(100), { maxLength: 50 }),
  periodS: fc.integer({ min: 1, max: 3_600 }),
});
const tables = fc.array(analysers, { maxLength: 4 });

/** Marks that a sample may have; none as often as not. */
function marksFor({ values, spanMs }: Pick<SampleEntry, 'values' | 'spanMs'>): fc.Arbitrary<SampleMarks | undefined> {
  const count = values.length;
  if (count === 0) return fc.constant(undefined);
  const places = fc.uniqueArray(fc.nat(count - 1), { minLength: 1, maxLength: 9 }).map((all) => all.sort((a, b) => a - b));
  const flags = fc
    .uniqueArray(fc.nat(255), { maxLength: 4 })
    .map((codes) => codes.sort((a, b) => a - b))
    .chain((codes) => fc.tuple(...codes.map((code) => places.map((of): ValueFlag => ({ code, places: of })))));
  const offsets = fc.tuple(
    fc.subarray(Array.from({ length: count - 1 }, (_, i) => i + 1)),
    fc.array(fc.nat(), { minLength: 64 }),
  );
  return fc.option(record({ flags, offsets, told: fc.boolean() }), { nil: undefined }).map((made) => {
    if (!made) return undefined;
    const [cuts, ms] = made.offsets;
    const ends = [...cuts.slice(0, 60), count];
    const runs = ends.map((end, i) => ({ count: end - (ends[i - 1] ?? 0), ms: Math.min(ms[i] ?? 0, spanMs) }));
    const marks = { offsets: made.told ? runs : [], flags: made.flags };
    return marks.offsets.length > 0 || marks.flags.length > 0 ? marks : undefined;
  });
}

/** Every kind of entry that the LCU writes. */
export const entries: fc.Arbitrary<KnownEntry> = fc.oneof(
  record({
    kind: fc.constant('start' as const),
    at: instants,
    boot: fixed(16),
    previous: fc.option(record({ epoch: fixed(8), n: lastNumbers, head: fixed(32) })),
    codeHash: fc.option(fixed(32)),
    configHash: fixed(32),
    agentVersion: texts,
    analysers: tables,
  }),
  record({ kind: fc.constant('table' as const), at: instants, analysers: tables, retired: fc.array(uints, { maxLength: 9 }) }),
  record({ kind: fc.constant('clock' as const), at: instants, before: instants }).map((entry) => ({
    ...entry,
    before: { ...entry.before, monoMs: entry.at.monoMs },
  })),
  record({
    kind: fc.constant('sample' as const),
    at: instants,
    analyser: uints,
    spanMs: uints,
    status: fc.constantFrom('complete', 'partial', 'timeout', 'exception', 'malformed', 'line-unavailable', 'other-meter'),
    values: fc.array(fc.option(integers), { maxLength: 60 }),
  }).chain((sample) => marksFor(sample).map((marks) => (marks ? { ...sample, marks } : sample))),
  record({
    kind: fc.constant('event' as const),
    at: instants,
    code: fc.constantFrom('stop', 'ack-disagrees', 'evicted'),
    facts: fc.array(cborValues(3), { maxLength: 4 }),
  }),
);
