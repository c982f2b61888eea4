import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runProgram } from '#scripts/demo/programs.js';
import { checkJson } from '#scripts/docs/json/check-json.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('what commands did is one JSON object where that is asked', async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'collector.yaml');
  const did = async (...args: string[]): Promise<unknown> => {
    const out = await runProgram('collector', [...args, '--json', '--config', config]);
    checkJson('farola-collector', args, out);
    return JSON.parse(out) as unknown;
  };
  const keys = join(folder, 'state', 'keys');
  const places = ['--state-dir', join(folder, 'state'), '--run-dir', join(folder, 'run')];
  t.deepEqual(await did('init', '--id', 'malaga', '--address', 'wss://collector.example.org:8443', ...places), {
    collectorId: 'malaga',
    configPath: config,
    keysDir: keys,
    rootKeyPath: join(keys, 'root.key'),
  });
  t.like(await did('config', 'check'), { configPath: config, collectorId: 'malaga', pollSeconds: 300 });
  t.like(await did('lcu', 'add', 'malaga-0042', '--panel', 'alameda-7'), { lcuId: 'malaga-0042' });
  t.deepEqual(await did('panel', 'set', 'alameda-7', '--time-zone', 'Atlantic/Canary'), {
    panel: 'alameda-7',
    timeZone: 'Atlantic/Canary',
    ownTimeZone: true,
  });
  t.deepEqual(await did('lcu', 'retire', 'malaga-0042', '--reason', 'test'), { lcuId: 'malaga-0042', state: 'retired' });
  const made = await did('release', 'key', join(folder, 'release.key'));
  t.like(made, { path: join(folder, 'release.key') });
  t.deepEqual(await did('release', 'key', join(folder, 'release.key'), '--public'), made);
  const hash = 'ab'.repeat(32);
  t.deepEqual(await did('release', 'revoke', hash, '--reason', 'test', '--yes'), {
    codeHashes: [hash],
    mark: 'revoked',
    reason: 'test',
    lcuCount: 0,
  });
  t.like(await did('platform', 'add', hash, '--reason', 'test'), { platformHash: hash, mark: 'approved', lcuCount: 0 });
  const rotated = await did('keys', 'rotate', 'poll', '--root', join(keys, 'root.key'));
  t.like(rotated, { sequence: 2, keyNames: ['poll'] });
  t.deepEqual(await did('keys', 'rotate', '--switch'), { sequence: 3, missingLcuIds: [] });
  writeFileSync(join(folder, 'passphrase'), 'a passphrase that is long enough\n');
  const backup = join(folder, 'backup');
  t.like(await did('keys', 'backup', backup, '--passphrase-file', join(folder, 'passphrase')), {
    path: backup,
    collectorId: 'malaga',
    withRoot: false,
  });
});
