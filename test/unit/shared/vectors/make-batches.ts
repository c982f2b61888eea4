import { BatchEncoder, encodeEntry, fromHex as hex, joinBytes, type KnownEntry, type SampleMarks, toHex } from '@farola/shared';
import type { BatchCase, File } from './cases.js';
import { fill } from './examples.js';

const EPOCH = fill(8, 0xe1);
const BOOT_WALL_MS = 1_795_000_000_000;

type Values = Extract<KnownEntry, { kind: 'sample' }>['values'];

function sampleAt(minute: number, analyser: number, values: Values, marks?: SampleMarks): Uint8Array {
  const monoMs = 5_000_000 + minute * 60_000 + ((minute * 7) % 5);
  const at = { monoMs, wallMs: BOOT_WALL_MS + monoMs, quality: 'synchronised' } as const;
  const status = values.length === 0 ? 'timeout' : values.includes(null) ? 'partial' : 'complete';
  return encodeEntry({ kind: 'sample', at, analyser, spanMs: 300 + ((minute * 3) % 7), status, values, marks });
}

/** A counter that rises steadily, a voltage in steps of 0.1 V, one that was 0 until now, a negative power. */
function valuesAt(minute: number): Values {
  return [48_000_000 + 47 * minute, 23_000 + 10 * ((minute * 5) % 7), minute < 7 ? 0 : 8_431 + minute, -120 - (minute % 3)];
}

function marksAt(minute: number): SampleMarks {
  const offsets = [
    { count: 1, ms: 0 },
    { count: 3, ms: 90 + (minute % 3) },
  ];
  const flags = [
    { code: 4, places: [1] },
    { code: 8, places: [0] },
  ];
  return { offsets, flags: minute < 3 ? [] : minute < 6 ? flags.slice(0, 1) : flags };
}

const EVENT = encodeEntry({ kind: 'event', at: { monoMs: 1, wallMs: 2, quality: 'none' }, code: 'stop', facts: [] });

const minutes = (from: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => from + i).flatMap((minute) => [
    sampleAt(minute, 0, valuesAt(minute)),
    sampleAt(minute, 1, [minute, null]),
  ]);

/** Batches that one encoder makes of these entries, as a receiver takes all of them. */
function codedAll(...batches: readonly (readonly Uint8Array[])[]): BatchCase['batches'] {
  const encoder = new BatchEncoder();
  let from = 1;
  return batches.map((entries) => {
    const coded = encoder.encode(entries, { epoch: EPOCH, from }, from - 1);
    if (!coded) throw new RangeError('a batch that is not worth it');
    const made = { from, coded: toHex(coded), entries: entries.map(toHex), code: null };
    from += entries.length;
    return made;
  });
}

const refused = (coded: string, from = 1): BatchCase['batches'][number] => ({
  from,
  coded,
  entries: null,
  code: 'attachment-malformed',
});

function cases(): Record<string, BatchCase['batches']> {
  const [first, second] = codedAll(minutes(0, 5), minutes(5, 5));
  if (!first || !second) throw new RangeError('two batches');
  return {
    'one batch of two analysers': [first],
    'a batch that goes on from the one before; lamps come on': [first, second],
    'an analyser falls silent and comes back': codedAll([...minutes(0, 2), sampleAt(2, 0, []), ...minutes(3, 2)]),
    'an event and an unknown kind between samples': codedAll([...minutes(0, 2), EVENT, hex('821863a0'), ...minutes(2, 2)]),
    'values of two requests, some of them marked': codedAll(
      Array.from({ length: 8 }, (_, minute) => sampleAt(minute, 0, valuesAt(minute), marksAt(minute))),
    ),
    'values beyond 2^50 stand as they are': codedAll([
      ...minutes(0, 3),
      sampleAt(3, 0, [2 ** 50, -(2 ** 50), 2n ** 60n]),
      ...minutes(4, 2),
    ]),
    'goes on from nothing': [refused(second.coded, second.from)],
    'goes on from another entry': [first, refused(second.coded, second.from + 1)],
    'the same batch twice': [first, second, refused(second.coded, second.from)],
    'empty': [refused('')],
    'the last byte is missing': [refused(first.coded.slice(0, -2))],
    'a byte behind it': [refused(toHex(joinBytes(hex(first.coded), hex('00'))))],
    'declares 257 entries': [refused('4040')],
    'declares an entry of 8192 bytes that is not there': [refused('00a000')],
    'declares an entry of 8193 bytes': [refused(`00a001${'00'.repeat(40)}`)],
  };
}

/** batches.json */
export function batchesFile(): File<BatchCase> {
  return {
    about:
      'Coded entries (encoding 1). The batches of a case come on one connection, in order, each with the number of its first entry; `code` null: the batch gives these entries.',
    cases: Object.entries(cases()).map(([name, batches]) => ({ name, epoch: toHex(EPOCH), batches })),
  };
}
