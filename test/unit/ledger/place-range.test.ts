import test from 'ava';
import fc from 'fast-check';
import { chainNext, cutItems, type GapRecord, type OpenEpoch, toHex } from '@farola/shared';
import { BRANCHES_AT_ONCE, branchId, branchIds, branchName } from '@farola/collector/branch-id.js';
import { judgeDelivery, type JudgedDelivery } from '@farola/collector/ledger/judge-delivery.js';
import type { Ledger, LedgerReader } from '@farola/collector/ledger/ledger.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { AuditScene, told } from '../../fakes/audit-scene.js';
import { branchesAt, forks, LAST, LCU_NO, numbers, stretches } from '../../fakes/delivery-model.js';
import { MemoryLedger } from '../../fakes/memory-ledger.js';
import { RECEIVED_AT_MS, testAnswer, testGap } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';
import { runs } from '../shared/runs.js';

/** Hands entries of a chain to judge and ledger; undefined when they are refused. @param unit what its unit showed before */
function deliver(
  ledger: Ledger,
  chain: TestChain,
  [from, to]: readonly [number, number],
  unit?: readonly Uint8Array[],
  gap?: readonly [number, number] | GapRecord,
  month = 0,
  { last } = { last: chain.entries.length },
): JudgedDelivery | undefined {
  const held = {
    holdingOf: (id: Uint8Array) => ledger.holding(LCU_NO, id),
    headAt: (id: Uint8Array, n: number) => ledger.headAt(LCU_NO, id, n),
    detail: (id: Uint8Array, first: number, last: number) => ledger.detail(LCU_NO, id, first, last),
    branchesOf: (epoch: Uint8Array) => ledger.branches(LCU_NO, epoch),
    takesGaps: () => true,
    mayBegin: (epoch: Uint8Array) => ledger.branches(LCU_NO, epoch) < BRANCHES_AT_ONCE,
    unitOf: () => unit && { ids: unit, out: [] },
  };
  const gaps = gap ? [gap.length === 2 ? testGap(chain, ...gap) : gap] : [];
  const openEpochs: OpenEpoch[] = [[chain.epoch, 1, last]];
  const judged = judgeDelivery({ lcuId: 'malaga-0042', range: chain.range(from, to), gaps, openEpochs }, held);
  if (!judged.ok) return undefined;
  const { id, first, adds, shares, told, gaps: fresh } = judged.value;
  const receivedAtMs = RECEIVED_AT_MS + month * 31 * 86_400_000;
  ledger.append([
    testAnswer(chain, from, to, { lcuNo: LCU_NO, receivedAtMs, id, first, adds, shares, told, gaps: fresh, signedGaps: gaps }),
  ]);
  return judged.value;
}

function held(ledger: Ledger, { epoch }: TestChain): string[] {
  return branchIds(epoch, ledger.branches(LCU_NO, epoch)).map((id) =>
    ledger
      .holding(LCU_NO, id)
      .runs.map(({ from, to }) => `${from}-${to}`)
      .join(' '),
  );
}

test('a range that contradicts begins a branch behind what it shares, and what goes on from there goes there', (t) => {
  const ledger = new MemoryLedger();
  const chain = new TestChain().grow(40);
  const fork = chain.forkAt(21);
  deliver(ledger, chain, [1, 30]);
  const begun = deliver(ledger, fork, [16, 25]);
  t.is(begun?.first, 21);
  t.deepEqual(
    begun?.forks.map(({ facts }) => facts['at']),
    [25],
  );
  t.deepEqual(held(ledger, chain), ['1-30', '1-25']);
  t.deepEqual(deliver(ledger, fork, [26, 40])?.forks, [], 'what is known is found once');
  t.deepEqual(deliver(ledger, chain, [31, 35])?.forks, []);
  t.deepEqual(held(ledger, chain), ['1-35', '1-40']);
});

test('a branch that an answer without entries shows is known by the head that it told', (t) => {
  const ledger = new MemoryLedger();
  const chain = new TestChain().grow(40);
  const [fork, other] = [chain.forkAt(21), chain.forkAt(22)];
  deliver(ledger, chain, [1, 40]);
  const begun = deliver(ledger, fork, [26, 25]);
  t.deepEqual([begun?.adds, begun?.told.map(({ n }) => n)], [[], [25]]);
  t.is(toHex(deliver(ledger, other, [26, 25])!.id), toHex(branchId(chain.epoch, 2)), 'another head is another branch');
  deliver(ledger, fork, [1, 25]);
  t.deepEqual(held(ledger, chain), ['1-40', '1-25', '']);
});

test('a gap is held against the head by which a branch is known that has no entries', (t) => {
  const ledger = new MemoryLedger();
  const chain = new TestChain().grow(40);
  const [fork, other] = [chain.forkAt(21), chain.forkAt(22)];
  deliver(ledger, chain, [1, 40]);
  const { id } = deliver(ledger, fork, [26, 25])!;
  const [, from, to, prev, head, reason] = testGap(other, 10, 25);
  const lie: GapRecord = [chain.epoch, from, to, prev, head, reason];
  const told = deliver(ledger, fork, [10, 9], [id], lie);
  t.deepEqual([told?.gaps, told?.forks.map(({ facts }) => facts['at'])], [[], [25]]);
  t.deepEqual(
    deliver(ledger, fork, [10, 9], [id], [10, 25])?.gaps.map(([of, first, last]) => [toHex(of), first, last]),
    [[toHex(id), 10, 25]],
  );
});

test('what contradicts nothing goes to the chain of its unit, else to the one that it meets', (t) => {
  const chain = new TestChain().grow(60);
  const fork = chain.forkAt(11);
  const scene = (): MemoryLedger => {
    const ledger = new MemoryLedger();
    deliver(ledger, chain, [1, 20]);
    deliver(ledger, fork, [1, 30]);
    return ledger;
  };
  const ids = branchIds(chain.epoch, 2);
  t.is(toHex(deliver(scene(), fork, [31, 40])!.id), toHex(ids[1]!), 'it begins where the branch ends');
  t.deepEqual(deliver(scene(), chain, [5, 6])!.units, [{ epoch: chain.epoch, ids, out: [] }], 'both have it');
  t.is(toHex(deliver(scene(), fork, [50, 60], [ids[1]!])!.id), toHex(ids[1]!));
  t.is(toHex(deliver(scene(), fork, [15, 16], [ids[0]!])!.id), toHex(ids[1]!), 'a unit that turns out to be another');
});

test('refuses a branch too many, and one that does not begin as its epoch must', (t) => {
  const ledger = new MemoryLedger();
  const chain = new TestChain().grow(20);
  deliver(ledger, chain, [1, 20]);
  t.is(deliver(ledger, new TestChain('malaga-0043').grow(5), [1, 5]), undefined);
  for (let n = 1; n < BRANCHES_AT_ONCE; n++) t.truthy(deliver(ledger, chain.forkAt(10 + n), [1, 20]));
  t.is(deliver(ledger, chain.forkAt(3), [1, 20]), undefined);
  t.is(ledger.branches(LCU_NO, chain.epoch), BRANCHES_AT_ONCE);
});

test('a gap that contradicts all begins a branch, but not against the range beside it', (t) => {
  const ledger = new MemoryLedger();
  const chain = new TestChain().grow(40);
  const fork = chain.forkAt(11);
  deliver(ledger, chain, [1, 30]);
  t.is(deliver(ledger, fork, [21, 25], undefined, [11, 20])?.forks.length, 1);
  t.deepEqual(held(ledger, chain), ['1-30', '1-25']);
  t.is(ledger.rowOf(LCU_NO, branchId(chain.epoch, 1), 15), undefined);
});

test('a gap that might be of several chains waits while its unit can be asked, and has one of its own when it cannot', (t) => {
  const chain = new TestChain().grow(60);
  const fork = chain.forkAt(11);
  const ledger = new MemoryLedger();
  deliver(ledger, chain, [1, 20]);
  deliver(ledger, fork, [1, 25]);
  const both = deliver(ledger, fork, [5, 6], undefined, [30, 40]);
  t.deepEqual([both?.gaps, both?.forks], [[], []], 'both have 5 and 6');
  t.is(deliver(ledger, fork, [25, 25], undefined, [30, 40])?.gaps.length, 1);
  t.deepEqual(held(ledger, chain), ['1-20', '1-25 30-40']);
  const isListed = { last: 0 };
  deliver(ledger, chain.forkAt(5), [5, 6], undefined, [45, 50], 0, isListed);
  t.deepEqual(held(ledger, chain), ['1-20', '1-25 30-40', '1-6 45-50'], 'the range beside it began a branch');
});

test('a gap with nothing listed beside it, of which no end is known, begins a branch', (t) => {
  const chain = new TestChain().grow(60);
  const [fork, other] = [chain.forkAt(11), chain.forkAt(12)];
  const ledger = new MemoryLedger();
  deliver(ledger, chain, [1, 20]);
  deliver(ledger, fork, [1, 25]);
  const told = deliver(ledger, other, [5, 6], undefined, [30, 40], 0, { last: 0 });
  t.deepEqual(told?.forks, [], 'it contradicts nothing');
  t.deepEqual(held(ledger, chain), ['1-20', '1-25', '30-40']);
});

test('a gap of which one end shows what a branch shares, and the other contradicts that, is not of the branch', (t) => {
  const chain = new TestChain().grow(60);
  const fork = chain.forkAt(11);
  const ledger = new MemoryLedger();
  deliver(ledger, chain, [1, 30]);
  deliver(ledger, fork, [25, 26]);
  const [, branch] = branchIds(chain.epoch, 2);
  const [epoch, from, to, prev, , reason] = testGap(fork, 15, 20);
  const mixed: GapRecord = [epoch, from, to, prev, chain.head(20), reason];
  const judged = deliver(ledger, fork, [26, 26], [branch!], mixed);
  t.like(judged, { told: [], shares: [], gaps: [] });
  t.deepEqual(judged?.forks, [{ epoch, facts: { epoch: toHex(epoch), from: 15, to: 20, at: 14 } }]);
  t.deepEqual(held(ledger, chain), ['1-30', '25-26']);
});

const LEDGERS: Readonly<Record<string, (scene: AuditScene) => Promise<Ledger & LedgerReader>>> = {
  memory: async () => new MemoryLedger(),
  sqlite: ({ folder }) => openSqliteLedger({ folder }),
};

for (const [name, open] of Object.entries(LEDGERS)) {
  test(`${name}: whatever three chains deliver, in any order and month: what is stored follows from itself and is proven`, async (t) => {
    let branches = 0;
    await fc.assert(
      fc.asyncProperty(forks, fc.array(fc.tuple(stretches, fc.option(stretches)), { maxLength: 20 }), async (at, list) => {
        const chains = branchesAt(at);
        const scene = new AuditScene(t);
        const ledger = await open(scene);
        for (const [i, [{ branch, from, to }, gap]] of list.entries()) {
          const month = Math.floor(i / 7);
          const judged = deliver(ledger, chains[branch]!, [from, to], undefined, gap ? [gap.from, gap.to] : undefined, month);
          const isShown = judged?.units.every(({ ids }) => ids.length === 1);
          if (isShown && !ledger.holding(LCU_NO, judged!.id).covers({ from, to })) throw new Error(`${from}..${to} is not held`);
        }
        const { epoch } = chains[0]!;
        const ids = branchIds(epoch, ledger.branches(LCU_NO, epoch));
        for (const id of ids)
          for (const n of numbers(1, LAST)) if (!follows(ledger, id, n)) throw new Error(`${branchName(id)} ${n}`);
        branches += ids.length - 1;
        ledger.close();
        t.deepEqual(
          told(await scene.audit()).filter((line) => !line.startsWith('owed')),
          [],
        );
      }),
      runs(name === 'memory' ? 300 : 40),
    );
    t.true(branches > 0);
  });
}

/** Deliveries of a unit and a thief of its key: a branch, a range, a gap, and the chain that the unit is known to be of. */
type Steps = readonly (readonly [branch: number, range: [number, number], gap?: [number, number] | undefined, shown?: number])[];

const OVER_GAPS: readonly { readonly what: string; readonly at: readonly [number, number]; readonly steps: Steps }[] = [
  {
    what: 'a head behind a gap shares nothing that lies before the gap',
    at: [61, 62],
    steps: [
      [1, [3, 3], [72, 89]],
      [2, [73, 73]],
      [0, [95, 95]],
      [2, [49, 72]],
      [1, [95, 95], [65, 89]],
      [1, [64, 64]],
      [1, [1, 48], undefined, 2],
      [1, [90, 100], undefined, 2],
    ],
  },
  {
    what: 'a gap whose other end is another head than that of what it would share is not of that chain',
    at: [1, 1],
    steps: [
      [1, [1, 1], [39, 49]],
      [1, [27, 41]],
      [0, [3, 3], [49, 50]],
      [0, [1, 1], [41, 48]],
    ],
  },
];

for (const { what, at, steps } of OVER_GAPS)
  for (const [name, open] of Object.entries(LEDGERS)) {
    test(`${name}: ${what}`, async (t) => {
      const chains = branchesAt(at);
      const ledger = await open(new AuditScene(t));
      t.teardown(() => ledger.close());
      const { epoch } = chains[0]!;
      for (const [branch, range, gap, shown] of steps) {
        const ids = shown === undefined ? undefined : [branchIds(epoch, BRANCHES_AT_ONCE)[shown]!];
        deliver(ledger, chains[branch]!, range, ids, gap);
      }
      for (const id of branchIds(epoch, ledger.branches(LCU_NO, epoch))) {
        t.deepEqual(
          numbers(1, LAST).filter((n) => !follows(ledger, id, n)),
          [],
          `${branchName(id)} follows from itself`,
        );
        t.deepEqual(markedOfOne(ledger, id, chains), true, `${branchName(id)} up to its mark is of one unit`);
      }
    });
  }

/** Whether every entry up to the mark of a chain, from 1 on, is that of a unit whose head the mark names: it is acknowledged to it. */
function markedOfOne(ledger: Ledger & LedgerReader, id: Uint8Array, chains: readonly TestChain[]): boolean {
  const { n: mark, head } = ledger.holding(LCU_NO, id).mark;
  if (!head) return true;
  const unit = chains.find((chain) => toHex(chain.head(mark)) === toHex(head));
  return (
    unit !== undefined &&
    numbers(1, mark).every((n) => {
      const row = ledger.rowOf(LCU_NO, id, n);
      return !row || toHex(cutItems(row.entries).items[n - row.first]!) === toHex(unit.entries[n - 1]!);
    })
  );
}

/** Whether entry n, where it is stored, leads from the head before it to its own. */
function follows(ledger: Ledger & LedgerReader, id: Uint8Array, n: number): boolean {
  const row = ledger.rowOf(LCU_NO, id, n);
  const [prev, head] = [ledger.headAt(LCU_NO, id, n - 1), ledger.headAt(LCU_NO, id, n)];
  if (!row || !prev || !head) return row === undefined;
  return toHex(chainNext(prev, cutItems(row.entries).items[n - row.first] as Uint8Array)) === toHex(head);
}
