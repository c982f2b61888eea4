import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { FleetStatus } from '@farola/collector/status/fleet-status.js';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { overwritePage } from '../../fakes/damaged-page.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('a fleet that no longer opens stops no backup: the keys are in it, and a restore says what to do with it', async (t) => {
  const folder = temporaryFolder(t);
  const state = join(folder, 'state');
  const places = (name: string): string[] =>
    ['config', 'state-dir', 'run-dir'].flatMap((one) => [
      `--${one}`,
      join(folder, name, one === 'config' ? 'collector.yaml' : one),
    ]);
  const config = join(folder, 'collector.yaml');
  const here = ['--config', config, '--state-dir', state, '--run-dir', join(folder, 'run')];
  await runProgram('collector', ['init', '--id', 'malaga', '--address', 'wss://127.0.0.1:8443', ...here]);
  await runProgram('collector', ['lcu', 'add', 'malaga-0042', '--panel', 'alameda-7', '--config', config]);
  overwritePage(join(state, 'state.db'), { page: 1, bytes: 4096 });
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, 'a long passphrase\n');
  const [file, sealed] = [join(folder, 'harmed.age'), ['--passphrase-file', passphrase]];
  const made = await tryProgram('collector', ['keys', 'backup', file, ...sealed, '--config', config]);
  t.is(made.exit, 0, made.err);
  t.regex(made.err, /^warning: state\.db is in the backup, as damaged as it is: .*state\.db does not agree with itself/m);
  t.regex(made.out, /: keys, fleet and configuration of malaga/);

  const restored = await tryProgram('collector', ['keys', 'restore', file, ...sealed, ...places('there')]);
  t.is(restored.exit, 65, restored.err);
  t.is(
    restored.err,
    `error: ${file} cannot be restored: state.db was damaged already when it was made\nhint: restore the last one that was whole; the keys of this one are newer, \`age -d FILE | tar x keys\` takes them out\n`,
  );
  t.deepEqual(readdirSync(join(folder, 'there', 'state-dir')), []);
});

test('a damaged file beside the ledger stops no backup: who makes it is warned, and status says so until one is whole', async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'etc', 'collector.yaml');
  const state = join(folder, 'state');
  const places = ['--config', config, '--state-dir', state, '--run-dir', join(folder, 'run')];
  await runProgram('collector', ['init', '--id', 'malaga', '--address', 'wss://127.0.0.1:8443', ...places]);
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, 'a long passphrase\n');
  const backup = async (name: string, ...more: string[]): ReturnType<typeof tryProgram> =>
    tryProgram('collector', [
      ...['keys', 'backup', join(folder, name), '--passphrase-file', passphrase, '--config', config],
      ...more,
    ]);
  const troubles = async (): Promise<FleetStatus['troubles']> =>
    (JSON.parse(await runProgram('collector', ['status', '--json', '--config', config])) as FleetStatus).troubles;

  t.is((await backup('whole.age')).exit, 0);
  t.deepEqual(await troubles(), []);

  writeFileSync(join(state, 'proof.db'), 'no database, and longer than the header of one '.repeat(40));
  const harmed = await backup('harmed.age');
  t.is(harmed.exit, 0, harmed.err);
  t.regex(harmed.err, /^warning: proof\.db is not in the backup: .*proof\.db does not agree with itself/m);
  t.regex(harmed.out, /: keys, fleet and configuration of malaga, without the root key/);
  const asJson = await backup('json.age', '--json');
  t.like(JSON.parse(asJson.out), { lacks: [{ file: 'proof.db', included: false, code: 'ledger-corrupt' }] });
  t.deepEqual(
    (await troubles()).map(({ code }) => code),
    ['ledger-corrupt', 'backup-incomplete'],
  );
  const there = join(folder, 'there');
  const restored = await tryProgram('collector', [
    ...['keys', 'restore', join(folder, 'harmed.age'), '--passphrase-file', passphrase],
    ...['--config', join(there, 'collector.yaml'), '--state-dir', join(there, 'state'), '--run-dir', join(there, 'run')],
  ]);
  t.is(restored.exit, 0, restored.err);

  await runProgram('collector', ['keys', 'list', '--config', config]);
  writeFileSync(join(state, 'proof.db'), '');
  t.is((await backup('again.age')).exit, 0);
  t.false((await troubles()).some(({ code }) => code === 'backup-incomplete'));
});
