import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { checkBackup, placeBackup, readForBackup } from '@farola/collector/backup/fs-backup.js';
import type { ArchivedFile } from '@farola/shared';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { type StatePaths, statePaths } from '@farola/collector/config/state-paths.js';
import { NO_SEAL } from '@farola/collector/proof/month-seal.js';
import { NOTHING_PROVEN } from '@farola/collector/proof/proof-book.js';
import { openSqliteProofBook } from '@farola/collector/proof/sqlite-proof-book.js';
import { openSqliteUptime } from '@farola/collector/uptime/sqlite-uptime.js';
import { leavesOf, overwritePage } from '../../fakes/damaged-page.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** Nobody else is there. */
const claim = () => Promise.resolve({ file: 'writer.lock', release: () => undefined });

const RUN = { lcuNo: 3, fromMs: 600_000, roundMs: 300_000, rounds: 4, outcome: 'answer-missing' } as const;

/** A configuration, a key and a fleet, and where they lie. */
async function aServer(t: ExecutionContext): Promise<{ config: Uint8Array; paths: StatePaths }> {
  const folder = temporaryFolder(t);
  const paths = statePaths({ stateDir: folder });
  mkdirSync(paths.keys);
  writeFileSync(join(paths.keys, 'root.pub'), 'a key');
  (await openSqliteState({ path: paths.state })).close();
  return { config: new Uint8Array(Buffer.from('collectorId: malaga\n')), paths };
}

/** Puts a backup on a new server. */
async function restored(t: ExecutionContext, files: readonly ArchivedFile[]): Promise<{ paths: StatePaths; checked: unknown[] }> {
  const stateDir = join(temporaryFolder(t), 'state');
  const paths = statePaths({ stateDir });
  const checked: unknown[] = [];
  const place = {
    configPath: join(stateDir, '..', 'etc', 'collector.yaml'),
    config: 'collectorId: malaga\n',
    stateDir,
    paths,
    claim,
  };
  await placeBackup(files, place, (keys, state, { uptime, proof }) => {
    checked.push(existsSync(keys), existsSync(state));
    for (const beside of [uptime, proof]) checked.push(beside !== undefined && existsSync(beside));
    return Promise.resolve();
  });
  return { paths, checked };
}

test('uptime goes into a backup while it is written, and comes back', async (t) => {
  const { config, paths } = await aServer(t);
  const uptime = await openSqliteUptime({ path: paths.uptime });
  t.teardown(() => uptime.close());
  uptime.write([RUN]);
  const { files } = await readForBackup(paths, { config });
  uptime.write([{ ...RUN, rounds: 5 }]);
  t.true(checkBackup(files, 'x').ok);
  t.false(existsSync(`${paths.uptime}.backup`));
  const there = await restored(t, files);
  t.deepEqual(there.checked, [true, true, true, false]);
  t.is(statSync(there.paths.uptime).mode & 0o777, 0o600);
  const again = await openSqliteUptime({ path: there.paths.uptime });
  t.teardown(() => again.close());
  t.deepEqual(again.runs(3, 0, Number.MAX_SAFE_INTEGER), [RUN]);
});

test('the seals of closed months go into a backup while they are made, and come back', async (t) => {
  const { config, paths } = await aServer(t);
  const book = await openSqliteProofBook(paths.proof);
  t.teardown(() => book.close());
  const seal = { month: '2026-09', rows: 2, firstKey: 1, lastKey: 2, judgements: 0, judgementDigest: NO_SEAL, previous: NO_SEAL };
  book.save(NOTHING_PROVEN, [], { ...seal, digest: new Uint8Array(32).fill(1) });
  const { files } = await readForBackup(paths, { config });
  t.true(checkBackup(files, 'x').ok);
  t.false(existsSync(`${paths.proof}.backup`));
  const there = await restored(t, files);
  t.deepEqual(there.checked, [true, true, false, true]);
  t.is(statSync(there.paths.proof).mode & 0o777, 0o600);
  const again = await openSqliteProofBook(there.paths.proof);
  t.teardown(() => again.close());
  t.deepEqual(again.seals(), book.seals());
});

test('a backup of before uptime was taken in, or of a collector that never ran, is restored without it', async (t) => {
  const { config, paths } = await aServer(t);
  const { files } = await readForBackup(paths, { config });
  t.deepEqual(
    files.map(({ name }) => name),
    ['collector.yaml', 'keys/root.pub', 'state.db'],
  );
  t.true(checkBackup(files, 'x').ok);
  const there = await restored(t, files);
  t.deepEqual([there.checked, existsSync(there.paths.uptime)], [[true, true, false, false], false]);
});

test('a restore that was cut off leaves no uptime to the next one', async (t) => {
  const { config, paths } = await aServer(t);
  const { files } = await readForBackup(paths, { config });
  const stateDir = join(temporaryFolder(t), 'state');
  mkdirSync(join(stateDir, 'restoring'), { recursive: true });
  const cut = statePaths({ stateDir });
  writeFileSync(cut.uptime, 'of the other backup');
  const place = {
    configPath: join(stateDir, '..', 'collector.yaml'),
    config: 'collectorId: malaga\n',
    stateDir,
    paths: cut,
    claim,
  };
  await placeBackup(files, place, () => Promise.resolve());
  t.false(existsSync(cut.uptime));
  t.is(readFileSync(join(cut.keys, 'root.pub'), 'utf8'), 'a key');
});

test('a restore that was cut off is begun anew, but nothing is cleared that no restore made', async (t) => {
  const { config, paths } = await aServer(t);
  const { files } = await readForBackup(paths, { config });
  const stateDir = join(temporaryFolder(t), 'state');
  const cut = statePaths({ stateDir });
  const place = { configPath: join(stateDir, '..', 'none', 'collector.yaml'), config: '', stateDir, paths: cut, claim };
  for (const foreign of [join('ledger', '2026-11.db'), 'aggregates.db']) {
    mkdirSync(join(stateDir, 'restoring'), { recursive: true });
    mkdirSync(cut.ledger, { recursive: true });
    writeFileSync(join(stateDir, foreign), 'a month');
    await t.throwsAsync(
      placeBackup(files, place, () => Promise.resolve()),
      { code: 'not-empty' },
    );
    t.is(readFileSync(join(stateDir, foreign), 'utf8'), 'a month');
    rmSync(join(stateDir, foreign));
  }
  await placeBackup(files, place, () => Promise.resolve());
  t.true(existsSync(place.configPath));
});

const NO_DATABASE = 'no database, and longer than the header of one '.repeat(40);

test('what is damaged and can be begun anew is left out of a backup, and told', async (t) => {
  const { config, paths } = await aServer(t);
  writeFileSync(paths.uptime, NO_DATABASE);
  const book = await openSqliteProofBook(paths.proof);
  book.save(NOTHING_PROVEN, [], undefined);
  book.close();
  overwritePage(paths.proof, { page: 2, bytes: 4096 });
  const { files, harmed } = await readForBackup(paths, { config });
  t.deepEqual(
    files.map(({ name }) => name),
    ['collector.yaml', 'keys/root.pub', 'state.db'],
  );
  t.deepEqual(
    harmed.map(({ name, taken, why }) => [name, taken, why.code]),
    [
      ['uptime.db', false, 'ledger-corrupt'],
      ['proof.db', false, 'ledger-corrupt'],
    ],
  );
  t.true(checkBackup(files, 'x').ok);
  t.deepEqual((await restored(t, files)).checked, [true, true, false, false]);
  for (const path of [paths.state, paths.uptime, paths.proof]) t.false(existsSync(`${path}.backup`));
});

test('a fleet with a damaged page is in a backup as it is, and told', async (t) => {
  const { config, paths } = await aServer(t);
  const latest = leavesOf(paths.state, 'latest')[0]!;
  overwritePage(paths.state, latest);
  const { files, harmed } = await readForBackup(paths, { config });
  t.deepEqual(
    harmed.map(({ name, taken, why }) => [name, taken, why.code]),
    [['state.db', true, 'ledger-corrupt']],
  );
  const there = await restored(t, files);
  const from = (latest.page - 1) * latest.bytes;
  t.true(
    readFileSync(there.paths.state)
      .subarray(from, from + latest.bytes)
      .every((byte) => byte === 0xa5),
  );
  const state = await openSqliteState({ path: there.paths.state });
  t.teardown(() => state.close());
  t.deepEqual(state.fleet.list(), [], 'the fleet itself can be read');
});

test('a fleet that is no database any more is in a backup as its bytes lie there, and told', async (t) => {
  const { config, paths } = await aServer(t);
  overwritePage(paths.state, { page: 1, bytes: 4096 });
  const { files, harmed } = await readForBackup(paths, { config });
  t.deepEqual(
    harmed.map(({ name, taken, why }) => [name, taken, why.code]),
    [['state.db', true, 'ledger-corrupt']],
  );
  const taken = files.find(({ name }) => name === 'state.db');
  t.true(readFileSync(paths.state).equals(Buffer.from(taken?.content ?? [])));
  t.true(checkBackup(files, 'x').ok);
});

test('a fleet of which not even the bytes can be read is left out and told, and the keys are in the backup', async (t) => {
  const { config, paths } = await aServer(t);
  rmSync(paths.state);
  mkdirSync(paths.state);
  const { files, harmed } = await readForBackup(paths, { config });
  t.deepEqual(
    harmed.map(({ name, taken, why }) => [name, taken, why.code]),
    [['state.db', false, 'disk-failure']],
  );
  t.deepEqual(
    files.map(({ name }) => name),
    ['collector.yaml', 'keys/root.pub'],
  );
  t.like(checkBackup(files, 'x'), { ok: false, code: 'backup-harmed' });
});
