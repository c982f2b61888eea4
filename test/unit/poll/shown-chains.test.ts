import test from 'ava';
import { BRANCH_LIMIT, branchIds } from '@farola/collector/branch-id.js';
import { ShownChains } from '@farola/collector/poll/shown-chains.js';

const EPOCH = epochNo(1);

function epochNo(n: number): Uint8Array {
  return Uint8Array.of(0, 0, 0, 0, 0, 0, n >> 8, n & 0xff);
}

test('security: a unit that shows one chain and then another without end shows something new only so often in a round', (t) => {
  const [one, other] = branchIds(EPOCH, 2) as [Uint8Array, Uint8Array];
  const chains = new ShownChains();
  const flips = (): number =>
    Array.from({ length: 40 }, (_, i) => chains.add([{ epoch: EPOCH, ids: [i % 2 ? one : other], out: [] }])).filter(Boolean)
      .length;
  t.is(flips(), BRANCH_LIMIT);
  t.is(flips(), 0);
  chains.begin();
  t.is(flips(), BRANCH_LIMIT);
  t.deepEqual(chains.of(EPOCH)?.ids, [one], 'the last that it showed');
});

test('a unit is asked for its chain as often in every round', (t) => {
  const chains = new ShownChains();
  const asked = (): number => Array.from({ length: 10 }, () => chains.mayAsk(EPOCH)).filter(Boolean).length;
  t.is(asked(), BRANCH_LIMIT);
  t.is(asked(), 0);
  chains.begin();
  t.is(asked(), BRANCH_LIMIT);
});

test('security: of ever new epochs the last 128 are remembered, asked or shown', (t) => {
  const chains = new ShownChains();
  chains.add([{ epoch: EPOCH, ids: [EPOCH], out: [] }]);
  for (let n = 2; n <= 128; n++) chains.mayAsk(epochNo(n));
  t.deepEqual(chains.of(EPOCH)?.ids, [EPOCH]);
  chains.add([{ epoch: epochNo(129), ids: [epochNo(129)], out: [] }]);
  t.is(chains.of(EPOCH), undefined);
});
