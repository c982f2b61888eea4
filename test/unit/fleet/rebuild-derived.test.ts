import test from 'ava';
import { encodeEntry, type KnownEntry } from '@farola/shared';
import { deriveFromAnswer } from '@farola/collector/fleet/derive-change.js';
import type { DerivedState } from '@farola/collector/fleet/derived-state.js';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import { MemoryDerived, MemoryFleet } from '../../fakes/memory-fleet.js';
import { MemoryLedger } from '../../fakes/memory-ledger.js';
import { RECEIVED_AT_MS, testAnswer, testGap } from '../../fakes/test-answer.js';
import { analyser, sample, start, TestChain } from '../../fakes/test-chain.js';

function platformMeasured(byte: number): KnownEntry {
  const at = { monoMs: 2000, wallMs: 0, quality: 'none' } as const;
  return { kind: 'event', at, code: 'platform-measured', facts: [new Uint8Array(32).fill(byte), 22] };
}

/** Two LCUs with two analysers; the second backfills the beginning after its newest entries. */
function filledLedger(): { ledger: MemoryLedger; chains: readonly TestChain[] } {
  const chains = [1, 2].map((byte) => {
    const chain = new TestChain('malaga-0042', byte).add(
      start(new Uint8Array(16).fill(byte), [analyser(0, 'a'), analyser(1, 'b')]),
    );
    chain.add(platformMeasured(byte));
    for (let n = 3; n <= 30; n++) chain.add(sample(n % 2, n * 1000));
    return chain;
  });
  const ledger = new MemoryLedger();
  const at = (n: number): number => RECEIVED_AT_MS + n * 100_000;
  ledger.append([testAnswer(chains[0]!, 1, 10, { receivedAtMs: at(0), nowMonoMs: 10_500 })]);
  ledger.append([testAnswer(chains[1]!, 21, 30, { lcuNo: 1, receivedAtMs: at(1), gaps: [testGap(chains[1]!, 11, 20)] })]);
  ledger.append([testAnswer(chains[0]!, 11, 30, { receivedAtMs: at(4), nowMonoMs: 31_000 })]);
  ledger.append([testAnswer(chains[1]!, 1, 10, { lcuNo: 1, receivedAtMs: at(4) })]);
  return { ledger, chains };
}

function snapshot(derived: DerivedState, chains: readonly TestChain[]): object {
  return chains.map((chain, lcuNo) => ({
    contact: derived.contact(lcuNo),
    latest: derived.latest(lcuNo).map(({ analyser, n, ageMs, receivedAtMs }) => ({ analyser, n, ageMs, receivedAtMs })),
    table: derived.table(lcuNo, chain.epoch)?.analysers.map(({ id }) => id),
    platform: derived.platform(lcuNo)?.hash?.[0],
    applied: derived.appliedKey(),
  }));
}

test('an empty state is made anew from the ledger alone', (t) => {
  const { ledger, chains } = filledLedger();
  const derived = new MemoryDerived();
  t.is(rebuildDerived({ ledger, derived }), 4);
  const at = (n: number): number => RECEIVED_AT_MS + n * 100_000;
  const applied = Math.max(...ledger.rowsFrom(0).map(({ key }) => key));
  const contact = {
    verdict: 'ok',
    lastAtMs: at(4),
    lastGoodAtMs: at(4),
    answersOk: 2,
    answersRefused: 0,
    backlog: 0,
    codeHash: null,
  };
  t.deepEqual(snapshot(derived, chains), [
    {
      contact: { ...contact, lcuNo: 0, entriesStored: 30 },
      latest: [
        { analyser: 0, n: 30, ageMs: 1000, receivedAtMs: at(4) },
        { analyser: 1, n: 29, ageMs: 2000, receivedAtMs: at(4) },
      ],
      table: ['a', 'b'],
      platform: 1,
      applied,
    },
    {
      contact: { ...contact, lcuNo: 1, entriesStored: 20 },
      latest: [
        { analyser: 0, n: 30, ageMs: 0, receivedAtMs: at(1) },
        { analyser: 1, n: 29, ageMs: 1000, receivedAtMs: at(1) },
      ],
      table: ['a', 'b'],
      platform: 2,
      applied,
    },
  ]);
});

test('rebuilding again changes nothing', (t) => {
  const { ledger, chains } = filledLedger();
  const derived = new MemoryDerived();
  rebuildDerived({ ledger, derived });
  const before = snapshot(derived, chains);
  rebuildDerived({ ledger, derived });
  t.deepEqual(snapshot(derived, chains), before);
});

for (const applied of [0, 1, 2, 3, 4]) {
  test(`a state that missed the changes after row ${applied} is repaired`, (t) => {
    const { ledger, chains } = filledLedger();
    const whole = new MemoryDerived();
    rebuildDerived({ ledger, derived: whole });
    const known = ledger
      .rowsFrom(0)
      .sort((a, b) => a.receivedAtMs - b.receivedAtMs || a.lcuNo - b.lcuNo)
      .slice(0, applied);
    const part = new MemoryLedger();
    const derived = new MemoryDerived();
    part.rowsFrom = (key) => known.filter((row) => row.key >= key);
    part.ownedBy = (key) => ledger.ownedBy(key);
    part.rowOf = (...of) => ledger.rowOf(...of);
    rebuildDerived({ ledger: part, derived });
    rebuildDerived({ ledger, derived });
    t.deepEqual(snapshot(derived, chains), snapshot(whole, chains));
  });
}

test('only the last two slots are looked at', (t) => {
  const { ledger } = filledLedger();
  const derived = new MemoryDerived(new MemoryFleet());
  rebuildDerived({ ledger, derived });
  const chain = new TestChain().grow(3);
  ledger.append([testAnswer(chain, 4, 3, { receivedAtMs: RECEIVED_AT_MS + 900_000 })]);
  t.is(rebuildDerived({ ledger, derived }), 5);
  t.is(rebuildDerived({ ledger, derived }), 1);
});

test('what the poll path applied and what a rebuild applies are the same', (t) => {
  const { ledger } = filledLedger();
  const chain = new TestChain().add(start(new Uint8Array(16).fill(1), [analyser(0, 'a')]), sample(0, 5000));
  const entries = chain.entries;
  const change = deriveFromAnswer({
    lcuNo: 0,
    receivedAtMs: 7,
    first: 1,
    entries,
    adds: [{ from: 1, to: 2 }],
    start: undefined,
    standing: { counts: true, fromEpochAfterMs: null },
    epoch: chain.epoch,
    answer: { boot: chain.boot, now: [6000, 0, 2], openEpochs: [[chain.epoch, 1, 2]] },
  });
  const one = new MemoryLedger();
  one.append([testAnswer(chain, 1, 2, { receivedAtMs: 7, nowMonoMs: 6000 })]);
  const derived = new MemoryDerived();
  rebuildDerived({ ledger: one, derived });
  t.deepEqual(
    derived.latest(0).map((of) => ({ ...of, epoch: [...of.epoch], entry: [...of.entry] })),
    change.latest.map((of) => ({ ...of, ageLost: false, epoch: [...of.epoch], entry: [...encodeEntry(sample(0, 5000))] })),
  );
  t.is(ledger.rowsFrom(0).length, 4);
});
