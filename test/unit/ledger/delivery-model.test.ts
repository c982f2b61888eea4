import test from 'ava';
import fc from 'fast-check';
import { cutItems, toHex } from '@farola/shared';
import { branchesAt, deliver, deliveries, forks, LCU_NO, Model, numbers } from '../../fakes/delivery-model.js';
import { MemoryLedger } from '../../fakes/memory-ledger.js';
import { runs } from '../shared/runs.js';

test('whatever ranges and gaps of three branches come: taken exactly when nothing known differs, and no n is owned twice', (t) => {
  fc.assert(
    fc.property(forks, deliveries, (at, list) => {
      const model = new Model(branchesAt(at));
      const ledger = new MemoryLedger();
      for (const delivered of list) deliver(delivered, model, ledger);
      const holding = ledger.holding(LCU_NO, model.chainOf(0).epoch);
      const held = new Set(holding.runs.flatMap(({ from, to }) => numbers(from, to)));
      return held.size === model.owned.size && [...model.owned.keys()].every((n) => held.has(n));
    }),
    runs(300),
  );
  t.pass();
});

test('what is owned stays as it was first delivered, whatever comes after; only a gap gives way, to bytes', (t) => {
  fc.assert(
    fc.property(forks, deliveries, (at, list) => {
      const model = new Model(branchesAt(at));
      const ledger = new MemoryLedger();
      for (const delivered of list) {
        const before = new Map(model.owned);
        deliver(delivered, model, ledger);
        for (const [n, bytes] of before) if (bytes !== 'gap' && model.owned.get(n) !== bytes) return false;
      }
      return [...model.owned].every(([n, bytes]) => {
        const row = ledger.rowOf(LCU_NO, model.chainOf(0).epoch, n);
        return bytes === 'gap' ? row === undefined : row !== undefined && toHex(entryOf(row, n)) === bytes;
      });
    }),
    runs(100),
  );
  t.pass();
});

function entryOf({ entries, first }: { entries: Uint8Array; first: number }, n: number): Uint8Array {
  return cutItems(entries).items[n - first] as Uint8Array;
}
