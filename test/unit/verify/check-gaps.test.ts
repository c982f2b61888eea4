import { checkGaps } from '@farola/collector/verify/check-gaps.js';
import { GAP_REASON, type GapRecord, type OpenEpoch } from '@farola/shared';
import test from 'ava';

const [EPOCH, OTHER] = [new Uint8Array(8).fill(1), new Uint8Array(8).fill(2)] as const;
const LISTED: readonly OpenEpoch[] = [
  [OTHER, 1, 90],
  [EPOCH, 5, 9],
];

function gap(epoch: Uint8Array, from: number, to: number): GapRecord {
  return [epoch, from, to, new Uint8Array(32), new Uint8Array(32), GAP_REASON.evicted];
}

const TAKEN: readonly (readonly [title: string, gap: GapRecord])[] = [
  ['before the entries that are listed', gap(EPOCH, 1, 4)],
  ['over the last entry that is listed', gap(EPOCH, 9, 9)],
  ['that ends with the last entry of its own epoch', gap(OTHER, 1, 90)],
];
for (const [title, one] of TAKEN) {
  test(`takes a gap ${title}`, (t) => t.is(checkGaps({ gaps: [one], openEpochs: [...LISTED] }), undefined));
}

const REFUSED: readonly (readonly [title: string, gap: GapRecord, last: number])[] = [
  ['that ends with the first entry that nobody made', gap(EPOCH, 1, 10), 9],
  ['of that entry alone', gap(EPOCH, 10, 10), 9],
  ['that would fit another epoch of the list', gap(EPOCH, 1, 90), 9],
  ['of one entry of an epoch that is not listed', gap(new Uint8Array(8).fill(3), 1, 1), 0],
];
for (const [title, one, last] of REFUSED) {
  test(`refuses a gap ${title}, alone and behind a good one`, (t) => {
    const [, from, to] = one;
    for (const gaps of [[one], [gap(EPOCH, 1, 4), one]]) {
      t.like(checkGaps({ gaps, openEpochs: [...LISTED] }), { code: 'gap-beyond-end', facts: { from, to, last } });
    }
  });
}
