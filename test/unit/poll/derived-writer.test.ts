import test from 'ava';
import type { DerivedChange } from '@farola/collector/fleet/derived-state.js';
import { ledgerKey } from '@farola/collector/ledger/ledger-key.js';
import { Contacts } from '@farola/collector/poll/contacts.js';
import { DerivedWriter } from '@farola/collector/poll/derived-writer.js';
import type { AnswerToStore } from '@farola/collector/poll/take-answer.js';
import { encodeEntry } from '@farola/shared';

const EPOCH = new Uint8Array(8).fill(7);
const BOOT = new Uint8Array(16).fill(8);
const at = { monoMs: 1000, wallMs: 1000, quality: 'synchronised' as const };
const START = encodeEntry({
  kind: 'start',
  at,
  boot: BOOT,
  previous: null,
  codeHash: null,
  configHash: new Uint8Array(32),
  agentVersion: 'test',
  analysers: [],
});

function committed(lcuNo: number) {
  const parsed = { epoch: EPOCH, boot: BOOT, now: [2000, 2000, 2], openEpochs: [[EPOCH, 1, 1]] };
  const adds = [{ from: 1, to: 1 }];
  const standing = { counts: true, fromEpochAfterMs: null };
  const answer = {
    lcuNo,
    receivedAtMs: 5000,
    epoch: EPOCH,
    parsed,
    first: 1,
    items: [START],
    adds,
    start: { boot: BOOT, atMs: undefined },
    standing,
  };
  return { answer: answer as unknown as AnswerToStore, key: 100 + lcuNo };
}

function setUp(atATime?: number) {
  const applied: DerivedChange[] = [];
  const state = {
    apply(change: DerivedChange) {
      applied.push(change);
      return [];
    },
    appliedKey: () => 42,
    contact: () => undefined,
    start: () => undefined,
    successors: () => [],
  };
  const contacts = new Contacts(state);
  return { applied, contacts, writer: new DerivedWriter(state, contacts, atATime) };
}

test('writes each commit at once unless told to gather', (t) => {
  const { applied, writer } = setUp();
  writer.committed([committed(1)]);
  t.deepEqual(
    applied.map(({ upToKey, tables }) => [upToKey, tables.length]),
    [[101, 1]],
  );
});

test('gathers commits and writes them together, up to the highest key', (t) => {
  const { applied, writer } = setUp(3);
  writer.committed([committed(2)]);
  writer.committed([committed(1)]);
  t.is(applied.length, 0);
  writer.committed([committed(3)]);
  t.deepEqual(
    applied.map(({ upToKey, tables }) => [upToKey, tables.length]),
    [[103, 3]],
  );
});

test('a flush writes what waits, and nothing twice', (t) => {
  const { applied, writer } = setUp(3);
  writer.committed([committed(1)]);
  writer.flush();
  writer.flush();
  t.deepEqual(
    applied.map(({ upToKey, tables }) => [upToKey, tables.length]),
    [[101, 1]],
  );
});

test('an answer of a slot that a start would not take in again is noted before it is stored', (t) => {
  const { applied, writer } = setUp(3);
  const slotMs = 300_000;
  const key = (slot: number): number => ledgerKey({ slot, lcuNo: 0, ordinal: 0 });
  writer.committed([{ ...committed(1), key: key(100) + 7 }]);
  writer.flush();
  const storing = (...slots: number[]): void => writer.storing(slots.map((slot) => ({ receivedAtMs: slot * slotMs })));
  storing(101);
  storing(100);
  storing(99);
  t.is(applied.length, 1, 'those are taken in again');
  storing(99, 88);
  storing(88);
  t.deepEqual(
    applied.map(({ upToKey, tables }) => [upToKey, tables.length]),
    [
      [key(100) + 7, 1],
      [key(88), 0],
    ],
  );
});

test('contacts alone leave the applied key where it is', (t) => {
  const { applied, contacts, writer } = setUp(3);
  contacts.record(1, { verdict: 'ok', atMs: 1, entriesStored: 0, backlog: 0, codeHash: null });
  writer.flush();
  t.deepEqual(
    applied.map(({ upToKey, contacts: { length } }) => [upToKey, length]),
    [[null, 1]],
  );
});

test('a start entry is read after every answer that was committed', (t) => {
  const { applied, writer } = setUp(3);
  writer.committed([committed(1)]);
  writer.start(1, EPOCH);
  t.is(applied.length, 1);
});

test('keeps what could not be written, in order, and writes all of it when the disk is back', (t) => {
  const applied: DerivedChange[] = [];
  let full = true;
  const state = {
    apply(change: DerivedChange) {
      if (full) throw new Error('full');
      applied.push(change);
      return [];
    },
    appliedKey: () => 42,
    contact: () => undefined,
    start: () => undefined,
    successors: () => [],
  };
  const contacts = new Contacts(state);
  const writer = new DerivedWriter(state, contacts);
  contacts.record(1, { verdict: 'ok', atMs: 5, entriesStored: 1, backlog: 0, codeHash: null });
  t.throws(() => writer.committed([committed(1)]));
  t.throws(() => writer.committed([committed(2)]));
  t.throws(() => writer.flush());
  full = false;
  writer.flush();
  t.deepEqual(
    applied.map(({ upToKey, tables, contacts: written }) => [upToKey, tables.length, written.length]),
    [[102, 2, 1]],
  );
  writer.flush();
  t.is(applied.length, 1);
});

test('a state that cannot be written is tried each so many answers, and beyond a bound nothing more is stored until it can', (t) => {
  const failure = new Error('damaged');
  let [isDamaged, tries] = [true, 0];
  const state = {
    apply() {
      tries++;
      if (isDamaged) throw failure;
      return [];
    },
    appliedKey: () => 0,
    contact: () => undefined,
    start: () => undefined,
    successors: () => [],
  };
  const writer = new DerivedWriter(state, new Contacts(state), 10);
  let stored = 0;
  const store = (): void => {
    writer.storing([{ receivedAtMs: Date.UTC(2026, 10, 23) }]);
    stored++;
    try {
      writer.committed([committed(1)]);
    } catch (error) {
      t.is(error, failure);
    }
  };
  for (let i = 0; i < 160; i++) store();
  t.deepEqual([stored, tries], [160, 16]);
  for (let i = 0; i < 10; i++) {
    t.is(
      t.throws(() => writer.start(1, EPOCH)),
      failure,
    );
    t.is(
      t.throws(() => writer.successors(1, EPOCH, {} as never)),
      failure,
    );
  }
  t.is(tries, 16, 'a question tries nothing by itself');
  t.is(t.throws(store), failure);
  t.throws(() => writer.flush());
  t.throws(store);
  t.is(stored, 160);
  isDamaged = false;
  writer.flush();
  store();
  t.is(stored, 161);
});
