import { Columns } from '@farola/shared/batch/columns.js';
import test from 'ava';
import { batchOf, codeOfBatch } from './written-batch.js';

/** A batch of one sample of 400 ms with two values, these runs, all at `ms`, and these flags. */
function marked(
  runs: readonly number[],
  flags: readonly (readonly [code: number, places: readonly number[]])[],
  ms: number,
): Uint8Array {
  return batchOf(1, (bits) => {
    const columns = new Columns();
    const offsets = new Columns();
    columns.reserve(6);
    offsets.reserve(runs.length);
    bits.bits(1, 1);
    columns.write(5, 0, bits);
    for (const [value, width] of [
      [0, 1],
      [2, 8],
      [0, 8],
      [2, 9],
      [0, 2],
      [1, 1],
      [runs.length, 7],
    ] as const)
      bits.bits(value, width);
    for (const count of runs) bits.bits(count, 9);
    bits.bits(flags.length, 6);
    for (const [code, places] of flags) {
      bits.bits(code, 8);
      bits.bits(places.length, 9);
      for (const place of places) bits.bits(place, 8);
    }
    for (const [column, value] of [5_000, 5_000, 400, 1, 2].entries()) columns.write(column, value, bits);
    for (const place of runs.keys()) offsets.write(place, ms, bits);
  });
}

test('a batch with marks that hold is taken', (t) => {
  t.is(codeOfBatch(marked([2], [], 400)), 'ok');
  t.is(codeOfBatch(marked([1, 1], [[4, [0, 1]]], 0)), 'ok');
  t.is(codeOfBatch(marked([], [[255, [1]]], 0)), 'ok');
});

for (const [what, coded] of [
  ['with marks that say nothing', marked([], [], 0)],
  ['with a run of no values', marked([0, 2], [], 0)],
  ['with runs that do not cover the values', marked([1], [], 0)],
  [
    'with 65 runs',
    marked(
      Array.from({ length: 65 }, () => 1),
      [],
      0,
    ),
  ],
  ['with a value from before its reading', marked([2], [], -1)],
  ['with a value from behind its reading', marked([2], [], 401)],
  ['with a flag of no values', marked([], [[4, []]], 0)],
  ['with a flag of a value that is not there', marked([], [[4, [2]]], 0)],
  ['with a flag whose values do not ascend', marked([], [[4, [1, 1]]], 0)],
  [
    'with flags that do not ascend',
    marked(
      [],
      [
        [4, [1]],
        [4, [0]],
      ],
      0,
    ),
  ],
] as const) {
  test(`refuses a batch ${what}`, (t) => {
    t.is(codeOfBatch(coded), 'attachment-malformed');
  });
}
