import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('a damaged proof.db is told by name, and does not keep the ledger from being proven', async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'etc', 'collector.yaml');
  const state = join(folder, 'state');
  const places = ['--config', config, '--state-dir', state, '--run-dir', join(folder, 'run')];
  await runProgram('collector', ['init', '--id', 'malaga', '--address', 'wss://127.0.0.1:8443', ...places]);
  t.is((await tryProgram('collector', ['ledger', 'verify', '--config', config])).exit, 0);
  writeFileSync(join(state, 'proof.db'), 'no database, and longer than the header of one '.repeat(40));
  const { exit, out, err } = await tryProgram('collector', ['ledger', 'verify', '--config', config]);
  t.is(exit, 74, err);
  t.regex(out, /^does not agree:\n {2}ledger: .*proof\.db does not agree with itself: /m);
  t.regex(out, /^0 answers with 0 entries of 0 files proven in /m);
  t.regex(err, /^error: the ledger does not agree with what was signed in 1 place; .*proof\.db[^\n]*\nhint: [^\n]+\n$/);
});
