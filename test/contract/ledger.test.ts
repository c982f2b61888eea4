import test from 'ava';
import { codeOf, toHex } from '@farola/shared';
import { branchId } from '@farola/collector/branch-id.js';
import type { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import { ledgerKeyParts, ORDINAL_LIMIT, SLOT_MS, slotOf } from '@farola/collector/ledger/ledger-key.js';
import type { LedgerRow } from '@farola/collector/ledger/ledger.js';
import { LEDGERS } from '../fakes/ledger-openers.js';
import { RECEIVED_AT_MS, testAnswer, testGap } from '../fakes/test-answer.js';
import { TestChain } from '../fakes/test-chain.js';

/** Runs of a holding as text: `1-5 8-9`. */
function runs(holding: EpochHolding): string {
  return holding.runs.map(({ from, to }) => `${from}-${to}`).join(' ');
}

function plain({ poll, answer, epoch, base, entries, ...row }: LedgerRow): object {
  return { ...row, ...Object.fromEntries(Object.entries({ poll, answer, epoch, base, entries }).map(([k, v]) => [k, toHex(v)])) };
}

for (const [name, open] of Object.entries(LEDGERS)) {
  test(`${name}: gives back the bytes of a row as they came`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(5);
    const { adds: _, shares: __, gaps: ___, told: ____, ...bytes } = testAnswer(chain, 1, 5, { lcuNo: 7 });
    const [key] = ledger.append([testAnswer(chain, 1, 5, { lcuNo: 7 })]);
    t.deepEqual(ledgerKeyParts(key!), { slot: slotOf(RECEIVED_AT_MS), lcuNo: 7, ordinal: 0 });
    const expected = plain({ key: key!, ...bytes });
    t.deepEqual([...ledger.rows(7, 0, Infinity)].map(plain), [expected]);
    t.deepEqual([...ledger.rowsFrom(0)].map(plain), [expected]);
    t.deepEqual(plain(ledger.rowOf(7, chain.epoch, 3)!), expected);
    t.deepEqual(plain(ledger.row(key!)!), expected);
    t.is(ledger.row(key! + 1), undefined);
    t.deepEqual([...ledger.keysFrom(0)], [key!]);
    t.deepEqual([...ledger.keysFrom(key! + 1)], []);
  });

  test(`${name}: the newest answer of an LCU is found by the five minutes of a time, or those before`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(5);
    const other = new TestChain('malaga-0043').grow(5);
    const at = RECEIVED_AT_MS - (RECEIVED_AT_MS % SLOT_MS);
    const answers = [1, 2, 3].map((n) => testAnswer(chain, n, n, { lcuNo: 7, receivedAtMs: at + n }));
    ledger.append([...answers, testAnswer(other, 1, 5, { lcuNo: 8, receivedAtMs: at + SLOT_MS })]);
    for (const aboutMs of [at, at + SLOT_MS - 1, at + SLOT_MS, at + 2 * SLOT_MS - 1]) {
      const found = ledger.newestAnswer(7, aboutMs);
      t.is(found?.receivedAtMs, at + 3);
      t.is(toHex(found!.answer), toHex(answers[2]!.answer));
    }
    t.is(ledger.newestAnswer(7, at - 1), undefined);
    t.is(ledger.newestAnswer(7, at + 2 * SLOT_MS), undefined);
    t.is(ledger.newestAnswer(9, at), undefined);
  });

  test(`${name}: an append of nothing stores nothing`, async (t) => {
    const ledger = await open(t);
    t.deepEqual(ledger.append([]), []);
    t.deepEqual([...ledger.rowsFrom(0)], []);
    t.deepEqual([...ledger.rows(0, 0, Infinity)], []);
  });

  test(`${name}: an unknown epoch is held not at all`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(5);
    ledger.append([testAnswer(chain, 1, 5)]);
    t.is(runs(ledger.holding(0, new Uint8Array(8).fill(9))), '');
    t.is(runs(ledger.holding(1, chain.epoch)), '');
    t.is(ledger.headAt(1, chain.epoch, 2), undefined);
    t.is(ledger.rowOf(1, chain.epoch, 2), undefined);
    t.deepEqual(ledger.ownedBy(12345), []);
  });

  test(`${name}: ranges in any order become runs with the heads of the chain`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(30);
    ledger.append([testAnswer(chain, 21, 25)]);
    ledger.append([testAnswer(chain, 1, 5), testAnswer(chain, 11, 20)]);
    const holding = ledger.holding(0, chain.epoch);
    t.is(runs(holding), '1-5 11-25');
    t.is(toHex(holding.mark.head!), toHex(chain.head(5)));
    t.is(toHex(holding.runs[1]!.prev), toHex(chain.head(10)));
    t.is(toHex(holding.runs[1]!.head), toHex(chain.head(25)));
  });

  test(`${name}: a head is computed from the entry that is owned, or from the one after it, and none is known elsewhere`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(20);
    ledger.append([testAnswer(chain, 5, 12, { first: 7, adds: [chain.held(7, 8), chain.held(11, 12)] })]);
    for (const n of [6, 7, 8, 10, 11, 12]) t.is(toHex(ledger.headAt(0, chain.epoch, n)!), toHex(chain.head(n)));
    for (const n of [4, 5, 9, 13]) t.is(ledger.headAt(0, chain.epoch, n), undefined);
    t.is(runs(ledger.holding(0, chain.epoch)), '7-8 11-12');
  });

  test(`${name}: a row owns what it added and no more`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(20);
    const [middle] = ledger.append([testAnswer(chain, 9, 10)]);
    const [around] = ledger.append([testAnswer(chain, 5, 12, { adds: [chain.held(5, 8), chain.held(11, 12)] })]);
    const [nothing] = ledger.append([testAnswer(chain, 5, 12, { first: 13 })]);
    const owned = (key: number): string =>
      ledger
        .ownedBy(key)
        .map(({ from, to }) => `${from}-${to}`)
        .join(' ');
    t.is(owned(middle!), '9-10');
    t.is(owned(around!), '5-8 11-12');
    t.is(owned(nothing!), '');
    t.is(ledger.rowOf(0, chain.epoch, 10)?.key, middle);
    t.is(ledger.rowOf(0, chain.epoch, 11)?.key, around);
  });

  test(`${name}: refuses a range that overlaps what is stored, and stores nothing of that append`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(20);
    ledger.append([testAnswer(chain, 5, 10)]);
    const overlaps = [
      [10, 12],
      [1, 5],
      [6, 7],
      [1, 20],
    ] as const;
    for (const [from, to] of overlaps) {
      t.throws(() => ledger.append([testAnswer(chain, 11, 11), testAnswer(chain, from, to)]), { instanceOf: RangeError });
    }
    t.throws(() => ledger.append([testAnswer(chain, 11, 10, { gaps: [testGap(chain, 9, 12)] })]), { instanceOf: RangeError });
    t.is(runs(ledger.holding(0, chain.epoch)), '5-10');
    ledger.append([testAnswer(chain, 11, 11)]);
    t.is(runs(ledger.holding(0, chain.epoch)), '5-11');
  });

  test(`${name}: a gap is held without bytes`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(20);
    const older = new TestChain('malaga-0042', 2).grow(9);
    ledger.append([testAnswer(chain, 11, 20, { gaps: [testGap(chain, 4, 10), testGap(older, 1, 9)] })]);
    const holding = ledger.holding(0, chain.epoch);
    t.is(runs(holding), '4-20');
    t.is(toHex(holding.runs[0]!.prev), toHex(chain.head(3)));
    t.is(runs(ledger.holding(0, older.epoch)), '1-9');
    for (const n of [3, 10]) t.is(toHex(ledger.headAt(0, chain.epoch, n)!), toHex(chain.head(n)));
    t.is(ledger.headAt(0, chain.epoch, 9), undefined);
    t.is(ledger.rowOf(0, chain.epoch, 9), undefined);
  });

  test(`${name}: bytes may come for what a gap covered, once, and heads that gaps tell inside it are kept`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(20);
    const { epoch } = chain;
    const told = [6, 15].map((n) => ({ epoch, n, head: chain.head(n) }));
    ledger.append([testAnswer(chain, 1, 2, { gaps: [testGap(chain, 4, 18)] })]);
    ledger.append([testAnswer(chain, 3, 2, { told: [...told, ...told] })]);
    t.is(toHex(ledger.headAt(0, epoch, 15)!), toHex(chain.head(15)));
    const [key] = ledger.append([testAnswer(chain, 8, 12, { adds: [chain.held(8, 9), chain.held(10, 12)] })]);
    t.throws(() => ledger.append([testAnswer(chain, 12, 13)]), { instanceOf: RangeError });
    t.throws(() => ledger.append([testAnswer(chain, 3, 5)]), { instanceOf: RangeError });
    t.is(runs(ledger.holding(0, epoch)), '1-2 4-18');
    t.is(ledger.rowOf(0, epoch, 12)?.key, key);
    t.is(ledger.rowOf(0, epoch, 13), undefined);
    t.is(toHex(ledger.headAt(0, epoch, 7)!), toHex(chain.head(7)), 'the head that the bytes begin at');
    const detail = ledger.detail(0, epoch, 5, 17);
    t.deepEqual(detail.byteless, [
      { from: 5, to: 7 },
      { from: 13, to: 17 },
    ]);
    t.deepEqual(
      detail.told.map(({ n, head }) => [n, toHex(head)]),
      [6, 15].map((n) => [n, toHex(chain.head(n))]),
    );
    t.deepEqual(ledger.detail(1, epoch, 5, 17), { told: [], byteless: [], shared: [] });
  });

  test(`${name}: a branch is held apart from the first chain of its epoch, and has what it shares from there`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(20);
    const fork = chain.forkAt(11);
    const id = branchId(chain.epoch, 1);
    t.is(ledger.branches(0, chain.epoch), 1);
    const [first] = ledger.append([testAnswer(chain, 1, 20)]);
    t.is(ledger.branches(0, chain.epoch), 1);
    const shares = [{ id, source: chain.epoch, ...chain.held(1, 10) }];
    const [second] = ledger.append([testAnswer(fork, 9, 15, { id, first: 11, shares })]);
    t.is(ledger.branches(0, chain.epoch), 2);
    t.is(ledger.branches(1, chain.epoch), 1);
    t.is(runs(ledger.holding(0, chain.epoch)), '1-20');
    t.is(runs(ledger.holding(0, id)), '1-15');
    for (const n of [3, 10, 11, 15]) t.is(toHex(ledger.headAt(0, id, n)!), toHex(fork.head(n)));
    t.is(ledger.headAt(0, id, 16), undefined);
    t.is(toHex(ledger.headAt(0, chain.epoch, 15)!), toHex(chain.head(15)));
    t.deepEqual(
      [10, 11, 16].map((n) => ledger.rowOf(0, id, n)?.key),
      [first, second, undefined],
    );
    t.is(ledger.rowOf(0, chain.epoch, 11)?.key, first);
    t.deepEqual(ledger.ownedBy(second!), [{ epoch: ledger.row(second!)!.epoch, from: 11, to: 15 }]);
    t.is(toHex(ledger.row(second!)!.epoch), toHex(id));
    t.deepEqual(
      ledger.sharedOf(0, id).map(({ from, to, source }) => [from, to, toHex(source)]),
      [[1, 10, toHex(chain.epoch)]],
    );
    t.deepEqual(ledger.sharedOf(0, chain.epoch), []);
    t.deepEqual(ledger.detail(0, id, 1, 20).byteless, []);
    t.throws(() => ledger.append([testAnswer(fork, 10, 12, { id })]), { instanceOf: RangeError });
    t.throws(() => ledger.append([testAnswer(fork, 16, 15, { id, shares })]), { instanceOf: RangeError });
    t.is(runs(ledger.holding(0, id)), '1-15');
  });

  test(`${name}: answers of one slot are ordered by LCU, then by ordinal`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(3);
    const keys = ledger.append([
      testAnswer(chain, 1, 1, { lcuNo: 5 }),
      testAnswer(chain, 1, 1, { lcuNo: 3 }),
      testAnswer(chain, 2, 2, { lcuNo: 5 }),
    ]);
    t.deepEqual(
      keys.map((key) => ledgerKeyParts(key)).map(({ lcuNo, ordinal }) => [lcuNo, ordinal]),
      [
        [5, 0],
        [3, 0],
        [5, 1],
      ],
    );
    t.deepEqual(
      [...ledger.rowsFrom(0)].map(({ lcuNo }) => lcuNo),
      [3, 5, 5],
    );
    t.deepEqual(
      [...ledger.rowsFrom(keys[0]! + 1)].map(({ key }) => key),
      [keys[2]],
    );
  });

  test(`${name}: a wall clock that goes back finds the ordinals that are free`, async (t) => {
    const chain = new TestChain().grow(40);
    const ledger = await open(t);
    const slots = [0, 1, 2, 2, 0, 1, 2, 3, 0];
    const keys = slots.map((slot, i) => {
      const receivedAtMs = RECEIVED_AT_MS + slot * SLOT_MS;
      return ledger.append([testAnswer(chain, i + 1, i + 1, { receivedAtMs })])[0] ?? -1;
    });
    const ordinals = keys.map((key) => ledgerKeyParts(key).ordinal);
    t.deepEqual(ordinals, [0, 0, 0, 1, 1, 1, 2, 0, 2]);
  });

  test(`${name}: refuses one answer too many in a slot and takes the next slot's`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(1);
    const empty = testAnswer(chain, 2, 1);
    ledger.append(Array.from({ length: ORDINAL_LIMIT }, () => empty));
    const error = t.throws(() => ledger.append([empty]));
    t.is(codeOf(error), 'ledger-slot-full');
    t.notThrows(() =>
      ledger.append([
        { ...empty, lcuNo: 1 },
        { ...empty, receivedAtMs: RECEIVED_AT_MS + 300_000 },
      ]),
    );
  });

  test(`${name}: reads the rows of one LCU in a span of receipt, both ends included`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(9);
    const at = (n: number): number => RECEIVED_AT_MS + n * 100_000;
    for (let n = 1; n <= 9; n++)
      ledger.append([
        testAnswer(chain, n, n, { receivedAtMs: at(n) }),
        testAnswer(chain, n, n, { lcuNo: 1, receivedAtMs: at(n) }),
      ]);
    t.deepEqual(
      [...ledger.rows(0, at(3), at(6))].map(({ first }) => first),
      [3, 4, 5, 6],
    );
    t.deepEqual(
      [...ledger.rows(0, at(3) + 1, at(6) - 1)].map(({ first }) => first),
      [4, 5],
    );
  });

  test(`${name}: keeps judgements in their order`, async (t) => {
    const ledger = await open(t);
    const chain = new TestChain().grow(2);
    const { poll, answer, entries } = testAnswer(chain, 1, 2);
    const fork = {
      lcuNo: 3,
      judgedAtMs: RECEIVED_AT_MS,
      code: 'chain-fork',
      facts: { from: 1, to: 2, epoch: 'aa' },
      key: null,
    } as const;
    ledger.judge({ ...fork, kept: { poll, answer, entries } });
    ledger.judge({ ...fork, key: 17, kept: null });
    ledger.judge({ ...fork, lcuNo: 4, kept: null });
    const [first, second, ...more] = ledger.judgements(3);
    t.is(toHex(first!.kept!.answer), toHex(answer));
    t.deepEqual(second, { ...fork, key: 17, kept: null });
    t.deepEqual(more, []);
  });
}
