import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { auditSeals } from '@farola/collector/proof/audit-seals.js';
import { NO_SEAL } from '@farola/collector/proof/month-seal.js';
import { NightlyProof } from '@farola/collector/proof/nightly-proof.js';
import { nodeLedgerProver } from '@farola/collector/proof/node-ledger-prover.js';
import { lastDue, planNight } from '@farola/collector/proof/plan-night.js';
import type { ProofTask } from '@farola/collector/proof/proof-book.js';
import { proofStatus } from '@farola/collector/proof/proof-status.js';
import { openSqliteProofBook } from '@farola/collector/proof/sqlite-proof-book.js';
import { AuditScene, told } from '../../fakes/audit-scene.js';
import { directProver } from '../../fakes/direct-prover.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testAnswer } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';
import { testSigner } from '../../fakes/test-signer.js';

const DAY_MS = 86_400_000;
const BEGIN = Date.UTC(2026, 10, 25, 12);

/** A ledger of eight days in two months, and its nightly proof at 01:30. */
async function scene(t: ExecutionContext, wallMs = BEGIN + 8 * DAY_MS) {
  const audit = new AuditScene(t);
  const chain = new TestChain().grow(192);
  await audit.append(
    ...Array.from({ length: 96 }, (_, i) => testAnswer(chain, 2 * i + 1, 2 * i + 2, { receivedAtMs: BEGIN + (i * DAY_MS) / 12 })),
  );
  const time = new FakeTime(wallMs);
  const path = join(temporaryFolder(t), 'proof.db');
  const tasks: ProofTask[] = [];
  const lines: { code?: unknown; message: string }[] = [];
  const log = (fields: object, message: string): void => void lines.push({ ...fields, message });
  const prover = directProver(audit.folder, (task) => tasks.push(task));
  const open = async (awayBefore?: string) => {
    const book = await openSqliteProofBook(path);
    t.teardown(() => book.close());
    return {
      book,
      proof: new NightlyProof({ book, prover, clock: time, log: { info: log, warn: log, error: log }, at: '01:30', awayBefore }),
    };
  };
  return { audit, chain, time, tasks, lines, open, path };
}

async function night(proof: NightlyProof): Promise<void> {
  while (await proof.step());
}

test('the first night proves everything that is settled, and seals the month that is closed', async (t) => {
  const { open, time, audit, tasks } = await scene(t);
  const { book, proof } = await open();
  t.false(await proof.step(), 'not before its time');
  await time.advance(DAY_MS);
  await night(proof);
  const { provenUpTo, last, night: under } = book.progress();
  t.is(provenUpTo, audit.keys.at(-1) ?? 0);
  t.is(under, null);
  t.like(last, { rows: 96, counts: { damaged: 0, gone: 0, owed: 0 } });
  t.deepEqual(
    book.seals().map(({ month, rows }) => [month, rows]),
    [['2026-11', 66]],
  );
  t.deepEqual([...new Set(tasks.map((task) => task.do))].sort(), ['new', 'seal', 'tables']);
  t.false(await proof.step(), 'not twice in a night');
  t.like(proofStatus(book), { provenUpToMs: Date.UTC(2026, 11, 3, 10), running: null });
});

test('in thirty nights each row and each epoch is proven again', async (t) => {
  const { open, time, audit, tasks } = await scene(t);
  const { proof } = await open();
  await proof.step();
  for (let i = 0; i < 31; i++) {
    await time.advance(DAY_MS);
    await night(proof);
  }
  const rest = tasks.flatMap((task) => (task.do === 'rest' ? [task] : []));
  const times = audit.keys.map((key) => rest.filter(({ after, upTo }) => after < key && key <= upTo).length);
  t.true(
    times.every((count) => count === 1 || count === 2),
    String(times),
  );
  const parts = tasks.flatMap((task) => (task.do === 'tables' && task.month === '2026-12' ? [task.part] : []));
  t.is(new Set(parts).size, 30);
});

test('damage that comes later is found within thirty nights, logged with its code, and kept', async (t) => {
  const { open, time, audit, lines } = await scene(t);
  const { book, proof } = await open();
  await proof.step();
  await time.advance(DAY_MS);
  await night(proof);
  audit.harm('2026-11', 'UPDATE answers SET received_at_ms = received_at_ms + 300000 WHERE key = ?', audit.keys[40]);
  for (let i = 0; i < 30; i++) {
    await time.advance(DAY_MS);
    await night(proof);
  }
  const found = book.findings(0);
  t.deepEqual(
    found.map(({ key, what }) => [key, what]),
    [[audit.keys[40], 'the key is not of the time of receipt']],
  );
  t.is(lines.filter(({ code }) => code === 'ledger-damaged').length, 2);
});

test('a night that is cut off after any slice goes on there, and does nothing twice', async (t) => {
  const { open, time, tasks } = await scene(t);
  const first = await open();
  await first.proof.step();
  await time.advance(DAY_MS);
  for (let more = true; more;) {
    const { proof } = await open();
    more = await proof.step();
  }
  t.is(tasks.length, new Set(tasks.map((task) => JSON.stringify(task))).size);
  t.like(first.book.progress(), { night: null, last: { rows: 96 } });
});

test('a time of night that was missed is made up for at the next start', async (t) => {
  const { open, time } = await scene(t);
  const { proof, book } = await open();
  await proof.step();
  await time.advance(3 * DAY_MS);
  await night((await open()).proof);
  t.like(book.progress().last, { rows: 96 });
});

for (const [name, harm] of [
  ['a file that was closed', { rm: '2026-11' }],
  ['the newest file', { rm: '2026-12' }],
  ['the newest rows', { rows: 70 }],
] as const) {
  test(`${name} that goes is told the next night`, async (t) => {
    const { open, time, audit } = await scene(t);
    const { proof, book } = await open();
    await proof.step();
    await time.advance(DAY_MS);
    await night(proof);
    if ('rm' in harm) for (const suffix of ['', '-wal', '-shm']) rmSync(audit.path(harm.rm) + suffix, { force: true });
    else {
      audit.harm('2026-12', 'DELETE FROM ranges WHERE key >= ?', audit.keys[harm.rows]);
      audit.harm('2026-12', 'DELETE FROM answers WHERE key >= ?', audit.keys[harm.rows]);
    }
    await time.advance(DAY_MS);
    await night(proof);
    t.true((book.progress().last?.counts.gone ?? 0) > 0);
    t.is(book.findings(0)[0]?.kind, 'gone');
  });
}

test('a closed month may be moved away when the configuration says so, and is proven when it is back', async (t) => {
  const { open, time, audit } = await scene(t);
  const first = await open();
  await first.proof.step();
  await time.advance(DAY_MS);
  await night(first.proof);
  const known = { seals: first.book.seals(), awayBefore: undefined, provenUpTo: first.book.progress().provenUpTo };
  t.deepEqual(told(await audit.audit({}, known)), []);
  audit.harm('2026-11', 'DELETE FROM ranges WHERE key = ?', audit.keys[0]);
  audit.harm('2026-11', 'DELETE FROM answers WHERE key = ?', audit.keys[0]);
  t.true(told(await audit.audit({}, known)).includes('gone 2026-11 1 of the 66 rows with which it was closed'));
  rmSync(audit.path('2026-11'));
  t.true(told(await audit.audit({}, known)).includes('gone 2026-11 the whole file: it was closed with 66 rows'));
  const away = await audit.audit({}, { ...known, awayBefore: '2026-12' });
  t.deepEqual(away.away, ['2026-11']);
});

test('seals are a chain: one that was changed shows', async (t) => {
  const { open, time, audit } = await scene(t);
  const { proof, book } = await open();
  await proof.step();
  await time.advance(DAY_MS);
  await night(proof);
  const [seal] = book.seals();
  const changed = { ...seal!, previous: new Uint8Array(32).fill(1) };
  const report = await audit.audit({}, { seals: [changed], awayBefore: undefined, provenUpTo: 0 });
  t.true(told(report).includes('damaged 2026-11 its seal does not follow the one before it'));
});

test('the proving thread does the same slices, takes new keys in, and ends when it is closed', async (t) => {
  const { audit } = await scene(t);
  let version = 1;
  let lcus = [{ lcuNo: 0, lcuId: 'malaga-0042', publicKeys: [testSigner(2).publicKey] }];
  const prover = nodeLedgerProver({
    folder: audit.folder,
    pollKeys: [testSigner(100).publicKey],
    fleetVersion: () => version,
    lcus: () => lcus,
  });
  t.teardown(() => prover.close());
  const spans = await prover.spans();
  t.deepEqual(
    spans.map(({ month }) => month),
    ['2026-11', '2026-12'],
  );
  const task: ProofTask = { do: 'new', month: '2026-11', after: 0, upTo: spans[0]?.keys?.last ?? 0 };
  t.is((await prover.slice(task, null)).findings.length, 66, 'the key of another');
  version = 2;
  lcus = [{ lcuNo: 0, lcuId: 'malaga-0042', publicKeys: [testSigner(1).publicKey] }];
  t.like(await prover.slice(task, null), { cursor: null, rows: 66, findings: [] });
  const cut = prover.slice(task, null);
  await prover.close();
  await t.throwsAsync(cut, { code: 'internal' });
});

test('rows of the present slot and of the one before are left to the next night: more may come there', async (t) => {
  const audit = new AuditScene(t);
  const chain = new TestChain().grow(60);
  const night = Date.UTC(2026, 10, 25, 1, 32);
  for (const [i, minutesBefore] of [8, 4, 1].entries()) {
    await audit.append(testAnswer(chain, 2 * i + 1, 2 * i + 2, { receivedAtMs: night - minutesBefore * 60_000 }));
  }
  const time = new FakeTime(night - DAY_MS);
  const book = await openSqliteProofBook(join(temporaryFolder(t), 'proof.db'));
  t.teardown(() => book.close());
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const deps = { book, prover: directProver(audit.folder), clock: time, log, at: '01:30', awayBefore: undefined };
  const proof = new NightlyProof(deps);
  await proof.step();
  await time.advance(DAY_MS);
  while (await proof.step());
  const { provenUpTo, last } = book.progress();
  t.is(last?.rows, 1);
  t.true(provenUpTo >= (audit.keys[0] ?? 0) && provenUpTo < (audit.keys[1] ?? 0));
});

test('only months before that which the configuration names may be away', (t) => {
  const seal = { rows: 1, firstKey: 1, lastKey: 1, digest: NO_SEAL, judgements: 0, judgementDigest: NO_SEAL, previous: NO_SEAL };
  const seals = [{ ...seal, month: '2026-09' }];
  t.deepEqual(auditSeals([], { seals, awayBefore: '2026-10' }), { away: ['2026-09'], findings: [] });
  for (const awayBefore of ['2026-09', '2026-08', undefined]) {
    const { away, findings } = auditSeals([], { seals, awayBefore });
    t.deepEqual([away, findings.map(({ kind }) => kind)], [[], ['gone']]);
  }
});

test('a row in the file of a month before that of its receipt is told', async (t) => {
  const audit = new AuditScene(t);
  await audit.append(testAnswer(new TestChain().grow(4), 1, 2, { receivedAtMs: Date.UTC(2026, 11, 2) }));
  renameSync(audit.path('2026-12'), audit.path('2026-11'));
  t.true(told(await audit.audit()).some((line) => line.includes('it was received after the month of its file')));
});

test('a night is due once a day at its time in UTC', (t) => {
  t.is(lastDue('01:30', Date.UTC(2026, 10, 5, 1, 29)), Date.UTC(2026, 10, 4, 1, 30));
  t.is(lastDue('01:30', Date.UTC(2026, 10, 5, 1, 30)), Date.UTC(2026, 10, 5, 1, 30));
  t.is(lastDue('23:59', Date.UTC(2026, 10, 5, 0, 0)), Date.UTC(2026, 10, 4, 23, 59));
});

test('a ledger without rows is a night without work', (t) => {
  const nothing = { spans: [], sealed: [], provenUpTo: 0, settledUpTo: 100, dueMs: 30 * DAY_MS, lastDueMs: 29 * DAY_MS };
  t.deepEqual(planNight(nothing), []);
  const empty = { ...nothing, spans: [{ month: '2026-11', keys: undefined }] };
  t.deepEqual(planNight(empty), [{ do: 'tables', month: '2026-11', part: 0 }]);
  t.is(planNight({ ...empty, lastDueMs: 0 }).length, 30, 'nights that were missed');
});
