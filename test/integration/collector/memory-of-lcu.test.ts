import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import { Holdings } from '@farola/collector/ledger/holdings.js';
import type { Owed } from '@farola/collector/poll/owed-epochs.js';
import { RecentEpochs, REMEMBERED } from '@farola/collector/poll/recent-epochs.js';
import { ShownChains } from '@farola/collector/poll/shown-chains.js';
import { type GapRecord, LIMITS, type OpenEpoch, toHex } from '@farola/shared';
import { BitWriter } from '@farola/shared/batch/bits.js';
import { SampleModel } from '@farola/shared/batch/sample-model.js';
import { UNSENT_LIMIT } from '@farola/shared/link/ws-bounds.js';
import { seededRandom } from '../../fakes/seeded-random.js';

/** Of each at its bound; one by itself is lost in what else the heap does. */
const COUNT = 40;
/** Of docs/limits.md: what an LCU holds in the collector's memory at the most, KiB. */
const TOGETHER_KIB = 3.5 * 1024;
/** What waits, KiB: unread bytes, an unfinished message, an answer with its entries in pieces and in one. */
const WAITING_KIB = (UNSENT_LIMIT + LIMITS.frameBytes + LIMITS.frameBytes + 2 * LIMITS.answerEntryBytes) / 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const random = seededRandom('memory of an LCU');

function usedBytes(): number {
  for (let i = 0; i < 4; i++) collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** KiB of one of what `make` makes. */
function kibOf(make: () => unknown): number {
  make();
  const kept: unknown[] = [];
  const before = usedBytes();
  for (let i = 0; i < COUNT; i++) kept.push(make());
  const after = usedBytes();
  return kept.length === COUNT ? (after - before) / COUNT / 1024 : NaN;
}

/** 64 epochs of which each has a mark and 32 islands. */
function holdings(): unknown {
  const made = new Holdings({
    holding: () => {
      const runs = Array.from({ length: 33 }, (_, i) => ({ from: 1 + 10 * i, to: 5 + 10 * i }));
      return runs.reduce(
        (holding, run) => holding.with({ ...run, prev: random.bytes(32), head: random.bytes(32) }),
        EpochHolding.EMPTY,
      );
    },
    branches: () => 1,
    detail: () => ({ byteless: [] }) as never,
  });
  for (let i = 0; i < 80; i++) made.kept(0, random.bytes(8));
  return made;
}

/** As many rows of analysers as are taken, with nearly all columns; nothing is marked. */
function sampleModel(): unknown {
  const model = new SampleModel();
  const bits = new BitWriter(16);
  for (let analyser = 0; analyser < 256; analyser++) {
    const values = Array.from({ length: 61 }, (_, i) => i);
    const sample = { analyser, quality: 2, status: 0, monoMs: 1, wallMs: 2, spanMs: 3, values, marks: undefined };
    if (model.takes(sample)) model.write(sample, bits);
  }
  return model;
}

function epochs(): unknown {
  const listed = Array.from({ length: 33 }, (_, i): OpenEpoch => [random.bytes(8), 1, i]);
  const owed: Owed = {
    epochs: Array.from({ length: 64 }, (_, n) => ({ epoch: random.bytes(8), n, head: random.bytes(32) })),
    at: random.bytes(8),
    settled: false,
    passes: 0,
    walked: [],
  };
  const remembered = [new RecentEpochs(), new RecentEpochs()];
  for (const one of remembered) for (let i = 0; i < 2 * REMEMBERED; i++) one.add(toHex(random.bytes(8)));
  const gaps = Array.from({ length: 33 }, (_, n): GapRecord => [random.bytes(8), 1, n, random.bytes(32), random.bytes(32), 0]);
  return [listed, owed, remembered, gaps];
}

function shownChains(): unknown {
  const chains = new ShownChains();
  for (let i = 0; i < 2 * REMEMBERED; i++) {
    const ids = Array.from({ length: 8 }, () => random.bytes(9));
    const epoch = random.bytes(8);
    chains.add([{ epoch, ids: ids.slice(0, 4), out: ids.slice(4) }]);
    chains.whole(epoch, i, () => random.bytes(9));
  }
  return chains;
}

test('security: what an LCU that has proven itself holds in memory stays within what is said of it', (t) => {
  t.is(WAITING_KIB, 1792);
  const kib = [holdings, sampleModel, epochs, shownChains].map((make) => [make.name, kibOf(make)] as const);
  for (const [name, one] of kib) t.log(`${name}: ${one.toFixed(0)} KiB`);
  const together = kib.reduce((sum, [, one]) => sum + one, WAITING_KIB);
  t.log(`together ${(together / 1024).toFixed(2)} MiB`);
  t.true(
    kib.every(([, one]) => one > 20),
    'each is there',
  );
  t.true(together < TOGETHER_KIB, `${together.toFixed(0)} KiB`);
});
