import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { JOURNAL_FILE } from '@farola/agent/journal/journal.js';
import { parseToken } from '@farola/shared';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { counts, openStage, until } from '../../e2e/stage.js';
import { writeAgentConfig } from '../../fakes/agent-process.js';
import { filesIn, secretsIn } from '../../fakes/search-secrets.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** Every private key of a folder: the file, and the 32 bytes of the key itself. */
function privateKeys(folder: string): Record<string, Uint8Array> {
  const found: Record<string, Uint8Array> = {};
  for (const name of readdirSync(folder)) {
    const [pem] =
      /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(readFileSync(join(folder, name), 'latin1')) ?? [];
    if (pem === undefined) continue;
    found[`${name} as PEM`] = Buffer.from(pem.split('\n')[1] ?? '');
    const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
    found[`${name} as DER`] = der.subarray(16, 48);
  }
  return found;
}

const bundleOf = async (t: ExecutionContext, program: 'agent' | 'collector', ...args: string[]) => {
  const path = join(temporaryFolder(t), 'bundle.tar');
  const out = await runProgram(program, ['support-bundle', path, ...args]);
  t.is(statSync(path).mode & 0o777, 0o600);
  const tar = readFileSync(path);
  return { path, out, tar, files: filesIn(tar) };
};

test('bundles of both sides tell what is needed, and hold no secret of all that were planted', async (t) => {
  t.timeout(180_000);
  const stage = await openStage(t);
  const collector = await stage.startCollector();
  const words = await stage.enrol();
  const agent = stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 3, 'three rounds');
  const { agentConfig, collectorConfig } = stage.paths;
  const stateDir = join(stage.folder, 'agent');
  const token = parseToken(stage.token);
  const planted = Buffer.from('9f3c5be8016d4a72c8b1e05f7a2d94360be1c7f58da3624e19f0b85c3d7a6e21', 'hex');
  writeFileSync(join(stateDir, 'passphrase'), planted, { mode: 0o600 });
  writeFileSync(join(stage.folder, 'collector', 'keys', 'backup-passphrase'), planted);
  const secrets = {
    'identity.key': readFileSync(join(stateDir, 'identity.key')),
    'secret of the token': token.secret,
    'token': Buffer.from(stage.token.slice(20, 60)),
    'hash of the token': Buffer.from(
      (JSON.parse(readFileSync(join(stateDir, 'enrolment.json'), 'utf8')) as { tokenHash: string }).tokenHash,
      'hex',
    ),
    'passphrase': planted,
    ...privateKeys(join(stage.folder, 'collector', 'keys')),
  };
  t.true(Object.keys(secrets).length >= 13, Object.keys(secrets).join());
  await runProgram('collector', ['lcu', 'quarantine', LCU, '--reason', planted.toString('hex'), '--config', collectorConfig]);

  const ofAgent = await bundleOf(t, 'agent', '--config', agentConfig);
  t.deepEqual(secretsIn(ofAgent.tar, secrets), []);
  t.like(ofAgent.files['status.json'], { enrolment: { lcuId: LCU, collectorId: 'malaga' }, run: { lcuId: LCU } });
  const { enrolment } = ofAgent.files['status.json'] as { enrolment: object };
  t.deepEqual(Object.keys(enrolment).toSorted(), ['address', 'collectorId', 'lcuId', 'publicKey'], `not ${words}`);
  t.like(ofAgent.files['config.json'], { config: { sampleSeconds: 1, log: { level: 'info' } }, collector: { kept: null } });
  t.deepEqual(ofAgent.files['schemas.json'], { [JOURNAL_FILE]: 3 });
  t.true((ofAgent.files['journal.json'] as { entries: number }).entries > 0);
  const listed = JSON.stringify(ofAgent.files['files.json']);
  t.true(listed.includes('identity.key') && listed.includes('"0600"'));
  t.regex(ofAgent.out, /bundle\.tar: \d+ parts, \d+ bytes, without keys and tokens\n/);

  const ofCollector = await bundleOf(t, 'collector', '--config', collectorConfig);
  t.deepEqual(secretsIn(ofCollector.tar, secrets), []);
  t.like(ofCollector.files['status.json'], {
    collector: { collectorId: 'malaga', running: true },
    summary: { lcuCount: 1, quarantined: 1 },
  });
  t.like(ofCollector.files['counts.json'], { lcus: 1 });
  t.true((ofCollector.files['counts.json'] as { entriesStored: number }).entriesStored > 0);
  t.true((ofCollector.files['schemas.json'] as object[]).length >= 3);
  for (const name of ['versions.json', 'machine.json', 'folders.json', 'proof.json', 'disk.json', 'clock.json', 'unit.json'])
    t.truthy(ofCollector.files[name], name);
  t.like(ofCollector.files['running.json'], { connected: 1, refused: {} });
  t.like(ofCollector.files['proof.json'], { last: null, findings: [] });
  t.deepEqual(ofCollector.files['pushes.json'], []);
  const { keys, certificates } = ofCollector.files['keys.json'] as { keys: object[]; certificates: { to: string }[] };
  t.deepEqual([keys.length, certificates.map(({ to }) => Date.parse(to) > Date.now())], [3, [true, true]]);

  const again = await tryProgram('collector', ['support-bundle', ofCollector.path, '--config', collectorConfig]);
  t.deepEqual([again.exit, again.err.includes('is there already; nothing was changed')], [73, true]);
  t.deepEqual(readFileSync(ofCollector.path), ofCollector.tar);
  const agentAgain = await tryProgram('agent', ['support-bundle', ofAgent.path, '--config', agentConfig]);
  t.is(agentAgain.exit, 73);

  t.is(await agent.stop(), 0);
  t.is(await collector.stop(), 0);
  const stopped = await bundleOf(t, 'collector', '--config', collectorConfig);
  t.like(stopped.files['status.json'], { collector: { running: false } });
  t.like((await bundleOf(t, 'agent', '--config', agentConfig)).files['status.json'], { run: null });
  t.deepEqual(secretsIn(stopped.tar, secrets), []);
});

/** What a folder without a state, and no process, cannot tell. */
const NOT_THERE = [
  ['status.json', 'config-invalid'],
  ['counts.json', 'not-initialised'],
  ['running.json', 'collector-not-running'],
  ['keys.json', 'config-invalid'],
  ['pushes.json', 'not-initialised'],
].map((part) => part.join(' '));

test('a bundle says in its index and in its last lines that the log of the unit could not be read', async (t) => {
  const config = writeAgentConfig(temporaryFolder(t));
  const { out, files } = await bundleOf(t, 'agent', '--config', config);
  const { parts } = files['index.json'] as { parts: { name: string; missing: string | null }[] };
  const log = parts.find(({ name }) => name === 'log.json');
  // A machine that has the unit in its journal shows it.
  if (log?.missing === null) t.truthy(files['log.json']);
  else {
    const hint = 'docs/errors.md: service-log-unread';
    t.deepEqual(log, { name: 'log.json', bytes: null, missing: 'service-log-unread', hint });
    t.regex(out, /\nmissing: log\.json, service-log-unread\n/);
  }
});

test('a broken configuration costs a bundle the parts that need it, and says which and where', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder, 'password: hunter2-hunter2\nlog: { level: hunter3-hunter3 }');
  const { tar, files } = await bundleOf(t, 'agent', '--config', config, '--state-dir', join(folder, 'none'));
  t.like(files['config.json'], { missing: 'config-invalid' });
  t.true((files['config.json'] as { problems: string[] }).problems.some((place) => /^log\.level \(line \d+\)$/.test(place)));
  t.false(Buffer.from(tar).includes('hunter'));
  t.like(files['folders.json'], { assumed: true });

  const broken = join(folder, 'collector.yaml');
  writeFileSync(broken, 'collectorId: malaga\npublicAddress: hunter2-hunter2\n');
  const stateDir = join(folder, 'state');
  mkdirSync(stateDir);
  chmodSync(stateDir, 0o750);
  const ofCollector = await bundleOf(t, 'collector', '--config', broken, '--state-dir', stateDir, '--json');
  const { parts } = JSON.parse(ofCollector.out) as { parts: { name: string; missing: string | null }[] };
  t.deepEqual(
    parts.filter(({ name, missing }) => missing !== null && name !== 'log.json').map(({ name, missing }) => `${name} ${missing}`),
    NOT_THERE,
  );
  t.deepEqual(ofCollector.files['config.json'], { missing: 'config-invalid', problems: ['publicAddress (line 2)'] });
  t.false(ofCollector.tar.includes('hunter'));
  t.deepEqual(readdirSync(stateDir), [], 'nothing is made where nothing is');
});

test('a bundle that cannot be written is told in one line, and leaves nothing', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder);
  for (const program of ['agent', 'collector'] as const) {
    const { exit, err } = await tryProgram(program, ['support-bundle', join(folder, 'none', 'x.tar'), '--config', config]);
    t.true(exit !== 0 && /^error: [^\n]+\n(hint: [^\n]+\n)?$/.test(err), err);
  }
  t.false(readdirSync(folder).includes('none'));
});
