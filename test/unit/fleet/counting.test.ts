import test from 'ava';
import fc from 'fast-check';
import { positionOf, standingAt } from '@farola/collector/fleet/counting.js';
import { decideStanding, decisionsOf, noteDecisionAgain } from '@farola/collector/fleet/decide.js';
import type { Decision, Lcu } from '@farola/collector/fleet/fleet.js';
import { heldText, isHeld } from '@farola/collector/fleet/held-rows.js';
import { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import { ledgerKey, slotOf } from '@farola/collector/ledger/ledger-key.js';
import type { Judgement, LedgerRow } from '@farola/collector/ledger/ledger.js';
import { runs } from '../shared/runs.js';

const MINUTE_MS = 60_000;
const T0 = Date.UTC(2026, 10, 22, 18);
const LCU = { lcuNo: 3, lcuId: 'malaga-0042' } as Lcu;

/** The ledger of one LCU by what orders its rows: keys as they are given out, and judgements. */
class KeyedLedger {
  readonly stored: LedgerRow[] = [];
  readonly judged: Judgement[] = [];

  store(receivedAtMs: number): LedgerRow {
    const slot = slotOf(receivedAtMs);
    const ordinal = this.stored.filter((row) => slotOf(row.receivedAtMs) === slot).length;
    const row = { key: ledgerKey({ slot, lcuNo: LCU.lcuNo, ordinal }), receivedAtMs } as LedgerRow;
    this.stored.push(row);
    return row;
  }

  judge(judgement: Judgement): void {
    this.judged.push(JSON.parse(JSON.stringify(judgement)) as Judgement);
  }

  judgements(): readonly Judgement[] {
    return this.judged;
  }

  epochsOf(): readonly Uint8Array[] {
    return [];
  }

  holding(): EpochHolding {
    return EpochHolding.EMPTY;
  }

  rows(_: number, fromMs: number, toMs: number): LedgerRow[] {
    return this.stored.filter(({ receivedAtMs }) => receivedAtMs >= fromMs && receivedAtMs <= toMs);
  }
}

const DO = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('row' as const), afterMs: fc.integer({ min: 1, max: 7 * MINUTE_MS }) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('decide' as const), afterMs: fc.integer({ min: 1, max: MINUTE_MS }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('step' as const),
      afterMs: fc.integer({ min: -40 * MINUTE_MS, max: 40 * MINUTE_MS }),
    }),
  },
);

test('6.4: whatever the clock does, each row stands by the decisions that were taken before it was stored', (t) => {
  fc.assert(
    fc.property(fc.array(DO, { maxLength: 40 }), (steps) => {
      const ledger = new KeyedLedger();
      const decided: Decision[] = [];
      const truth: { row: LedgerRow; last: Decision | undefined }[] = [];
      let sinceMs = 0;
      let atMs = T0;
      const fleet = {
        find: () => ({ ...LCU, state: decided.at(-1) === 'quarantined' ? 'quarantined' : 'active' }) as Lcu,
        decide: () => LCU,
      };
      for (const { what, afterMs } of steps) {
        atMs += afterMs;
        if (what === 'decide') {
          const decision = decided.at(-1) === 'quarantined' ? 'released' : 'quarantined';
          decideStanding({ ledger, fleet }, LCU.lcuId, { decision, atMs, reason: 'x', by: 'ana' });
          decided.push(decision);
          sinceMs = atMs;
        }
        if (what === 'row') {
          if (sinceMs > atMs) noteDecisionAgain(ledger, LCU.lcuNo, atMs);
          truth.push({ row: ledger.store(atMs), last: decided.at(-1) });
        }
      }
      const decisions = decisionsOf(ledger, LCU.lcuNo);
      for (const { row, last } of truth) {
        t.is(decisions[positionOf(decisions, row)]?.decision, last);
        t.is(standingAt(decisions, row, () => undefined).counts, last !== 'quarantined');
      }
    }),
    runs(500),
  );
});

test('rows that were stored are told from those that come to the same slots later', (t) => {
  const keyOf = (slot: number, ordinal: number): number => ledgerKey({ slot, lcuNo: 7, ordinal });
  const text = heldText([keyOf(101, 0), keyOf(100, 0), keyOf(102, 1), keyOf(102, 0), keyOf(105, 0)]);
  t.is(text, '100-101:1,102-102:2,105-105:1');
  for (const [slot, ordinal, held] of [
    [99, 0, false],
    [100, 0, true],
    [101, 0, true],
    [101, 1, false],
    [102, 1, true],
    [102, 2, false],
    [103, 0, false],
    [105, 0, true],
  ] as const) {
    t.is(isHeld(text, keyOf(slot, ordinal)), held, `${slot} ${ordinal}`);
  }
  t.false(isHeld(heldText([]), keyOf(0, 0)));
});

test('a row that was stored in the very millisecond of a decision, before it, stands by the decision before', (t) => {
  const ledger = new KeyedLedger();
  const row = ledger.store(T0);
  const fleet = { find: () => ({ ...LCU, state: 'active' }) as Lcu, decide: () => LCU };
  decideStanding({ ledger, fleet }, LCU.lcuId, { decision: 'quarantined', atMs: T0, reason: 'x', by: 'ana' });
  const decisions = decisionsOf(ledger, LCU.lcuNo);
  t.is(positionOf(decisions, row), -1);
  t.is(positionOf(decisions, ledger.store(T0)), 0);
});
