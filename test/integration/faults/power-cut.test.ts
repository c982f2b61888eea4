import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import Sqlite from 'better-sqlite3';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const run = promisify(execFile);
const COMMITTER = fileURLToPath(new URL('../../fakes/committer.js', import.meta.url));
const TELL_SYNCS = fileURLToPath(new URL('../../../fakes/tell-syncs.cc', import.meta.url));

/** What was synced before each of five commits returned: the names of the files, commit by commit. */
async function syncsOfCommits(t: ExecutionContext, kind: string, folder: string): Promise<string[][]> {
  const library = join(temporaryFolder(t), 'tell-syncs.so');
  await run('g++', ['-shared', '-fPIC', '-o', library, TELL_SYNCS, '-ldl']);
  const { stdout } = await run(process.execPath, [COMMITTER, kind, folder], { env: { ...process.env, LD_PRELOAD: library } });
  const [, afterOpening = ''] = stdout.split('opened\n');
  const commits = afterOpening.split('committed\n').slice(0, -1);
  return commits.map((lines) =>
    lines
      .split('\n')
      .slice(0, -1)
      .map((line) => line.replace(/^synced /, '')),
  );
}

const DURABLE = [
  ['entry', 'an entry of the journal, before it can leave', 'journal.sqlite'],
  ['answer', 'an answer in the ledger, before it is acknowledged', '2026-11.db'],
  ['judgement', 'a judgement in the ledger', '2026-11.db'],
  ['fleet', 'a change of the fleet, before the operator is told', 'state.db'],
] as const;

for (const [kind, what, file] of DURABLE) {
  test(`D36: ${what}, is on the disk when its commit returns`, async (t) => {
    const folder = temporaryFolder(t);
    const commits = await syncsOfCommits(t, kind, folder);
    t.is(commits.length, 5);
    for (const synced of commits) t.true(synced.includes(`${file}-wal`), synced.join());
    const db = new Sqlite(join(folder, file), { readonly: true });
    t.is(db.pragma('journal_mode', { simple: true }), 'wal');
    db.close();
  });
}

test('D36: a file that is written anew is on the disk before it gets its name, and its name is before the write returns', async (t) => {
  const folder = temporaryFolder(t);
  const commits = await syncsOfCommits(t, 'file', folder);
  t.is(commits.length, 5);
  for (const synced of commits) t.deepEqual(synced, ['identity.json.farola-new', basename(folder)]);
});

test('a store that a power cut may take commits from syncs none: what is counted is told apart', async (t) => {
  t.deepEqual(await syncsOfCommits(t, 'unsynced', temporaryFolder(t)), [[], [], [], [], []]);
});
