import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import test from 'ava';
import { type Ack, sha256, toHex } from '@farola/shared';
import { branchId } from '@farola/collector/branch-id.js';
import { ledgerKeyParts } from '@farola/collector/ledger/ledger-key.js';
import { leavesOf, overwritePage } from '../../fakes/damaged-page.js';
import { AuditScene, testProver, told } from '../../fakes/audit-scene.js';
import { testAnswer, testGap } from '../../fakes/test-answer.js';
import { sample, start, TestChain } from '../../fakes/test-chain.js';

const NOVEMBER = Date.UTC(2026, 10, 30, 12);
const DECEMBER = Date.UTC(2026, 11, 1, 12);
const SLOT_MS = 300_000;

/** Two LCUs: the first over two months, with backlog and a gap; the second in November alone. */
async function rich(scene: AuditScene): Promise<TestChain> {
  const chain = new TestChain().grow(60);
  await scene.append(
    testAnswer(chain, 1, 10, { receivedAtMs: NOVEMBER }),
    testAnswer(chain, 31, 40, { receivedAtMs: NOVEMBER + SLOT_MS, gaps: [testGap(chain, 11, 20)] }),
    testAnswer(chain, 21, 30, { receivedAtMs: NOVEMBER + 2 * SLOT_MS }),
    testAnswer(chain, 1, 12, { lcuNo: 1, receivedAtMs: NOVEMBER + 2 * SLOT_MS }),
    testAnswer(chain, 36, 50, { receivedAtMs: DECEMBER, first: 41 }),
    testAnswer(chain, 51, 60, { receivedAtMs: DECEMBER + SLOT_MS }),
    testAnswer(chain, 61, 60, { receivedAtMs: DECEMBER + SLOT_MS, adds: [] }),
  );
  return chain;
}

test('entries that came for what was told as a gap are no damage', async (t) => {
  const scene = new AuditScene(t);
  const chain = new TestChain().grow(12);
  await scene.append(
    testAnswer(chain, 1, 4, { gaps: [testGap(chain, 5, 10)] }),
    testAnswer(chain, 5, 7),
    testAnswer(chain, 8, 12, { adds: [chain.held(8, 10), chain.held(11, 12)] }),
  );
  t.deepEqual(told(await scene.audit()), []);
});

test('a ledger of two months with backlog, a gap and an overlap agrees with itself', async (t) => {
  const scene = new AuditScene(t);
  await rich(scene);
  const report = await scene.audit();
  t.deepEqual(told(report), []);
  t.like(report, { rows: 7, entries: 10 + 10 + 10 + 12 + 10 + 10, months: ['2026-11', '2026-12'], away: [] });
});

const HARMS: readonly (readonly [string, string, string, string, RegExp])[] = [
  [
    'a poll',
    '2026-11',
    'UPDATE answers SET poll = ? WHERE key = ?',
    'poll',
    /^damaged 2026-11 31\.\.40 poll: signature-invalid$/,
  ],
  [
    'an answer',
    '2026-11',
    'UPDATE answers SET answer = ? WHERE key = ?',
    'answer',
    /^damaged 2026-11 31\.\.40 answer: signature-invalid$/,
  ],
  [
    'the entries',
    '2026-11',
    'UPDATE answers SET entries = ? WHERE key = ?',
    'entries',
    /31\.\.40 the entries do not hash to the signed head$/,
  ],
  ['the base', '2026-11', 'UPDATE answers SET base = ? WHERE key = ?', 'base', /31\.\.40 the base is not the signed one$/],
];

for (const [name, month, sql, field, expected] of HARMS) {
  test(`one bit of ${name} that flips on the disk is named with its row`, async (t) => {
    const scene = new AuditScene(t);
    const chain = await rich(scene);
    const answer = testAnswer(chain, 31, 40, { receivedAtMs: NOVEMBER + SLOT_MS, gaps: [testGap(chain, 11, 20)] });
    const bytes = new Uint8Array((answer as unknown as Record<string, Uint8Array>)[field]!);
    bytes[bytes.length - 20]! ^= 1;
    scene.harm(month, sql, bytes, scene.keys[1]);
    const report = await scene.audit();
    t.regex(told(report)[0] ?? '', expected);
    t.like(report.findings.kept[0], { key: scene.keys[1], lcu: 'malaga-0042', epoch: toHex(chain.epoch) });
    t.is(report.findings.counts.damaged, 1);
  });
}

const TABLES: readonly (readonly [string, string, RegExp])[] = [
  ['a row that is gone', 'DELETE FROM answers WHERE key = :key', /^gone 2026-11 31\.\.40 the row of this range is gone$/],
  [
    'a range that is gone',
    'DELETE FROM ranges WHERE key = :key',
    /it does not own the first entry that it keeps: its range is gone$/,
  ],
  [
    'a range that is longer than its row',
    'UPDATE ranges SET to_n = 41 WHERE key = :key',
    /it is said to own entries that it does not hold$/,
  ],
  [
    'a range that is owned twice',
    'INSERT INTO ranges SELECT epoch_no, 33, 33, key FROM ranges WHERE key = :key',
    /33\.\.33 owned twice$/,
  ],
  ['a gap that was made up', 'UPDATE gaps SET reason = 3 WHERE key = :key', /gap 11\.\.20 is not in the signed answer$/],
  [
    'a gap whose hash was changed',
    'UPDATE gaps SET head = zeroblob(32) WHERE key = :key',
    /gap 11\.\.20 is not in the signed answer$/,
  ],
  [
    'another time of receipt',
    'UPDATE answers SET received_at_ms = received_at_ms + 300000 WHERE key = :key',
    /the key is not of the time of receipt$/,
  ],
  [
    'an epoch of another LCU',
    'UPDATE epochs SET lcu_no = 3 WHERE epoch_no = (SELECT epoch_no FROM answers WHERE key = :key)',
    /epoch {2}is not that of the answer$/,
  ],
];

for (const [name, sql, expected] of TABLES) {
  test(`${name} is told`, async (t) => {
    const scene = new AuditScene(t);
    await rich(scene);
    scene.harm('2026-11', sql, { key: scene.keys[1] });
    t.true(
      told(await scene.audit()).some((line) => expected.test(line)),
      told(await scene.audit()).join('\n'),
    );
  });
}

test('a row that is gone with its range is told by the poll that acknowledged it', async (t) => {
  const scene = new AuditScene(t);
  const chain = new TestChain().grow(30);
  const acks: Ack[] = [[chain.epoch, 20, chain.head(20)]];
  await scene.append(
    testAnswer(chain, 1, 10, { receivedAtMs: NOVEMBER }),
    testAnswer(chain, 11, 20, { receivedAtMs: NOVEMBER + SLOT_MS }),
    testAnswer(chain, 21, 30, { receivedAtMs: NOVEMBER + 2 * SLOT_MS, acks }),
  );
  t.deepEqual(told(await scene.audit()), []);
  scene.harm('2026-11', 'DELETE FROM answers WHERE key = ?', scene.keys[1]);
  scene.harm('2026-11', 'DELETE FROM ranges WHERE key = ?', scene.keys[1]);
  t.deepEqual(told(await scene.audit()), ['gone 2026-11 11..20 acknowledged by a later poll']);
  scene.harm('2026-11', 'DELETE FROM answers WHERE key = ?', scene.keys[0]);
  scene.harm('2026-11', 'DELETE FROM ranges WHERE key = ?', scene.keys[0]);
  t.deepEqual(told(await scene.audit()), ['gone 2026-11 1..20 acknowledged by a later poll']);
});

test('D33: what was never delivered is told as owed, and is no damage', async (t) => {
  const scene = new AuditScene(t);
  const chain = new TestChain().grow(20);
  const next = new TestChain('malaga-0042', 2, 1);
  next.add({ ...start(next.boot, []), previous: { epoch: chain.epoch, n: 25, head: new Uint8Array(32) } }, sample(0, 5));
  const unknown = new Uint8Array(8).fill(9);
  const third = new TestChain('malaga-0042', 3, 1);
  third.add({ ...start(third.boot, []), previous: { epoch: unknown, n: 4, head: new Uint8Array(32) } });
  await scene.append(
    testAnswer(chain, 1, 5, { receivedAtMs: NOVEMBER }),
    testAnswer(chain, 11, 20, { receivedAtMs: NOVEMBER }),
    testAnswer(next, 1, 2, { receivedAtMs: NOVEMBER }),
    testAnswer(third, 1, 1, { receivedAtMs: NOVEMBER }),
  );
  const report = await scene.audit();
  t.deepEqual(told(report).sort(), [
    'owed 2026-11 1..4 named by the start of the next epoch, and never delivered',
    'owed 2026-11 21..25 named by the start of the next epoch, and never delivered',
    'owed 2026-11 6..10 never delivered',
  ]);
  t.deepEqual(report.findings.counts, { damaged: 0, gone: 0, owed: 3 });
});

test('of a forked epoch the chain that was acknowledged is owed, also where another one is longer', async (t) => {
  const scene = new AuditScene(t);
  const chain = new TestChain().grow(40);
  const fork = chain.forkAt(11);
  const id = branchId(chain.epoch, 1);
  const shares = [{ id, source: chain.epoch, ...chain.held(1, 10) }];
  const acks: Ack[] = [[chain.epoch, 20, fork.head(20)]];
  await scene.append(
    testAnswer(chain, 1, 40, { receivedAtMs: NOVEMBER }),
    testAnswer(fork, 11, 15, { receivedAtMs: NOVEMBER, id, shares }),
    testAnswer(fork, 16, 15, { receivedAtMs: NOVEMBER + 1, id, acks }),
  );
  t.deepEqual(told(await scene.audit()), ['gone 2026-11 16..20 acknowledged by a later poll']);
});

test('a month that is gone is told by what the next one carried of it', async (t) => {
  const scene = new AuditScene(t);
  await rich(scene);
  rmSync(scene.path('2026-11'));
  t.deepEqual(told(await scene.audit()), ['gone 2026-12 1..40 held by an older file, which is not here or lost it']);
});

test('a carried run that is changed or taken out is told while the older file is here', async (t) => {
  const changed = new AuditScene(t);
  await rich(changed);
  changed.harm('2026-12', 'UPDATE carried SET head = zeroblob(32)');
  t.true(told(await changed.audit()).includes('damaged 2026-12 1..40 carried with other hashes than older files have'));
  const shortened = new AuditScene(t);
  await rich(shortened);
  shortened.harm('2026-12', 'UPDATE carried SET to_n = 39');
  t.true(
    told(await shortened.audit()).includes('damaged 2026-12 40..40 older files hold it, and it was not carried into this one'),
  );
});

test('pages of a file that were overwritten are told, and the rows on the others are proven', async (t) => {
  const scene = new AuditScene(t);
  const chain = new TestChain().grow(2000);
  const answers = Array.from({ length: 400 }, (_, i) =>
    testAnswer(chain, i * 5 + 1, i * 5 + 5, { receivedAtMs: NOVEMBER - 86_400_000 + i * 60_000 }),
  );
  await scene.append(...answers);
  const { size } = statSync(scene.path('2026-11'));
  const file = openSync(scene.path('2026-11'), 'r+');
  writeSync(file, new Uint8Array(8192), 0, 8192, Math.floor(size / 8192 / 2) * 8192);
  closeSync(file);
  const report = await scene.audit();
  t.true(report.findings.counts.damaged > 0);
  t.true(report.rows > 300 && report.rows < 400, `${report.rows} rows`);
});

test('a page that is lost among rows of many LCUs hides no other row, and each row on it is named', async (t) => {
  const LCUS = 40;
  const ROUNDS = 6;
  const scene = new AuditScene(t);
  const chain = new TestChain().grow(5 * ROUNDS);
  const rounds = Array.from({ length: ROUNDS }, (_, round) => ({ from: round * 5 + 1, to: round * 5 + 5, round }));
  await scene.append(
    ...rounds.flatMap(({ from, to, round }) =>
      Array.from({ length: LCUS }, (_, lcuNo) =>
        testAnswer(chain, from, to, {
          lcuNo,
          receivedAtMs: NOVEMBER - (ROUNDS - round) * SLOT_MS,
          acks: round === 0 ? [] : [[chain.epoch, from - 1, chain.head(from - 1)]],
        }),
      ),
    ),
  );
  const prover = testProver('malaga-0042', LCUS);
  t.is((await scene.audit({}, undefined, prover)).findings.counts.damaged, 0);
  const leaves = leavesOf(scene.path('2026-11'), 'answers');
  for (const [at, leaf] of [...leaves.entries()].filter(([i]) => i === 0 || i === 20 || i === leaves.length - 1)) {
    const before = readFileSync(scene.path('2026-11'));
    overwritePage(scene.path('2026-11'), leaf);
    const { rows, findings } = await scene.audit({}, undefined, prover);
    const lost = scene.keys.length - rows;
    t.true(lost > 0 && lost < 30, `leaf ${at}: ${lost} of ${scene.keys.length} rows are lost`);
    t.deepEqual(findings.counts, { damaged: lost, gone: 0, owed: 0 });
    const named = findings.kept.map(({ key, lcu, epoch, from, to }) => {
      const { slot, lcuNo } = ledgerKeyParts(key ?? 0);
      const round = slot - ledgerKeyParts(scene.keys[0]!).slot;
      return lcu === 'malaga-0042' && epoch === toHex(chain.epoch) && lcuNo < LCUS && from === round * 5 + 1 && to === from + 4;
    });
    t.deepEqual(
      named,
      Array.from({ length: lost }, () => true),
    );
    writeFileSync(scene.path('2026-11'), before);
  }
});

test('a file that is none is told, and the others are proven', async (t) => {
  const scene = new AuditScene(t);
  await rich(scene);
  const file = openSync(scene.path('2026-11'), 'r+');
  writeSync(file, new Uint8Array(100).fill(7), 0, 100, 0);
  closeSync(file);
  const report = await scene.audit();
  t.regex(told(report)[0] ?? '', /^damaged 2026-11 the file cannot be opened: /);
  t.is(report.rows, 3);
});

test('only one LCU, or only a span, is proven when it is asked', async (t) => {
  const scene = new AuditScene(t);
  const chain = await rich(scene);
  const bytes = sha256(chain.entries[0]!);
  scene.harm('2026-11', 'UPDATE answers SET entries = ? WHERE key = ?', bytes, scene.keys[0]);
  t.like(await scene.audit({ lcuNo: 1 }), { rows: 1, entries: 12, findings: { counts: { damaged: 0, gone: 0, owed: 0 } } });
  t.like(await scene.audit({ lcuNo: 0 }), { rows: 6, findings: { counts: { damaged: 1, gone: 0, owed: 0 } } });
  const december = await scene.audit({ fromMs: DECEMBER - 1000, toMs: DECEMBER + 86_400_000 });
  t.like(december, { rows: 3, months: ['2026-12'], findings: { counts: { damaged: 0, gone: 0, owed: 0 } } });
  const slot = await scene.audit({ fromMs: NOVEMBER + SLOT_MS, toMs: NOVEMBER + SLOT_MS });
  t.like(slot, { rows: 1, months: ['2026-11'], findings: { counts: { damaged: 0, gone: 0, owed: 0 } } });
});
