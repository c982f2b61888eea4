import test from 'ava';
import { CLOCK_TOLERANCE_MS, encodeEntry, type KnownEntry } from '@farola/shared';
import { type AnswerChange, deriveFromAnswer, type StoredAnswer } from '@farola/collector/fleet/derive-change.js';
import { analyser, sample, start, WALL_AT_BOOT_MS } from '../../fakes/test-chain.js';

const COUNTS = { counts: true, fromEpochAfterMs: null };
const BOOT = new Uint8Array(16).fill(7);
const EPOCH = new Uint8Array(8).fill(1);
const NOW_MS = 9_000_000;
const RECEIVED_MS = WALL_AT_BOOT_MS + 5_000_000;

function derive(entries: readonly (KnownEntry | Uint8Array)[], change: Partial<StoredAnswer> = {}): AnswerChange {
  const { first = 11 } = change;
  return deriveFromAnswer({
    lcuNo: 3,
    receivedAtMs: RECEIVED_MS,
    epoch: EPOCH,
    answer: { boot: BOOT, now: [NOW_MS, 0, 2], openEpochs: [[EPOCH, 1, 99]] },
    first,
    entries: entries.map((entry) => (entry instanceof Uint8Array ? entry : encodeEntry(entry))),
    adds: [{ from: first, to: first + entries.length - 1 }],
    start: { boot: BOOT, atMs: undefined },
    standing: COUNTS,
    ...change,
  });
}

const brief = ({ latest }: AnswerChange): [number, number, number][] =>
  latest.map(({ analyser, n, ageMs }) => [analyser, n, ageMs]);

test('of each analyser the newest sample is the latest', (t) => {
  const change = derive([sample(0, NOW_MS - 9000), sample(1, NOW_MS - 8000), sample(0, NOW_MS - 7000), sample(1, NOW_MS - 6000)]);
  t.deepEqual(brief(change).sort(), [
    [0, 13, 7000],
    [1, 14, 6000],
  ]);
  t.is(change.entriesStored, 4);
  t.like(change.latest[0], { lcuNo: 3, receivedAtMs: RECEIVED_MS });
});

for (const [ageMs, live] of [
  [0, true],
  [3_660_000, true],
  [3_660_001, false],
  [-1, false],
] as const) {
  test(`a sample of ${ageMs} ms ${live ? 'may be the newest of its scan group' : 'is stored as history only'}`, (t) => {
    const change = derive([sample(0, NOW_MS - ageMs)]);
    t.is(change.latest.length, live ? 1 : 0);
    t.is(change.entriesStored, 1);
  });
}

test('a sample from the future does not hide the live one before it', (t) => {
  t.deepEqual(brief(derive([sample(0, NOW_MS - 10), sample(0, NOW_MS + 10)])), [[0, 11, 10]]);
});

for (const [what, boot] of [
  ['of another boot', new Uint8Array(16).fill(8)],
  ['of a boot that is not known', undefined],
] as const) {
  test(`a sample ${what} is never live`, (t) => {
    t.deepEqual(derive([sample(0, NOW_MS - 10)], { start: boot && { boot, atMs: undefined } }).latest, []);
  });
}

test('the start entry among the entries tells the boot', (t) => {
  const entries = [start(BOOT, []), sample(0, NOW_MS - 10)];
  t.is(derive(entries, { first: 1, start: undefined }).latest.length, 1);
  const other = [start(new Uint8Array(16), []), sample(0, NOW_MS - 10)];
  t.is(derive(other, { first: 1 }).latest.length, 0);
});

test('only entries that this answer added count', (t) => {
  const entries = [sample(0, NOW_MS - 40), sample(0, NOW_MS - 30), sample(0, NOW_MS - 20), sample(0, NOW_MS - 10)];
  const change = derive(entries, {
    adds: [
      { from: 11, to: 11 },
      { from: 13, to: 13 },
    ],
  });
  t.deepEqual(brief(change), [[0, 13, 20]]);
  t.is(change.entriesStored, 2);
  t.deepEqual(derive(entries, { adds: [] }), {
    latest: [],
    tables: [],
    events: [],
    anchors: [],
    platforms: [],
    entriesStored: 0,
  });
});

for (const [quality, aheadMs, dates] of [
  ['synchronised', 0, true],
  ['rtc', 0, true],
  ['held', 0, false],
  ['none', 0, false],
  ['synchronised', CLOCK_TOLERANCE_MS, true],
  ['synchronised', CLOCK_TOLERANCE_MS + 1, false],
  ['rtc', Date.UTC(2106, 1, 7) - RECEIVED_MS, false],
] as const) {
  test(`a clock that is ${quality} and ${aheadMs} ms ahead of the receipt dates its boot: ${dates}`, (t) => {
    const at = { monoMs: 10, wallMs: RECEIVED_MS + aheadMs, quality };
    const { anchors } = derive([{ kind: 'clock', at, before: { ...at, quality: 'none' } }]);
    const { monoMs, wallMs } = at;
    t.deepEqual(anchors, dates ? [{ lcuNo: 3, boot: BOOT, source: 'clock', monoMs, wallMs }] : []);
  });
}

test('start and table entries are given in their order, dated by the monotonic clock', (t) => {
  const table = {
    kind: 'table',
    at: { monoMs: NOW_MS - 500, wallMs: 5, quality: 'synchronised' },
    analysers: [analyser(1, 'b')],
    retired: [],
  } as const;
  const { tables } = derive([start(BOOT, [], NOW_MS - 2000), sample(0, NOW_MS - 1000), table], { first: 1 });
  t.deepEqual(
    tables.map(({ n, atMs }) => [n, atMs]),
    [
      [1, RECEIVED_MS - 2000],
      [3, RECEIVED_MS - 500],
    ],
  );
});

test('the start entry is taken, whatever comes behind it in the same answer', (t) => {
  const at = { monoMs: NOW_MS - 500, wallMs: 5, quality: 'synchronised' } as const;
  const tables = Array.from({ length: 9 }, (_, i) => ({
    kind: 'table' as const,
    at,
    analysers: [analyser(i, `a${i}`)],
    retired: [],
  }));
  const numbers = derive([start(BOOT, []), ...tables], { first: 1 }).tables.map(({ n }) => n);
  t.deepEqual(numbers, [1, 3, 4, 5, 6, 7, 8, 9, 10]);
});

for (const [what, quality, wallMs, atMs] of [
  ['by the wall clock in another boot', 'rtc', 12_345, 12_345],
  ['by the receipt when the wall clock was never set', 'none', 12_345, RECEIVED_MS],
  ['by the receipt when the wall clock is ahead', 'synchronised', RECEIVED_MS + 99, RECEIVED_MS],
] as const) {
  test(`a table is dated ${what}`, (t) => {
    const entry = { ...start(new Uint8Array(16), []), at: { monoMs: 5, wallMs, quality } };
    t.is(derive([entry], { first: 1 }).tables[0]?.atMs, atMs);
  });
}

test('entries that cannot be read are counted and nothing else', (t) => {
  const change = derive([
    new Uint8Array([0xff]),
    new Uint8Array(0),
    Uint8Array.of(0x82, 0x18, 0x63, 0x01),
    Uint8Array.of(0x81, 0x01),
  ]);
  t.deepEqual(change, { latest: [], tables: [], events: [], anchors: [], platforms: [], entriesStored: 4 });
});

test('of what an answer tells of the platform the newest counts, and only what it adds', (t) => {
  const measured = (byte: number): KnownEntry => {
    const at = { monoMs: NOW_MS - 10, wallMs: 0, quality: 'none' } as const;
    return { kind: 'event', at, code: 'platform-measured', facts: [new Uint8Array(32).fill(byte), 1] };
  };
  const entries = [start(BOOT, []), measured(1), sample(0, NOW_MS - 5), measured(2)];
  const told = (adds: readonly { from: number; to: number }[]): unknown[] =>
    derive(entries, { first: 1, adds }).platforms.map(({ n, hash }) => [n, hash?.[0] ?? null]);
  t.deepEqual(told([{ from: 1, to: 4 }]), [[4, 2]]);
  t.deepEqual(told([{ from: 1, to: 2 }]), [[2, 1]]);
  t.deepEqual(told([{ from: 1, to: 1 }]), [[1, null]]);
  t.deepEqual(told([{ from: 3, to: 3 }]), []);
});

for (const [what, standing, atMs, live] of [
  ['while it is quarantined', { counts: false, fromEpochAfterMs: null }, undefined, false],
  ['of an epoch that began before the release', { counts: true, fromEpochAfterMs: 100 }, 100, false],
  ['of an epoch whose begin is not known, after a release', { counts: true, fromEpochAfterMs: 100 }, undefined, false],
  ['of an epoch that began after the release', { counts: true, fromEpochAfterMs: 100 }, 101, true],
] as const) {
  test(`a sample ${what} is ${live ? 'live' : 'stored and not live'}`, (t) => {
    const change = derive([sample(0, NOW_MS - 10)], { start: { boot: BOOT, atMs }, standing });
    t.is(change.latest.length, live ? 1 : 0);
    t.is(change.entriesStored, 1);
  });

  test(`what an LCU runs on is ${live ? 'taken' : 'not taken'} from an event ${what}`, (t) => {
    const at = { monoMs: NOW_MS - 10, wallMs: 0, quality: 'none' } as const;
    const measured: KnownEntry = { kind: 'event', at, code: 'platform-measured', facts: [new Uint8Array(32), 1] };
    const { platforms, events } = derive([measured], { start: { boot: BOOT, atMs }, standing });
    t.is(platforms.length, live ? 1 : 0);
    t.is(events.length, 1);
  });
}
