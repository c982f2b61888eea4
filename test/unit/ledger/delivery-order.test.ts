import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { toHex } from '@farola/shared';
import type { Ledger, LedgerReader } from '@farola/collector/ledger/ledger.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import {
  branchesAt,
  deliver,
  type Delivered,
  forks,
  LAST,
  LCU_NO,
  Model,
  NOTHING,
  numbers,
  type Stretch,
  stretches,
  toldByGap,
  toldByRange,
} from '../../fakes/delivery-model.js';
import { MemoryLedger } from '../../fakes/memory-ledger.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { runs } from '../shared/runs.js';

/** Something that an LCU signs: entries with their bytes, or that they are gone. */
interface Statement extends Stretch {
  readonly isGap: boolean;
}

const statements = fc.array(
  fc.tuple(stretches, fc.boolean()).map(([stretch, isGap]): Statement => ({ ...stretch, isGap })),
  { minLength: 2, maxLength: 14 },
);

function answerWith({ isGap, ...stretch }: Statement, month: number): Delivered {
  return { range: isGap ? NOTHING : stretch, gaps: isGap ? [stretch] : [], month };
}

/** Whether two of them tell different heads of one entry. */
function contradict(list: readonly Statement[], model: Model): boolean {
  const heads = new Map<number, string>();
  return list.some((one) =>
    (one.isGap ? toldByGap(one) : toldByRange(one)).some((n) => {
      const head = toHex(model.chainOf(one.branch).head(n));
      const before = heads.get(n) ?? head;
      heads.set(n, head);
      return before !== head;
    }),
  );
}

/** What is held of each entry: `bytes`, `gap` or nothing. */
function held(ledger: Ledger & LedgerReader, epoch: Uint8Array): string {
  const { runs: held } = ledger.holding(LCU_NO, epoch);
  return numbers(1, LAST)
    .map((n) => (held.some(({ from, to }) => from <= n && n <= to) ? (ledger.rowOf(LCU_NO, epoch, n) ? 'b' : 'g') : '.'))
    .join('');
}

const LEDGERS: Readonly<Record<string, (t: ExecutionContext) => Promise<Ledger & LedgerReader>>> = {
  memory: async () => new MemoryLedger(),
  sqlite: (t) => openSqliteLedger({ folder: temporaryFolder(t) }),
};

for (const [name, open] of Object.entries(LEDGERS)) {
  test(`${name}: in whatever order ranges and gaps come, what contradicts is found, and the rest is held alike`, async (t) => {
    const outcomes = { found: 0, good: 0 };
    await fc.assert(
      fc.asyncProperty(forks, statements, fc.nat(), fc.boolean(), async (at, list, seed, oneMonth) => {
        const shuffled = [...list].sort((a, b) => rank(a, seed) - rank(b, seed));
        const branches = branchesAt(at);
        const { epoch } = branches[0]!;
        const expected = contradict(list, new Model(branches));
        const states: string[] = [];
        for (const order of [list, list.toReversed(), shuffled]) {
          const ledger = await open(t);
          const model = new Model(branches);
          const found = order.map((one, i) => deliver(answerWith(one, oneMonth ? 0 : Math.floor(i / 4)), model, ledger));
          t.is(found.includes(true), expected);
          states.push(held(ledger, epoch));
          ledger.close();
        }
        if (!expected) t.is(new Set(states).size, 1, states.join('\n'));
        outcomes[expected ? 'found' : 'good']++;
      }),
      runs(name === 'memory' ? 300 : 30),
    );
    t.true(outcomes.found > 0 && outcomes.good > 0, JSON.stringify(outcomes));
  });
}

/** An order that has nothing to do with what is ordered. */
function rank({ from, to, branch, isGap }: Statement, seed: number): number {
  return Math.sin(seed + from * 7 + to * 31 + branch * 101 + Number(isGap) * 17);
}
