import test from 'ava';
import { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import type { HeldRange } from '@farola/collector/ledger/held-range.js';
import { judgeLineage, type KnownLineage, type LineageFinding, WENT_BACK_MS } from '@farola/collector/poll/judge-lineage.js';
import { judgeListing } from '@farola/collector/poll/judge-listing.js';
import { encodeEntry, type OpenEpoch, sameBytes } from '@farola/shared';
import { sample } from '../../fakes/test-chain.js';

const MINUTE_MS = 60_000;

/** An epoch of this byte; entry n of it was taken at the nth of these monotonic times, ms. */
interface Stored {
  readonly byte: number;
  readonly takenAtMs: readonly (number | undefined)[];
  /** The epoch before, the number of its last entry, and the byte of the head that is named. */
  readonly previous?: readonly [byte: number, n: number, head?: number];
  /** When its start was received. */
  readonly atMs?: number;
}

const A = 1;
const B = 2;
const C = 3;
const D = 4;

function epochOf(byte: number): Uint8Array {
  return new Uint8Array(8).fill(byte);
}

/** h(n) of each epoch, made up. */
function headAt(epoch: number, n: number): Uint8Array {
  return new Uint8Array(32).fill(epoch * 16 + n);
}

function previousOf({ previous }: Stored) {
  if (!previous) return null;
  const [byte, n, head] = previous;
  return { epoch: epochOf(byte), n, head: head === undefined ? headAt(byte, n) : new Uint8Array(32).fill(head) };
}

function rangeOf(byte: number, from: number, to: number): HeldRange {
  return { from, to, prev: headAt(byte, from - 1), head: headAt(byte, to) };
}

/** What is stored of an LCU. */
function stored(...epochs: readonly Stored[]): KnownLineage {
  const find = (epoch: Uint8Array): Stored | undefined => epochs.find(({ byte }) => sameBytes(epochOf(byte), epoch));
  return {
    holdingOf(epoch) {
      const { byte, takenAtMs } = find(epoch) ?? { byte: 0, takenAtMs: [] };
      return takenAtMs.length > 0 ? EpochHolding.EMPTY.with(rangeOf(byte, 1, takenAtMs.length)) : EpochHolding.EMPTY;
    },
    headAt(epoch, n) {
      const known = find(epoch);
      return known && n <= known.takenAtMs.length ? headAt(known.byte, n) : undefined;
    },
    entryAt(epoch, n) {
      const monoMs = find(epoch)?.takenAtMs[n - 1];
      return monoMs === undefined ? undefined : encodeEntry(sample(0, monoMs, [1]));
    },
    successorsOf(epoch) {
      const named = epochs.filter(({ previous }) => (epoch ? sameBytes(epochOf(previous?.[0] ?? 0), epoch) : !previous));
      return named.map(({ byte, previous, atMs = 0 }) => ({ epoch: epochOf(byte), afterN: previous?.[1] ?? 0, atMs }));
    },
    previousOf(epoch) {
      const known = find(epoch);
      return known && previousOf(known);
    },
  };
}

/** The verdict in a few words. */
function said(finding: LineageFinding | undefined): string {
  if (!finding) return 'well';
  const { code, facts, grave, epoch } = finding;
  return `${grave ? 'grave' : 'harmless'} ${code} of ${epoch[0]}${'lost' in facts ? `, ${String(facts['lost'])}` : ''}`;
}

/** An epoch begins that is not stored yet. */
function begins(epoch: Stored, ...known: readonly Stored[]): string {
  const { byte, atMs = 1000 } = epoch;
  const delivered = {
    epoch: epochOf(byte),
    adds: [rangeOf(byte, 1, 1)],
    start: { previous: previousOf(epoch), atMs },
    startIsNew: true,
    headAt: (n: number) => (n < 2 ? headAt(byte, n) : undefined),
  };
  return said(judgeLineage(delivered, stored(...known)));
}

/** An epoch that is stored delivers from..to. @param head of `to`, made up otherwise */
function goesOn(byte: number, [from, to]: readonly [number, number], known: readonly Stored[], head = headAt(byte, to)): string {
  const epoch = known.find((one) => one.byte === byte);
  const delivered = {
    epoch: epochOf(byte),
    adds: [{ ...rangeOf(byte, from, to), head }],
    start: epoch && { previous: previousOf(epoch), atMs: epoch.atMs ?? 0 },
    startIsNew: false,
    headAt: (n: number) => (n === to ? head : undefined),
  };
  return said(judgeLineage(delivered, stored(...known)));
}

test('an epoch that begins where the one before ended is well, and so is the first, and one behind what is not stored', (t) => {
  const before = { byte: A, takenAtMs: [0, 1000, 2000] };
  t.is(begins({ byte: B, takenAtMs: [], previous: [A, 3] }, before), 'well');
  t.is(begins({ byte: B, takenAtMs: [], previous: [A, 9] }, before), 'well', 'the rest is owed');
  t.is(begins({ byte: B, takenAtMs: [] }), 'well');
  t.is(begins({ byte: B, takenAtMs: [], previous: [C, 3] }, before), 'well');
});

test('a start that names another head than is stored is a fork of the epoch before', (t) => {
  t.is(begins({ byte: B, takenAtMs: [], previous: [A, 2, 250] }, { byte: A, takenAtMs: [0, 1000] }), `grave chain-fork of ${A}`);
});

for (const [lostMs, gravity] of [
  [WENT_BACK_MS, 'harmless'],
  [WENT_BACK_MS + 1, 'grave'],
] as const) {
  test(`an end of ${lostMs} ms that is forgotten is ${gravity}`, (t) => {
    const told = `${gravity} state-went-back of ${B}, ${lostMs} ms`;
    t.is(begins({ byte: B, takenAtMs: [], previous: [A, 2] }, { byte: A, takenAtMs: [0, 5000, 6000, 5000 + lostMs] }), told);
  });

  test(`an epoch of ${lostMs} ms that is forgotten whole is ${gravity}`, (t) => {
    const sibling = { byte: C, takenAtMs: [5000, 6000, 5000 + lostMs], previous: [A, 2] } as const;
    const told = `${gravity} state-went-back of ${B}, ${lostMs} ms`;
    t.is(begins({ byte: B, takenAtMs: [], previous: [A, 2] }, { byte: A, takenAtMs: [0, 1000] }, sibling), told);
  });
}

test('what is forgotten adds up: an end of three minutes and an epoch of three, and two epochs of three', (t) => {
  const sixMinutes = `grave state-went-back of ${B}, ${6 * MINUTE_MS} ms`;
  const sibling = (byte: number) => ({ byte, takenAtMs: [0, 3 * MINUTE_MS], previous: [A, 1] }) as const;
  const next = { byte: B, takenAtMs: [], previous: [A, 1] } as const;
  t.is(begins(next, { byte: A, takenAtMs: [0, 3 * MINUTE_MS] }, sibling(C)), sixMinutes);
  t.is(begins(next, { byte: A, takenAtMs: [0] }, sibling(C), sibling(D)), sixMinutes);
  t.is(begins(next, { byte: A, takenAtMs: [0] }, sibling(C)), `harmless state-went-back of ${B}, ${3 * MINUTE_MS} ms`);
});

test('an epoch that is forgotten and went on in a further one is of an unknown length', (t) => {
  const sibling = { byte: C, takenAtMs: [0], previous: [A, 1] } as const;
  const further = { byte: D, takenAtMs: [0], previous: [C, 1] } as const;
  const next = { byte: B, takenAtMs: [], previous: [A, 1] } as const;
  t.is(begins(next, { byte: A, takenAtMs: [0] }, sibling), `harmless state-went-back of ${B}, 0 ms`);
  t.is(begins(next, { byte: A, takenAtMs: [0] }, sibling, further), `grave state-went-back of ${B}, an unknown length`);
});

test('an end that is forgotten and of which the entries are not stored is of an unknown length', (t) => {
  const unknown = `grave state-went-back of ${B}, an unknown length`;
  const next = { byte: B, takenAtMs: [], previous: [A, 2] } as const;
  t.is(begins(next, { byte: A, takenAtMs: [0, 1000, undefined] }), unknown);
  t.is(begins(next, { byte: A, takenAtMs: [0, undefined, 1000] }), unknown);
});

test('an epoch delivers nothing beyond the end that a later one named, and that end with the head that was named', (t) => {
  const known = [
    { byte: A, takenAtMs: [0, 1000] },
    { byte: B, takenAtMs: [0], previous: [A, 4] },
  ] as const;
  t.is(goesOn(A, [3, 4], known), 'well');
  t.is(goesOn(A, [3, 5], known), `grave branch-delivers of ${A}`);
  t.is(goesOn(A, [3, 4], known, headAt(A, 9)), `grave chain-fork of ${A}`);
  t.is(goesOn(B, [2, 9], known), 'well');
});

test('of several that named an end the lowest holds', (t) => {
  const known = [
    { byte: A, takenAtMs: [0, 1000] },
    { byte: B, takenAtMs: [0], previous: [A, 6] },
    { byte: C, takenAtMs: [0], previous: [A, 4] },
  ] as const;
  t.is(goesOn(A, [3, 4], known), 'well');
  t.is(goesOn(A, [3, 5], known), `grave branch-delivers of ${A}`);
});

test('an epoch beside which a later one began delivers nothing more, and the later one does', (t) => {
  for (const previous of [{ previous: [A, 1] as const }, {}]) {
    const known = [
      { byte: A, takenAtMs: [0] },
      { byte: B, takenAtMs: [0, 1000], ...previous, atMs: 5 },
      { byte: C, takenAtMs: [0], ...previous, atMs: 6 },
    ] as const;
    t.is(goesOn(B, [2, 2], known), 'well', 'what is stored of it');
    t.is(goesOn(B, [3, 3], known), `grave branch-delivers of ${B}`);
    t.is(goesOn(C, [2, 3], known), 'well');
    t.is(
      goesOn(B, [3, 3], [known[0], known[1], { ...known[2], atMs: 5 }]),
      'well',
      'which of them is the later one is not known',
    );
  }
});

test('an LCU that lists less of its present epoch than is stored has forgotten the rest, or another unit delivered that', (t) => {
  const known = stored({ byte: A, takenAtMs: [0, 0, WENT_BACK_MS, WENT_BACK_MS + 1] });
  const listed = (...open: readonly OpenEpoch[]): string => said(judgeListing(epochOf(A), open, known));
  t.is(listed([epochOf(A), 1, 4]), 'well');
  t.is(listed([epochOf(A), 1, 3]), `harmless state-went-back of ${A}, 1 ms`);
  t.is(listed([epochOf(A), 1, 2]), `grave state-went-back of ${A}, ${WENT_BACK_MS + 1} ms`);
  t.is(listed([epochOf(A), 1, 2], [epochOf(B), 1, 1]), 'well', 'it has begun another');
  t.is(listed(), 'well');
});
