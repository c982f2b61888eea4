import { type Cbor, decodeEntry, encodeCbor, encodeEntry, flagName, type SampleEntry } from '@farola/shared';
import test from 'ava';

const at = { monoMs: 1_000, wallMs: 2_000, quality: 'synchronised' } as const;
const sample: SampleEntry = { kind: 'sample', at, analyser: 3, spanMs: 400, status: 'complete', values: [1, null, 3] };

function decoded(marks: Cbor): SampleEntry | undefined {
  const entry = decodeEntry(encodeCbor([4, 1_000, 2_000, 2, 3, 400, 0, [1, null, 3], marks]));
  return entry.kind === 'sample' ? entry : undefined;
}

test('a sample gives back what it says of its values', (t) => {
  const marks = {
    offsets: [
      { count: 1, ms: 0 },
      { count: 2, ms: 400 },
    ],
    flags: [{ code: 4, places: [0, 2] }],
  };
  t.deepEqual(decodeEntry(encodeEntry({ ...sample, marks })), { ...sample, marks });
});

test('marks that say nothing are left out', (t) => {
  t.deepEqual(encodeEntry({ ...sample, marks: { offsets: [], flags: [] } }), encodeEntry(sample));
  t.false('marks' in (decodeEntry(encodeEntry(sample)) as object));
});

const refused: [string, Cbor][] = [
  ['that are no array', 7],
  ['of one item', [[]]],
  ['of three items', [[3, 0], [], []]],
  ['that say nothing', [[], []]],
  ['with a run without a time', [[3], []]],
  ['with a run of no values', [[0, 0, 3, 0], []]],
  ['with runs of fewer values than there are', [[2, 0], []]],
  ['with runs of more values than there are', [[4, 0], []]],
  ['with a value from behind the reading', [[3, 401], []]],
  ['with a time below 0', [[3, -1], []]],
  ['with 65 runs', [Array.from({ length: 65 }, () => [1, 0]).flat(), []]],
  ['with a flag of no value', [[], [[4]]]],
  ['with a flag of a value that is not there', [[], [[4, 3]]]],
  ['with a flag of one value twice', [[], [[4, 1, 1]]]],
  ['with flags that do not ascend', [[], [[4, 1], [4, 2]]]], // prettier-ignore
  ['with a flag of 256', [[], [[256, 1]]]],
  ['with 33 flags', [[], Array.from({ length: 33 }, (_, code) => [code, 0])]],
];

test('the bounds of marks are taken', (t) => {
  for (const marks of [
    [[3, 400], []],
    [[], [[255, 2]]],
    [[], Array.from({ length: 32 }, (_, code) => [code, 0])],
  ] as Cbor[]) {
    t.truthy(decoded(marks));
  }
});

for (const [what, marks] of refused) {
  test(`an entry is unknown with marks ${what}`, (t) => {
    t.is(decoded(marks), undefined);
  });
}

test('a rule is named by its number, and one of a later version too', (t) => {
  t.is(flagName(4), 'voltage-band');
  t.is(flagName(200), 'flag-200');
});
