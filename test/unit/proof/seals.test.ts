import { copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { auditSeals } from '@farola/collector/proof/audit-seals.js';
import { copySqlite } from '@farola/collector/backup/sqlite-copy.js';
import { NightlyProof } from '@farola/collector/proof/nightly-proof.js';
import { openSqliteProofBook } from '@farola/collector/proof/sqlite-proof-book.js';
import { writeFileSync } from 'node:fs';
import { AuditScene, told } from '../../fakes/audit-scene.js';
import { directProver } from '../../fakes/direct-prover.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testAnswer } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';

const DAY_MS = 86_400_000;

/** A ledger of twenty rows in each of three months, and its nightly proof. @param sliceRows rows of a slice */
async function scene(t: ExecutionContext, sliceRows?: number) {
  const audit = new AuditScene(t);
  const chain = new TestChain().grow(120);
  const days = [8, 9, 10].map((month) => Date.UTC(2026, month, 10));
  const answers = days.flatMap((day, m) =>
    Array.from({ length: 20 }, (_, i) => {
      const from = 40 * m + 2 * i + 1;
      return testAnswer(chain, from, from + 1, { receivedAtMs: day + i * 300_000 });
    }),
  );
  await audit.append(...answers);
  const time = new FakeTime(Date.UTC(2026, 10, 11));
  const aside = temporaryFolder(t);
  const book = await openSqliteProofBook(join(aside, 'proof.db'));
  t.teardown(() => book.close());
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const prover = directProver(audit.folder, () => undefined, sliceRows);
  const proof = new NightlyProof({ book, prover, clock: time, log, at: '01:30', awayBefore: undefined });
  await proof.step();
  const night = async (): Promise<void> => {
    await time.advance(DAY_MS);
    while (await proof.step());
  };
  const known = () => ({ seals: book.seals(), awayBefore: undefined, provenUpTo: book.progress().provenUpTo });
  return { audit, book, night, aside, known };
}

test('a month that was not there when a later one was sealed is sealed behind it, and the chain holds', async (t) => {
  const { audit, book, night, aside } = await scene(t);
  renameSync(audit.path('2026-09'), join(aside, 'away.db'));
  await night();
  renameSync(join(aside, 'away.db'), audit.path('2026-09'));
  await night();
  await night();
  const seals = book.seals();
  t.deepEqual(
    seals.map(({ month }) => month),
    ['2026-10', '2026-09'],
  );
  t.deepEqual(auditSeals(['2026-09', '2026-10', '2026-11'], { seals, awayBefore: undefined }).findings, []);
  t.like(book.progress().last, { counts: { damaged: 0, gone: 0 } });
});

test('a copy of the book keeps the seals in the order in which they were made', async (t) => {
  const { audit, book, night, aside } = await scene(t);
  renameSync(audit.path('2026-09'), join(aside, 'away.db'));
  await night();
  renameSync(join(aside, 'away.db'), audit.path('2026-09'));
  await night();
  writeFileSync(join(aside, 'copy.db'), await copySqlite(join(aside, 'proof.db'), join(aside, 'copy.new')));
  const copy = await openSqliteProofBook(join(aside, 'copy.db'));
  t.teardown(() => copy.close());
  t.deepEqual(copy.seals(), book.seals());
  t.is(copy.seals()[1]?.month, '2026-09');
});

test('a month is not sealed while a row of it is damaged: that is told each night, and it is sealed when it is mended', async (t) => {
  const { audit, book, night, aside, known } = await scene(t);
  copyFileSync(audit.path('2026-09'), join(aside, 'good.db'));
  audit.harm('2026-09', 'UPDATE answers SET base = zeroblob(32) WHERE key = ?', audit.keys[12]);
  for (let nights = 0; nights < 2; nights++) {
    await night();
    t.deepEqual(
      book.seals().map(({ month }) => month),
      ['2026-10'],
    );
    t.true((book.progress().last?.counts.damaged ?? 0) > 0, `night ${nights}`);
  }
  copyFileSync(join(aside, 'good.db'), audit.path('2026-09'));
  await night();
  t.deepEqual(
    book.seals().map(({ month, rows }) => [month, rows]),
    [
      ['2026-10', 20],
      ['2026-09', 20],
    ],
  );
  t.like(book.progress().last, { counts: { damaged: 0, gone: 0 } });
  t.deepEqual(told(await audit.audit({}, known())), []);
});

test('a seal that takes several slices is that of the whole month', async (t) => {
  const { audit, night, known } = await scene(t, 1);
  await night();
  t.deepEqual(
    known().seals.map(({ month, rows }) => [month, rows]),
    [
      ['2026-09', 20],
      ['2026-10', 20],
    ],
  );
  t.deepEqual(told(await audit.audit({}, known())), []);
});
