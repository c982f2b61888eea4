import test from 'ava';
import fc from 'fast-check';
import { encodeEntry, type KnownEntry } from '@farola/shared';
import type { MeterStay } from '@farola/collector/fleet/derived-state.js';
import { meterStays, type TableSighting } from '@farola/collector/fleet/meter-stays.js';
import { analyser, start } from '../../fakes/test-chain.js';

const BOOT = new Uint8Array(16);

function seen(atMs: number, entry: KnownEntry, { lcuNo = 0, panel = 'plaza', epoch = atMs, n = 1 } = {}): TableSighting {
  return { lcuNo, panel, epoch: new Uint8Array(8).fill(epoch), n, atMs, entry: encodeEntry(entry), previous: null };
}

const table = (analysers: ReturnType<typeof analyser>[], retired: number[] = []): KnownEntry => ({
  kind: 'table',
  at: { monoMs: 0, wallMs: 0, quality: 'none' },
  analysers,
  retired,
});

const brief = (stays: readonly MeterStay[]): string[] =>
  stays.map(
    ({ point, lcuNo, profileId, serialNumber, fromMs, toMs }) =>
      `${point} ${lcuNo} ${profileId} ${serialNumber ?? '-'} ${fromMs}-${toMs ?? ''}`,
  );

const CVM = 'circutor-cvm-c10';

for (const [what, sightings, stays] of [
  ['the first table opens it', [seen(5, start(BOOT, [analyser(0, 'a')]))], [`plaza/a 0 ${CVM} sn-a 5-`]],
  [
    'a restart with the same meter changes nothing, under another index either',
    [seen(5, start(BOOT, [analyser(0, 'a')])), seen(9, start(BOOT, [analyser(4, 'a', { ctRatio: [100, 5], unit: 77 })]))],
    [`plaza/a 0 ${CVM} sn-a 5-`],
  ],
  [
    'a changed serial number ends it',
    [seen(5, start(BOOT, [analyser(0, 'a')])), seen(9, start(BOOT, [analyser(0, 'a', { serialNumber: 'x' })]))],
    [`plaza/a 0 ${CVM} sn-a 5-9`, `plaza/a 0 ${CVM} x 9-`],
  ],
  [
    'a changed profile ends it',
    [seen(5, start(BOOT, [analyser(0, 'a')])), seen(9, start(BOOT, [analyser(0, 'a', { profileId: 'eastron-sdm630' })]))],
    [`plaza/a 0 ${CVM} sn-a 5-9`, `plaza/a 0 eastron-sdm630 sn-a 9-`],
  ],
  [
    'another LCU in the panel ends it',
    [seen(5, start(BOOT, [analyser(0, 'a')])), seen(9, start(BOOT, [analyser(0, 'a')]), { lcuNo: 1 })],
    [`plaza/a 0 ${CVM} sn-a 5-9`, `plaza/a 1 ${CVM} sn-a 9-`],
  ],
  [
    'a start that names the analyser no more ends it',
    [seen(5, start(BOOT, [analyser(0, 'a'), analyser(1, 'b')])), seen(9, start(BOOT, [analyser(0, 'b')]))],
    [`plaza/a 0 ${CVM} sn-a 5-9`, `plaza/b 0 ${CVM} sn-b 5-`],
  ],
  [
    'a table that retires its index ends it',
    [seen(5, start(BOOT, [analyser(0, 'a'), analyser(1, 'b')]), { epoch: 1 }), seen(9, table([], [1]), { epoch: 1, n: 9 })],
    [`plaza/a 0 ${CVM} sn-a 5-`, `plaza/b 0 ${CVM} sn-b 5-9`],
  ],
  [
    'a table that gives the analyser a new index does not',
    [
      seen(5, start(BOOT, [analyser(0, 'a')]), { epoch: 1 }),
      seen(9, table([analyser(1, 'a', { ctRatio: [1, 2] })], [0]), { epoch: 1, n: 9 }),
    ],
    [`plaza/a 0 ${CVM} sn-a 5-`],
  ],
  [
    'rows of one name, which are scan groups, are one meter',
    [
      seen(5, start(BOOT, [analyser(0, 'a'), analyser(1, 'a', { periodS: 900 })])),
      seen(9, start(BOOT, [analyser(0, 'a', { periodS: 1 }), analyser(1, 'b'), analyser(2, 'a')])),
    ],
    [`plaza/a 0 ${CVM} sn-a 5-`, `plaza/b 0 ${CVM} sn-b 9-`],
  ],
  [
    'a table that retires one scan group of a meter does not end it, one that retires the last does',
    [
      seen(5, start(BOOT, [analyser(0, 'a'), analyser(1, 'a'), analyser(2, 'b')]), { epoch: 1 }),
      seen(7, table([], [1]), { epoch: 1, n: 7 }),
      seen(9, table([], [0]), { epoch: 1, n: 9 }),
    ],
    [`plaza/a 0 ${CVM} sn-a 5-9`, `plaza/b 0 ${CVM} sn-b 5-`],
  ],
  [
    'a meter may come back',
    [5, 9, 12].map((at) => seen(at, start(BOOT, [analyser(0, 'a', { serialNumber: at === 9 ? 'x' : 'y' })]))),
    [`plaza/a 0 ${CVM} y 5-9`, `plaza/a 0 ${CVM} x 9-12`, `plaza/a 0 ${CVM} y 12-`],
  ],
  [
    'the same name in two panels is two points',
    [seen(5, start(BOOT, [analyser(0, 'a')])), seen(9, start(BOOT, [analyser(0, 'a')]), { lcuNo: 1, panel: 'mercado' })],
    [`mercado/a 1 ${CVM} sn-a 9-`, `plaza/a 0 ${CVM} sn-a 5-`],
  ],
] as const) {
  test(`of a stay at a measuring point: ${what}`, (t) => {
    t.deepEqual(brief(meterStays(sightings)), [...stays]);
    t.deepEqual(brief(meterStays(sightings.toReversed())), [...stays]);
  });
}

test('stays at a point never overlap, in whatever order tables come', (t) => {
  const sighting = fc.record({
    at: fc.integer({ min: 1, max: 99 }),
    lcuNo: fc.nat(2),
    serial: fc.constantFrom('x', 'y'),
    gone: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc
        .uniqueArray(sighting, { selector: ({ at }) => at })
        .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        const of = (list: typeof all): MeterStay[] =>
          meterStays(
            list.map(({ at, lcuNo, serial, gone }) =>
              seen(at, start(BOOT, gone ? [] : [analyser(0, 'a', { serialNumber: serial })]), { lcuNo }),
            ),
          );
        const stays = of(all);
        t.deepEqual(of(shuffled), stays);
        for (const [i, stay] of stays.entries()) {
          t.true(stay.toMs === null || stay.toMs > stay.fromMs);
          if (i > 0) t.true(stays[i - 1]!.toMs !== null && stays[i - 1]!.toMs! <= stay.fromMs);
        }
      },
    ),
  );
});
