import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import test, { type ExecutionContext } from 'ava';
import { openSqliteState, type SqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { SUCCESSORS } from '@farola/collector/fleet/sqlite-epoch-statements.js';
import { STATE_SCHEMA } from '@farola/collector/fleet/sqlite-state-schema.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const CHANGER = fileURLToPath(new URL('../../fakes/fleet-changer.js', import.meta.url));
const run = promisify(execFile);
const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

async function opened(t: ExecutionContext, path: string): Promise<SqliteState> {
  const state = await openSqliteState({ path });
  t.teardown(() => state.close());
  return state;
}

function enrol({ fleet }: SqliteState): void {
  fleet.invite('malaga-1', 'plaza', { tokenHash: hash(1), expiresAtMs: 10 }, 0);
  fleet.enrol({
    lcuId: 'malaga-1',
    tokenHash: hash(1),
    publicKey: hash(2),
    request: hash(3),
    words: ['a'],
    assurance: 0,
    atMs: 1,
  });
}

test('fleet and derived state are there after reopening', async (t) => {
  const path = join(temporaryFolder(t), 'deeper', 'state.db');
  const first = await openSqliteState({ path });
  enrol(first);
  const lcu = first.fleet.approve('malaga-1', 2);
  first.derived.apply({ contacts: [], latest: [], tables: [], events: [], anchors: [], platforms: [], upToKey: 77 });
  first.close();
  const second = await opened(t, path);
  t.deepEqual(second.fleet.find('malaga-1'), lcu);
  t.is(second.derived.appliedKey(), 77);
});

test('processes may change the fleet at once, and each sees the other', async (t) => {
  const path = join(temporaryFolder(t), 'state.db');
  const state = await opened(t, path);
  enrol(state);
  const before = state.fleet.version();
  const others = ['malaga-2', 'malaga-3', 'malaga-4'];
  const numbers = await Promise.all(others.map(async (lcuId) => (await run(process.execPath, [CHANGER, path, lcuId])).stdout));
  t.deepEqual(numbers.map(Number).sort(), [1, 2, 3]);
  t.true(state.fleet.version() > before);
  t.deepEqual(
    state.fleet.list().map(({ lcuId }) => lcuId),
    ['malaga-1', ...others],
  );
});

test('a new file may be opened by several processes at once', async (t) => {
  const path = join(temporaryFolder(t), 'state.db');
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(names.map((lcuId) => run(process.execPath, [CHANGER, path, lcuId])));
  const state = await opened(t, path);
  t.deepEqual(
    state.fleet.list().map(({ lcuId }) => lcuId),
    names,
  );
});

test('derived changes are no change of the fleet', async (t) => {
  const state = await opened(t, join(temporaryFolder(t), 'state.db'));
  const before = state.fleet.version();
  state.derived.apply({ contacts: [], latest: [], tables: [], events: [], anchors: [], platforms: [], upToKey: 5 });
  t.is(state.fleet.version(), before);
});

test('the file itself lets no identity change and no history go', async (t) => {
  const path = join(temporaryFolder(t), 'state.db');
  enrol(await opened(t, path));
  const db = new Database(path);
  t.teardown(() => db.close());
  for (const sql of [
    'UPDATE lcu_keys SET public_key = zeroblob(32)',
    'UPDATE lcu_keys SET kid = zeroblob(8)',
    'UPDATE lcu_keys SET lcu_no = 5',
    'DELETE FROM lcu_keys',
    'DELETE FROM lcus',
    "INSERT INTO lcu_keys SELECT x'00', lcu_no, zeroblob(32), request, words, x'00', 5, NULL FROM lcu_keys",
    "UPDATE lcus SET state = 'friend'",
  ]) {
    const error = t.throws(() => db.exec(sql), { any: true }, sql);
    t.true(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT'), sql);
  }
});

test('a file of a newer version is refused and left as it is', async (t) => {
  const path = join(temporaryFolder(t), 'state.db');
  const state = await openSqliteState({ path });
  state.close();
  const db = new Database(path);
  db.pragma('user_version = 9');
  db.close();
  const error = await t.throwsAsync(openSqliteState({ path }));
  t.like(error, { code: 'store-newer', facts: { path, version: 9, known: STATE_SCHEMA.version } });
});

/** How SQLite would answer a question, in its words. */
function planOf(path: string, question: string): string {
  const db = new Database(path, { readonly: true });
  const steps = db.prepare<[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${question.replaceAll('?', '0')}`).all();
  db.close();
  return steps.map(({ detail }) => detail).join('; ');
}

test('security: the newest epochs that name one before them are found by an index alone, however many there are', async (t) => {
  const path = join(temporaryFolder(t), 'state.db');
  await opened(t, path);
  const plan = planOf(path, SUCCESSORS);
  t.regex(plan, /^SEARCH table_facts USING COVERING INDEX successors \(lcu_no=\? AND previous_epoch=\? AND at_ms>\?\)$/);
});

/** What each version added, taken away again. */
const WITHOUT_7 = 'DROP TABLE decisions;';
const WITHOUT_6 = `${WITHOUT_7} DROP TABLE lost_ages; DROP TABLE lost_contacts;`;
const WITHOUT_5 = `${WITHOUT_6} DROP INDEX successors; CREATE INDEX successors ON table_facts (lcu_no, previous_epoch) WHERE n = 1;`;
const WITHOUT_4 = `${WITHOUT_5} DROP TABLE keys_taken; DROP TABLE commands;`;
const WITHOUT_3 = `${WITHOUT_4} ALTER TABLE panels DROP COLUMN time_zone;`;
const WITHOUT_2 = `${WITHOUT_3} DROP TABLE platform_judgements; DROP TABLE platforms;`;

/** What brings a file back to a version. */
const BEFORE: Readonly<Record<number, string>> = {
  7: WITHOUT_7,
  6: WITHOUT_6,
  5: WITHOUT_5,
  4: WITHOUT_4,
  3: WITHOUT_3,
  2: WITHOUT_2,
  1: `${WITHOUT_2} DROP TABLE releases; ALTER TABLE contacts DROP COLUMN code_hash;
      DELETE FROM contacts; INSERT INTO contacts VALUES (0, 5, 5, 'ok', 1, 0, 3, 0);`,
};

for (const [version, back] of Object.entries(BEFORE)) {
  test(`a file of version ${version} is brought up, once, and keeps what it held`, async (t) => {
    const path = join(temporaryFolder(t), 'state.db');
    const state = await openSqliteState({ path });
    enrol(state);
    state.close();
    const db = new Database(path);
    db.exec("INSERT INTO contacts VALUES (0, 5, 5, 'ok', 1, 0, 3, 0, NULL)");
    db.exec("UPDATE lcus SET decision = 'released', decided_at_ms = 7, decision_reason = 'x', decided_by = 'ana'");
    db.exec(back);
    db.pragma(`user_version = ${version}`);
    db.close();
    const [one, two] = await Promise.all([opened(t, path), opened(t, path)]);
    one.releases.revoke(hash(9), 'old', 1);
    t.is(two.releases.all().length, 1);
    one.platforms.judge({ platformHash: hash(9), verdict: 'approved', atMs: 1, reason: 'x', by: 'ana' });
    t.is(two.platforms.all().length, 1);
    t.is(two.derived.platform(0), undefined);
    t.like(two.derived.contact(0), { lastGoodAtMs: 5, codeHash: null });
    t.is(two.fleet.find('malaga-1')?.state, 'pending');
    t.deepEqual(two.fleet.decisions(0), [{ decision: 'released', atMs: 7, reason: 'x', by: 'ana', stored: null }]);
    t.deepEqual([two.keysBook.all(), two.commands.last(0)], [[], undefined]);
    t.deepEqual([one.ageLosses.lose(), two.ageLosses.isContactLost(0, 5), two.ageLosses.isContactLost(0, 6)], [0, true, false]);
    t.true(planOf(path, SUCCESSORS).includes('COVERING INDEX successors'));
    two.panels.setTimeZone('plaza', 'Atlantic/Canary');
    t.like(one.panels.list()[0], { panel: 'plaza', timeZone: 'Atlantic/Canary', lcus: ['malaga-1'] });
  });
}

test('what was judged of platforms stays as it was made', async (t) => {
  const path = join(temporaryFolder(t), 'state.db');
  const state = await opened(t, path);
  state.platforms.judge({ platformHash: hash(1), verdict: 'revoked', atMs: 1, reason: 'a hole', by: 'ana' });
  const db = new Database(path);
  t.teardown(() => db.close());
  for (const sql of [
    "UPDATE platform_judgements SET verdict = 'approved'",
    'DELETE FROM platform_judgements',
    "INSERT INTO platform_judgements VALUES (NULL, x'00', 'approved', 1, '', '')",
  ]) {
    const error = t.throws(() => db.exec(sql), { any: true }, sql);
    t.true(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT'), sql);
  }
});

test('a panel has the time zone that was said last, or none of its own', async (t) => {
  const { panels, ...state } = await opened(t, join(temporaryFolder(t), 'state.db'));
  enrol({ panels, ...state });
  t.deepEqual(panels.list(), [{ panel: 'plaza', addedAtMs: 0, timeZone: null, lcus: ['malaga-1'] }]);
  panels.setTimeZone('plaza', 'Europe/Lisbon');
  panels.setTimeZone('plaza', null);
  t.is(panels.list()[0]?.timeZone, null);
  t.like(
    t.throws(() => panels.setTimeZone('nowhere', 'UTC')),
    { code: 'panel-unknown', facts: { panel: 'nowhere' } },
  );
});

test('commands of one LCU are numbered; a later one replaces what waits, and what is over ends', async (t) => {
  const path = join(temporaryFolder(t), 'state.db');
  const { commands, ...state } = await opened(t, path);
  enrol({ commands, ...state });
  const order = (validUntilMs: number) =>
    commands.order({ lcuNo: 0, command: 1, argument: hash(1), by: 'ana', reason: 'x', orderedAtMs: 10, validUntilMs });
  t.deepEqual([order(100).sequence, order(200).sequence], [1, 2]);
  t.deepEqual(
    commands.waiting(0, 50).map(({ sequence }) => sequence),
    [2],
  );
  commands.renumber(0, 2, 40);
  t.is(commands.waiting(0, 50)[0]?.sequence, 41);
  t.deepEqual(commands.waiting(0, 200), []);
  t.like(commands.last(0), { sequence: 41, outcome: 'command-expired', by: 'ana' });
  t.is(order(300).sequence, 42);
  commands.end(0, 42, 'ok', '', 250);
  t.deepEqual([commands.waiting(0, 260), commands.last(0)?.outcome], [[], 'ok']);
  t.is(order(400).sequence, 43);
  t.deepEqual([commands.last(0)?.sequence, commands.lastTaken(0)?.sequence, commands.lastTaken(1)], [43, 42, undefined]);
});

test('the last word of each LCU on its keys is kept', async (t) => {
  const path = join(temporaryFolder(t), 'state.db');
  const state = await opened(t, path);
  for (const [lcuNo, sequence] of [
    [1, 2],
    [4, 2],
    [1, 3],
  ] as const) {
    state.keysBook.note({ lcuNo, sequence, keysHash: hash(sequence), atMs: sequence });
  }
  const again = await opened(t, path);
  t.deepEqual(
    again.keysBook.all().map(({ lcuNo, sequence, keysHash }) => [lcuNo, sequence, keysHash[0]]),
    [
      [1, 3, hash(3)[0]],
      [4, 2, hash(2)[0]],
    ],
  );
});

test('what is said of code raises the version of the fleet, and a revocation cannot be taken back', async (t) => {
  const path = join(temporaryFolder(t), 'state.db');
  const state = await opened(t, path);
  const before = state.fleet.version();
  state.releases.put(hash(1), hash(2), 1);
  state.releases.revoke(hash(1), 'old', 2);
  t.is(state.fleet.version(), before + 2);
  const db = new Database(path);
  t.teardown(() => db.close());
  for (const sql of [
    'UPDATE releases SET revoked_at_ms = NULL',
    "UPDATE releases SET revoked_reason = 'x'",
    'DELETE FROM releases',
  ]) {
    const error = t.throws(() => db.exec(sql), { any: true }, sql);
    t.true(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT'), sql);
  }
});

for (const [what, damage] of [
  ['no database', (path: string) => writeFileSync(path, 'dear reader, '.repeat(1000))],
  ['a database of something else', (path: string) => new Database(path).exec('CREATE TABLE other (a)').close()],
] as const) {
  test(`a file that is ${what} is told as such`, async (t) => {
    const path = join(temporaryFolder(t), 'state.db');
    damage(path);
    const error = await t.throwsAsync(openSqliteState({ path }));
    t.like(error, { code: 'ledger-corrupt', facts: { path } });
  });
}

test('a damaged page is told as such, with the file', async (t) => {
  const path = join(temporaryFolder(t), 'state.db');
  const state = await openSqliteState({ path });
  enrol(state);
  state.close();
  const bytes = readFileSync(path);
  for (let at = 3 * 4096; at < bytes.length; at += 4096) bytes.fill(0xee, at, at + 200);
  writeFileSync(path, bytes);
  const error = await t.throwsAsync(async () => (await opened(t, path)).fleet.list());
  t.like(error, { code: 'ledger-corrupt', facts: { path } });
});
